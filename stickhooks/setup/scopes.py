"""Where things of ours are installed: in one working tree, or for the user."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from stickhooks.setup.client_places import Place
from stickhooks.setup.placing import Manifest
from stickhooks.setup.templates import filled
from stickhooks.store import layout
from stickhooks.system import homes
from stickhooks.workspace import paths


@dataclass(frozen=True)
class Scope:
    """Where hooks are installed: in one working tree, or, without a workspace, for the user.

    ``folder`` is where our launchers lie, ``manifest`` what is in place.
    """

    manifest: Manifest
    folder: Path
    workspace: paths.Workspace | None

    def path(self, place: Place) -> Path:
        """Return a client's own settings file, or the one we make for its edits."""
        if self.workspace is not None:
            return Path(self.workspace.root, place.project)
        return place.user_base() / place.user

    def launcher(self, name: str) -> str:
        root = anchor = ""
        if self.workspace is not None:
            root, anchor = self.workspace.root, str(self.folder / layout.ANCHOR)
        return filled(name, ROOT=root, ANCHOR=anchor)


def of_tree(workspace: paths.Workspace) -> Scope:
    base = workspace.git_dir or os.path.join(workspace.root, layout.FOLDER)
    folder = Path(base, layout.GIT_FOLDER)
    bases = {"git": base, "tree": workspace.root}
    return Scope(Manifest(folder / layout.INSTALLED, bases), folder, workspace)


def of_user() -> Scope:
    folder = user_folder()
    bases = {"data": str(folder), "home": str(homes.needed()), "root": os.sep}
    return Scope(Manifest(folder / layout.INSTALLED, bases), folder, None)


def of_all(workspace: paths.Workspace) -> list[Scope]:
    """Return where hooks for a working tree may be: in it, and where there is a home, of the user."""
    return [of_tree(workspace), *([of_user()] if homes.home() is not None else [])]


def user_folder() -> Path:
    return homes.data() / layout.GIT_FOLDER
