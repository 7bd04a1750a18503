"""How much longer a tool of a packaged client takes with our hooks, as its model feels it.

    PATH=…/node_modules/.bin:$PATH python -m tests.stress.real_felt [NAME …]

Two trees, one without hooks; calls take turns among the sessions, so that what else the machine does
falls on all of them. From the model's call to its next question, medians in milliseconds, and in
starts of a bare interpreter in the same run.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from .live_client import CLIENTS
from .live_tree import need
from .real_clients import tree

TIMES: Final = 15
FILE: Final = "felt.txt"


def felt(name: str) -> dict[str, float]:
    """Return the medians of a reading command and an edit: without hooks, and what these add."""
    with tree(hooks=False) as bare, tree() as guarded:
        free = bare.session(name, install=False)
        holder, other = guarded.pair(name)
        for live in (free, holder):
            live.write(FILE)
        took: dict[str, list[float]] = {}
        for i in range(TIMES):
            took.setdefault("start", []).append(_ms(_start))
            for label, live in (("read", free), ("read, hooks", other)):
                took.setdefault(label, []).append(_ms(partial(live.shell, "cat app.txt")))
            old, new = (f"v{i}" if i else "new"), f"v{i + 1}"
            for label, live in (("edit", free), ("edit, hooks", holder)):
                took.setdefault(label, []).append(_ms(partial(live.change, FILE, old, new)))
                need((live.repo / FILE).read_text() == f"{new}\n", f"{label}: it did not edit")
    return {label: statistics.median(each) for label, each in took.items()}


def _ms(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def _start() -> None:
    subprocess.run([sys.executable, "-I", "-S", "-c", ""], check=True)


def main(names: list[str]) -> int:
    for name in names or ["claude", "codex"]:
        if shutil.which(CLIENTS[name].command[0]) is None:
            print(f"{name}: skipped, it is not on the PATH")
            continue
        took = felt(name)
        for what in ("read", "edit"):
            bare, hooks = took[what], took[f"{what}, hooks"]
            more = f"+{hooks - bare:.0f} ms, {(hooks - bare) / took['start']:.1f} starts"
            print(f"{name} {what}: {bare:.0f} ms, with hooks {hooks:.0f}: {more}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
