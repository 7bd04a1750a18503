"""The one door of the program: runs a command, and turns whatever comes of it into an exit code."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run ``stick`` with the arguments of this process, and exit with the documented code."""
    from stickhooks.cli import run

    sys.exit(run(sys.argv[1:], dict(os.environ)))


if __name__ == "__main__":
    main()
