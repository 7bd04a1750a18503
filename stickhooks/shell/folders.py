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
ENVIRONMENTS: Final = (
    "venv", "env", "virtualenv", "miniconda3", "anaconda3", "miniforge3", "mambaforge", "go", "node",
)  # fmt: skip
TEMPORARY: Final = ("/tmp/", "/var/tmp/")
#: Windows's own folders, and those of what is installed there, on any drive.
_WINDOWS: Final = (
    "/windows/", "/program files", "/xampp/mysql/bin/", "/xampp/php/", "/xampp/apache/bin/", "/laragon/bin/",
    "/wamp64/bin/", "/msys64/usr/bin/", "/msys64/mingw64/bin/", "/programdata/chocolatey/bin/",
)  # fmt: skip
#: Where Windows puts the programs that one person installs, below that one's folder.
_OF_ONE_PERSON: Final = (
    "/appdata/local/programs/", "/appdata/roaming/npm/", "/appdata/local/microsoft/windowsapps/",
    "/scoop/shims/", "/scoop/apps/",
)  # fmt: skip


def is_program_folder(folder: str) -> bool:
    """Tell whether programs in a folder are what their names say: the system's, or installed ones.

    A project's own ``bin/test`` is none of those, nor is what lies in a folder for temporary files.
    """
    if folder in PROGRAM_FOLDERS or _is_of_windows(_on_drive(folder.lower()) + "/"):
        return True
    above, _, name = folder.rpartition("/")
    if name not in ("bin", "sbin", "Scripts") or folder.startswith(TEMPORARY):
        return False
    installed = any(part in ENVIRONMENTS or _is_hidden(part) for part in above.split("/"))
    return installed or above.startswith(INSTALLED)


def _is_of_windows(folder: str) -> bool:
    """Tell whether a folder has installed programs: Windows's own, or those of one person there."""
    return folder.startswith(_WINDOWS) or (
        folder.startswith("/users/") and any(one in folder for one in _OF_ONE_PERSON)
    )


def _on_drive(folder: str) -> str:
    """Return a folder without its drive, as Windows's shells type one: ``d:/x``, ``/d/x``, ``/mnt/d/x``."""
    folder = folder.removeprefix("/mnt")
    drive = folder[1:2] if folder.startswith("/") else folder[:1]
    typed = folder[:2] in (f"{drive}:", f"/{drive}")
    return folder[2:] if drive.isalpha() and typed else ""


def may_be_searched(folder: str, standing: tuple[str, ...]) -> bool:
    """Tell whether a folder may stand in PATH: it is not the shell's own, and nobody's scratch."""
    if is_program_folder(folder) or folder.endswith("/.bin"):
        return True
    if not folder.startswith("/") or (folder + "/").startswith(TEMPORARY):
        return False
    return not any((folder + "/").startswith(one.rstrip("/") + "/") for one in standing)


def _is_hidden(name: str) -> bool:
    return name.startswith(".") and name not in (".", "..")
