"""A shell in which git runs no hooks of ours: its environment leads git elsewhere, as Gemini CLI's does."""

from __future__ import annotations

from collections.abc import Mapping

from stickhooks.clients import CLIENTS
from stickhooks.errors import Next
from stickhooks.setup import client_hooks, scopes
from stickhooks.setup.client_places import Place
from stickhooks.setup.clients import PLACES
from stickhooks.system import homes
from stickhooks.workspace import git_environment, paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stickhooks.errors import Step


def client_of(env: Mapping[str, str]) -> Place | None:
    """Return the client whose shell this is, where that client leads git past the hooks."""
    told = [
        client.name for client in CLIENTS.values() if client.hookless and client.told_by(dict(env))
    ]
    return next((place for place in PLACES if place.name in told), None)


def lacking(workspace: paths.Workspace, env: Mapping[str, str]) -> tuple[str, Step]:
    """Return why nothing asks in this shell, and what to type; two ``""`` where the client's hook asks."""
    variable, place = git_environment.hooks_path_variable(env), client_of(env)
    if place is None:
        told = f"{variable} sets core.hooksPath in this shell: git runs no hooks of ours"
        return told, f"unset {variable}"
    everywhere = [scopes.of_tree(workspace)]
    if homes.home() is not None:
        everywhere.append(scopes.of_user())
    if any(client_hooks.has(scope, place) for scope in everywhere):
        return "", ""
    told = f"git runs no hooks in the shell of {place.title}, and {place.title} does not ask ours"
    return told, Next("init", "--only", place.short)


def covered(workspace: paths.Workspace, env: Mapping[str, str]) -> str:
    """Return what is so in such a shell where the client's own hook asks, ``""`` elsewhere."""
    place = client_of(env)
    if place is None or lacking(workspace, env)[0]:
        return ""
    return (
        f"git runs no hooks in the shell of {place.title}: its own hook judges your commits there"
    )
