"""Folders of programs: which of them hold installed programs, that are what their names say."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Programs in these folders are what their names say.
PROGRAM_FOLDERS: Final = (
    "/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/opt/homebrew/bin", "/snap/bin",
)  # fmt: skip
#: Below these are installed programs, and in folders of these names, or hidden ones (``.venv``).
INSTALLED: Final = ("/usr/", "/opt/", "/nix/", "/home/linuxbrew/", "/Library/", "/Applications/")
ENVIRONMENTS: Final = ("venv", "env", "virtualenv", "miniconda3", "anaconda3", "go", "node")
TEMPORARY: Final = ("/tmp/", "/var/tmp/")
#: Windows's own folders, as its paths are typed in the shells there.
_WINDOWS: Final = tuple(
    drive + name
    for drive in ("c:", "/c", "/mnt/c")
    for name in (
        "/windows/",
        "/program files",
        "/xampp/mysql/bin/",
        "/msys64/usr/bin/",
        "/programdata/chocolatey/bin/",
    )
)


def is_program_folder(folder: str) -> bool:
    """Tell whether programs in a folder are what their names say: the system's, or installed ones.

    A project's own ``bin/test`` is none of those, nor is what lies in a folder for temporary files.
    """
    if folder in PROGRAM_FOLDERS or (folder.lower() + "/").startswith(_WINDOWS):
        return True
    above, _, name = folder.rpartition("/")
    if name not in ("bin", "sbin", "Scripts") or folder.startswith(TEMPORARY):
        return False
    installed = any(part in ENVIRONMENTS or _is_hidden(part) for part in above.split("/"))
    return installed or above.startswith(INSTALLED)


def may_be_searched(folder: str, standing: tuple[str, ...]) -> bool:
    """Tell whether a folder may stand in PATH: it is not the shell's own, and nobody's scratch."""
    if is_program_folder(folder) or folder.endswith("/.bin"):
        return True
    if not folder.startswith("/") or (folder + "/").startswith(TEMPORARY):
        return False
    return not any((folder + "/").startswith(one.rstrip("/") + "/") for one in standing)


def _is_hidden(name: str) -> bool:
    return name.startswith(".") and name not in (".", "..")
