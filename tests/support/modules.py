"""The modules of the package by their dotted names, and those that a start of the gate may load."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import stickhooks

PACKAGE = Path(stickhooks.__file__).parent
MODULES = {
    path.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", "."): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
FOLDERS = {name.removesuffix(".__init__") for name in MODULES if name.endswith(".__init__")}
GATE = {
    "hook",
    "system.lexical",
    "store.layout",
    "workspace.hook_names",
    "handlers.git_hook",
    "fast.os",
    "fast.bare_os",
    "fast.bundle",
    "handlers.common",
    "handlers.git_commit",
    "handlers.git_transaction",
    "workspace.refs",
    "gate.cache",
    "handlers.undo_hints",
    "handlers.git_after",
    "handlers.git_receive",
    "handlers.client_edit",
    "handlers.editor_save",
    "handlers.client_command",
    "gate.reach",
    "system.deadline",
    "gate.decision",
    "gate.messages",
    "gate.standing",
    "gate.asked",
    "gate.parts",
    "store.schema_parts",
    "text",
    "identity.resolver",
    "system.processes",
    "identity.liveness",
    "workspace.paths",
    "store.reader",
    "store.crowd",
    "system.folder",
    "store.schema",
    "fast.json",
    "system.clock",
    "protocol.phases",
    "errors",
    "store.activity",
    "operations.obligations",
    "views.nearby",
    "cli.completion_names",
    "cli.prompt_parser",
    "views.statusline",
    *(name for name in MODULES if name.split(".")[0] == "clients"),
}
HEAVY = {
    "json", "re", "typing", "dataclasses", "enum", "typer", "click", "filelock", "psutil",
    "subprocess", "pathlib", "collections", "functools", "contextlib", "asyncio", "logging",
}  # fmt: skip


def copy_of_the_package(folder: Path) -> Path:
    """Make a copy of the package as a wheel has it, with its bundle, and return its path."""
    copy = folder / "stickhooks"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(PACKAGE.parent / "hooks", copy / "hooks", dirs_exist_ok=True)
    path = f"import sys; sys.path.insert(0, {str(folder)!r})"
    code = f"{path}; from stickhooks.fast import build; assert build.refresh()"
    subprocess.run([sys.executable, "-I", "-c", code], check=True)
    return copy
