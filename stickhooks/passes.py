"""What the gate allowed to one git process, so that its later hooks need not ask again.

One commit runs up to seven hooks. The first that asks the gate leaves a note in the git dir:
which process asked, and the first line of the room's state as it was read. The others
compare both in ``sh``. A turn that was taken since, or anything else that was written in the
room, makes the note void; so does another process that got the same pid, where ``/proc``
shows when it started.
"""

import os

from stickhooks import check, disk, processes
from stickhooks.folder import Folder, write_all

NAME = "pass"


def leave(verdict: check.Verdict, git_pid: str) -> None:
    """Note that a git process may write all of a workspace: only one whole room can say so.

    Where something had to be written down first, the next hook asks again. A note that
    cannot be written is done without.
    """
    ruling = verdict.allowed[0] if len(verdict.allowed) == 1 else None
    if ruling is None or ruling.raw is None or ruling.room or ruling.wrote:
        return
    seen = processes.see(int(git_pid)) if git_pid.isdigit() else None
    git_dir = ruling.workspace.git_dir
    if seen is None or git_dir is None:
        return
    line = f"{git_pid} {seen.start} {disk.first_line(ruling.raw)}\n"
    try:
        with Folder.open(os.path.join(git_dir, disk.ANCHOR_FOLDER)) as folder:
            fd = folder.file(NAME, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            try:
                write_all(fd, line.encode())
            finally:
                os.close(fd)
    except OSError:
        return
