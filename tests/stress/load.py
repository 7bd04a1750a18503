"""Make a machine busy: so many processes that compute and write, until Ctrl-C, or so many seconds.

    python -m tests.stress.load 20                # twenty of them
    python -m tests.stress.load 20 --seconds 600
    python -m tests.stress.load 20 -- python -m pytest tests/cli/test_cli.py    # while a command runs

On two cores twenty of them leave a test a tenth of a core. The tests must pass then: what they
wait for is an event, and a limit of time only ends what hangs.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from multiprocessing import Event, Process
from multiprocessing.synchronize import Event as Bell

PIECE = 200_000  # rounds of computing between two looks at the bell: some ten milliseconds


def busy(end: Bell, folder: str) -> None:
    """Compute, and now and then write something that has to reach the disk, until the bell rings."""
    parent = os.getppid()
    with tempfile.TemporaryFile(dir=folder) as file:
        while not end.is_set() and os.getppid() == parent:
            sum(range(PIECE))
            file.seek(0)
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())


def main(arguments: Sequence[str]) -> int:
    words = list(arguments)
    at = words.index("--") if "--" in words else len(words)
    command = words[at + 1 :]
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("processes", type=int, nargs="?", default=20)
    parser.add_argument("--seconds", type=float, default=0.0, help="end by itself")
    given = parser.parse_args(words[:at])
    end = Event()
    with tempfile.TemporaryDirectory(prefix="load-") as folder:
        busy_ones = [Process(target=busy, args=(end, folder)) for _ in range(given.processes)]
        for one in busy_ones:
            one.start()
        try:
            return _during(command, given.seconds)
        except KeyboardInterrupt:
            return 130
        finally:
            end.set()
            for one in busy_ones:
                one.join()


def _during(command: Sequence[str], seconds: float) -> int:
    """Run a command, or wait for so many seconds; without both, for ever."""
    if command:
        return subprocess.run(command, check=False).returncode
    if seconds:
        time.sleep(seconds)
        return 0
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
