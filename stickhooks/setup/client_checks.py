"""What is wrong with the hooks of coding clients: not there, not trusted, or not refusing."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from stickhooks.setup import (
    client_hooks,
    client_policies,
    client_probe,
    client_settings,
    jsonc,
    placing,
)
from stickhooks.setup.client_hooks import Scope
from stickhooks.setup.client_places import PLACES, PRE_EDIT, Hook, Place
from stickhooks.system import homes, text_files
from stickhooks.text import word
from stickhooks.workspace import paths

Wrong = tuple[str, str]  # what is wrong, and the command that mends it


def amiss(workspace: paths.Workspace, *, rooms: bool) -> Iterator[Wrong]:
    """Yield what is wrong, for this working tree and for the user.

    Where there are ``rooms`` every hook is called as its client would, and has to refuse.
    """
    scopes = [client_hooks.of_tree(workspace)]
    if homes.home() is not None:
        scopes.append(client_hooks.of_user())
    for place in PLACES if rooms else ():
        if client_hooks.is_here(scopes[0], place) and not any(_has(s, place) for s in scopes):
            told = f"{place.title} is used here, and no hook of ours asks before its edits"
            if mending := client_hooks.mending(place, scopes[0]):
                told += f": {scopes[0].path(place)} cannot be read"
            yield told, mending or _again(scopes[0], place)
    for scope in scopes:
        for placed in scope.manifest.placed:
            if placed.kind == "file" and text_files.read(Path(placed.path)) is None:
                yield f"{placed.path} is gone: every edit is refused", _again(scope)
        for place in PLACES:
            for path, hook in client_hooks.files(scope, place):
                if scope.manifest.find(path):
                    yield from _examine(scope, place, path, hook, workspace.root, rooms)


def _has(scope: Scope, place: Place) -> bool:
    return any(scope.manifest.find(path) for path, _ in client_hooks.files(scope, place))


def _again(scope: Scope, place: Place | None = None) -> str:
    only = f" --only {place.short}" if place else ""
    return f"stick init{'' if scope.workspace else ' --user'}{only}"


def _examine(
    scope: Scope, place: Place, path: Path, hook: Hook | None, root: str, rooms: bool
) -> Iterator[Wrong]:
    text = text_files.read(path)
    if text is None and place.kind in ("plugin", "script"):
        return  # told as a file that is gone
    again = _again(scope, place)
    try:
        if text is None or not _calls_us(place, text):
            yield f"{path} does not call our hook any more: edits are not refused", again
            return
        if client_hooks.content(scope, place, text, hook) != text:
            yield f"{path}: our entry in it is not what it was", again
    except ValueError as error:
        mending = client_hooks.mending(place, scope)
        yield f"{path}: {place.title} cannot read it: {error}", mending or again
        return
    if hook is not None and hook.name != PRE_EDIT:
        return
    yield from TRUST.get(place.name, _nothing)(scope, place, root)
    if rooms and place.kind != "line":
        wrong = client_probe.unproven(place, path, text, scope.folder, root)
        if wrong:
            yield f"{place.title}: the hook in {path} {wrong}", again


def _calls_us(place: Place, text: str) -> bool:
    if place.kind == "settings":
        return bool(client_settings.commands(place, text))
    return placing.is_ours(text)


# --- whether the client runs it at all


def _nothing(scope: Scope, place: Place, root: str) -> Iterator[Wrong]:
    return iter(())


def _claude(scope: Scope, place: Place, root: str) -> Iterator[Wrong]:
    """Find what turns hooks of Claude Code off: anybody's switch, or a company's policy."""
    mine = client_hooks.user_base(place)
    project = Path(root, ".claude")
    for path in (
        mine / "settings.json",
        mine / "settings.local.json",
        project / "settings.json",
        project / "settings.local.json",
    ):
        yield from _all_off(path)
    for path in client_policies.claude(mine):
        yield from _all_off(path)
        if _json(path).get("allowManagedHooksOnly") is True:
            told = (
                f"a policy lets Claude Code run managed hooks only: allowManagedHooksOnly in {path}"
            )
            yield f"{told}; edits are not refused", f"ask who administers {path}"


def _change(path: Path) -> str:
    """Return what to type where a file switches hooks off: who may write it may switch them on."""
    if os.access(path, os.W_OK):
        return f"${{EDITOR:-vi}} {word(str(path))}"
    return f"ask who administers {path}"


def _all_off(path: Path) -> Iterator[Wrong]:
    if _json(path).get("disableAllHooks") is True:
        yield f"{path} switches all hooks off: disableAllHooks", _change(path)


def _codex(scope: Scope, place: Place, root: str) -> Iterator[Wrong]:
    """Find hooks that Codex passes over: not trusted, or switched off."""
    config = client_hooks.user_base(place) / "config.toml"
    told = _toml(config)
    for path in (
        config,
        Path(root, ".codex", "config.toml"),
        *client_policies.codex(config.parent),
    ):
        features = _table(_toml(path), "features")
        if features.get("hooks") is False or features.get("codex_hooks") is False:
            yield f"{path} switches hooks off", _change(path)
    policy = client_policies.codex_requirements()
    if _toml(policy).get("allow_managed_hooks_only") is True:  # in config.toml it means nothing
        what = f"a policy lets Codex CLI run managed hooks only: {policy}; edits are not refused"
        yield what, f"ask who administers {policy}"
    real = os.path.realpath(scope.path(place))
    states = _table(told, "hooks", "state")
    ours = [_table(states, key) for key in states if key.startswith(f"{real}:pre_tool_use:")]
    if not any(state.get("trusted_hash") for state in ours):
        yield f"Codex CLI does not trust the hook in {real}, and passes over it", "codex  (/hooks)"
    elif any(state.get("enabled") is False for state in ours):
        yield f"Codex CLI: the hook in {real} is switched off", "codex  (/hooks)"
    if scope.workspace and _table(told, "projects", root).get("trust_level") != "trusted":
        yield f"Codex CLI does not trust {root}, and passes over its hooks", "codex"


def _table(told: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    """Return the table at some keys, empty where there is none or something else."""
    for key in keys:
        found = told.get(key)
        told = found if isinstance(found, dict) else {}
    return told


def _gemini(scope: Scope, place: Place, root: str) -> Iterator[Wrong]:
    own = (client_hooks.user_base(place) / place.user, Path(root, place.project))
    system, defaults = client_policies.gemini()
    said = [path for path in (*own, system) if _says_hooks(path)]
    for path in said or [defaults]:  # defaults are what nobody else says anything about
        tools = _table(_json(path), "tools")
        if tools.get("enableHooks") is False:
            yield f"{path} switches all hooks off: tools.enableHooks", _change(path)
        config = _table(_json(path), "hooksConfig")
        disabled = config.get("disabled")
        if config.get("enabled") is False or (isinstance(disabled, list) and "stick" in disabled):
            yield f"{path} switches our hook off: hooksConfig", _change(path)


def _says_hooks(path: Path) -> bool:
    told = _json(path)
    return "hooksConfig" in told or "enableHooks" in _table(told, "tools")


def _copilot(scope: Scope, place: Place, root: str) -> Iterator[Wrong]:
    """Find a project that Copilot does not trust: hooks of the user run all the same."""
    home = client_hooks.user_base(place)
    trusted: list[object] = []
    project = [
        Path(root, ".github/copilot", name) for name in ("settings.json", "settings.local.json")
    ]
    for path in (*project, *client_policies.copilot()):
        yield from _all_off(path)
    for path in (home / "config.json", home / "settings.json"):
        told = _json(path)
        yield from _all_off(path)
        for key in ("trusted_folders", "trustedFolders"):
            found = told.get(key)
            trusted += found if isinstance(found, list) else []
    if scope.workspace and not any(paths.is_inside(root, str(folder)) for folder in trusted):
        yield f"Copilot CLI does not trust {root}, and passes over its hooks", "stick init --user"


TRUST: Final[Mapping[str, Callable[[Scope, Place, str], Iterator[Wrong]]]] = {
    "claude-code": _claude,
    "codex": _codex,
    "gemini": _gemini,
    "copilot": _copilot,
}


def _json(path: Path) -> Mapping[str, Any]:
    """Return an object from a file of a client, empty where there is none that can be read."""
    try:
        found = jsonc.parse(text_files.read(path) or "{}").value
    except (ValueError, OSError):
        return {}
    return found if isinstance(found, dict) else {}


def _toml(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError):
        return {}
