"""Measure every speed of the goals, and print a table of what was measured beside what is wanted.

    python -m tests.bench [--rounds N] [--only WORD] [--json FILE] [--python PATH]

Each thing is measured beside what it is compared with, once a round, in turn: trust the ratios,
and only those of one run. CPU is the same ratio in processor time, children included. stick
is installed from a wheel into a temporary environment first (an editable install costs every
start more); with ``--python`` the one beside that interpreter is taken as it is. Needs Linux.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from . import (
    before_hook,
    commits,
    contention,
    gate,
    growth,
    idle,
    kept,
    on_etcd,
    on_git,
    verbs,
    waking,
)
from .figures import Row, table
from .ground import Ground

Measure = Callable[[Ground, int], Iterable[Row]]
ROWS: Final[Mapping[str, Measure]] = {
    "gate": gate.installed,
    "seldom": gate.seldom,
    "counted": gate.counted,
    "parts": gate.parted,
    "rooms": gate.rooms,
    "no-room": gate.without_a_room,
    "commit": commits.added,
    "before-hook": before_hook.added,
    "large": gate.large,
    "verbs": verbs.whole,
    "lock-8": partial(contention.rows, number=8),
    "lock-32": partial(contention.rows, number=32),
    "wake": waking.handoff,
    "idle": idle.waiters,
    "growth": growth.with_history,
    "events": growth.reading,
    "kept": kept.snapshots,
    "after": kept.after_the_answer,
    "engine": gate.on_engine,
    "git": on_git.rows,
    "etcd": on_etcd.rows,
}


def machine() -> dict[str, object]:
    """Say on what, when, and beside how much else it was measured."""
    git = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout
    cpuinfo = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in cpuinfo if line.startswith("model name")]
    return {
        "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "system": platform.platform(),
        "processors": f"{os.cpu_count()} x {names[0] if names else platform.machine()}",
        "python": platform.python_version(),
        "git": git.split()[-1],
        "load": os.getloadavg()[0],
    }


def measured(ground: Ground, names: Sequence[str], rounds: int) -> list[Row]:
    rows: list[Row] = []
    for name in names:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        rows += ROWS[name](ground, rounds)
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--only", action="append", choices=ROWS, help="may be given again")
    parser.add_argument("--json", type=Path, help="write the rows to this file as well")
    parser.add_argument("--python", type=Path, help="measure the stick beside this interpreter")
    given = parser.parse_args(arguments)
    told = machine()
    with Ground(Path(tempfile.mkdtemp(prefix="bench-")), given.python) as ground:
        rows = measured(ground, given.only or list(ROWS), given.rounds)
    told["load at the end"] = os.getloadavg()[0]
    print(", ".join(f"{key} {value}" for key, value in told.items()), f"{given.rounds} rounds")
    print(table(rows))
    if given.json:
        listed = [dict(vars(row), met=row.met) for row in rows]
        given.json.write_text(json.dumps({**told, "rows": listed}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
