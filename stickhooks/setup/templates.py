"""What we ship for other people's places: the files of ``hooks/``, filled in."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

FOLDER: Final = "hooks"


def filled(name: str, quote: Callable[[str], str] = shlex.quote, **values: str) -> str:
    """Return a file of ``hooks/``, pointing at this interpreter and this package.

    ``quote`` makes a string of the file's language of a value.
    """
    values = {"PYTHON": os.path.abspath(sys.executable), "GATE": gate(), **values}
    return fill(template(name), **{key: quote(value) for key, value in values.items()})


def fill(text: str, **values: str) -> str:
    """Return a text with ``@KEY@`` replaced by the value of each key, as it is."""
    for key, value in values.items():
        text = text.replace(f"@{key}@", value)
    return text


def gate() -> str:
    """Return the file that installed hooks run."""
    return os.path.abspath(Path(__file__).parent.with_name("hook.py"))


def template(name: str) -> str:
    """Return a file of ``hooks/``: inside the package when installed, beside it in a checkout."""
    package = Path(__file__).parent.parent
    for folder in (package / FOLDER, package.parent / FOLDER):
        if (folder / name).is_file():
            return (folder / name).read_text()
    raise FileNotFoundError(f"{FOLDER}/{name} is missing from this installation of stickhooks")
