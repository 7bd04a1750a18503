"""What the gate allowed to one git process, so that its later hooks need not ask again.

One commit runs up to seven hooks. The first that asks the gate leaves a note in the git dir:
which process asked, and the first line of the room's state as it was read. The others
compare both in ``sh``. A turn that was taken since, or anything else that was written in the
room, makes the note void; so does another process that got the same pid, where ``/proc``
shows when it started.
"""

import os

from stickhooks import check, disk, paths, processes
from stickhooks.folder import Folder, write_all

NAME = "pass"


def leave(verdict: check.Verdict, git_pid: str) -> None:
    """Note that a git process may write all of a workspace: only one whole room can say so.

    Where something had to be written down first, the next hook asks again. A note that
    cannot be written is done without.
    """
    ruling = verdict.allowed[0] if len(verdict.allowed) == 1 else None
    if ruling is not None and ruling.raw is not None and not (ruling.room or ruling.wrote):
        _note(ruling.workspace.git_dir, git_pid, disk.first_line(ruling.raw))


def refuse(git_dir: "str | None", git_pid: str, hook: str) -> None:
    """Note a refusal where the same hook stands in git's configuration as well: once is enough."""
    if git_dir is None:
        return
    twins = os.path.join(paths.common_dir_of(git_dir), disk.ANCHOR_FOLDER, "hooks")
    if os.path.isdir(twins):
        _note(git_dir, git_pid, f"refused {hook}")


def _note(git_dir: "str | None", git_pid: str, what: str) -> None:
    seen = processes.see(int(git_pid)) if git_pid.isdigit() else None
    if seen is None or git_dir is None:
        return
    try:
        with Folder.open(os.path.join(git_dir, disk.ANCHOR_FOLDER)) as folder:
            fd = folder.file(NAME, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            try:
                write_all(fd, f"{git_pid} {seen.start} {what}\n".encode())
            finally:
                os.close(fd)
    except OSError:
        return
