"""Codex CLI: where its hooks lie, what keeps it from asking them, what it blocks on."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from stickhooks.setup.client_places import FOREIGN, SLOW, Answer, Place, Wrong
from stickhooks.setup.client_switches import change, policies, table, toml_of
from stickhooks.setup.scopes import Scope


def _blocks(answer: Answer) -> bool:
    """Codex passes over an exit 2 without words, and JSON with a key it does not know."""
    if answer.code == 2:
        return bool(answer.err.strip())
    decision = table(answer.json, "hookSpecificOutput")
    known = set(answer.json) <= {"hookSpecificOutput", "systemMessage"}
    reason = decision.get("permissionDecisionReason")
    return (
        answer.code == 0 and known and decision.get("permissionDecision") == "deny" and bool(reason)
    )


def _trust(scope: Scope, place: Place, root: str) -> Iterator[Wrong]:
    """Find hooks that Codex passes over: not trusted, or switched off."""
    config = place.user_base() / "config.toml"
    settings, base = toml_of(config), _policies()
    # developers.openai.com/codex/enterprise/managed-configuration; on Windows the older
    # ``managed_config.toml`` lies beside the user's own.
    older = config.parent if os.name == "nt" else base
    policy = base / "requirements.toml"
    for path in (
        config, Path(root, ".codex", "config.toml"),
        older / "managed_config.toml", base / "config.toml", policy,
    ):  # fmt: skip
        told = toml_of(path)
        if _hookless(told):
            yield f"{path} switches hooks off", change(path)
        for name in table(told, "profiles"):
            if _hookless(table(told, "profiles", name)):
                yield f"{path} switches hooks off in the profile {name}", change(path)
    # It alone may restrict Codex to managed hooks (openai/codex, docs/config.md).
    if toml_of(policy).get("allow_managed_hooks_only") is True:
        what = f"a policy lets Codex CLI run managed hooks only: {policy}; edits are not refused"
        yield what, f"ask the administrator of {policy}"
    real = os.path.realpath(scope.path(place))
    states = table(settings, "hooks", "state")
    ours = [table(states, key) for key in states if key.startswith(f"{real}:pre_tool_use:")]
    if not any(state.get("trusted_hash") for state in ours):
        yield f"Codex CLI does not trust the hook in {real}, and passes over it", _BY_USER
    elif any(state.get("enabled") is False for state in ours):
        yield f"Codex CLI: the hook in {real} is switched off", _BY_USER
    if scope.workspace and table(settings, "projects", root).get("trust_level") != "trusted":
        trust = "ask the person who uses Codex CLI here to start it and to trust this folder"
        yield f"Codex CLI does not trust {root}, and passes over its hooks", trust


def _hookless(told: Mapping[str, object]) -> bool:
    features = table(told, "features")
    return features.get("hooks") is False or features.get("codex_hooks") is False


#: Codex asks its user at a terminal, and an agent that types ``codex`` starts another agent.
_BY_USER = "ask the person who uses Codex CLI here to type /hooks in it"


def _policies() -> Path:
    return policies("/etc/codex", "/etc/codex", "*OpenAI\\Codex")


def _edit(path: str) -> tuple[str, dict[str, str]]:
    patch = f"*** Begin Patch\n*** Update File: {path}\n@@\n-a\n+b\n*** End Patch\n"
    return "apply_patch", {"command": patch}


PLACE = Place(
    2, "codex", "codex", "Codex CLI", ("codex",), (".codex",),
    project=".codex/hooks.json",
    user="hooks.json", home=".codex", moved_by="CODEX_HOME",
    nested=True, fixed={"type": "command"},
    lets=(
        "everything until you trust the hook: type `/hooks` in codex",
        "`--disable hooks`", SLOW, FOREIGN,
        "what is typed into a shell that was opened while you held the stick: Codex asks nobody about"
        " `write_stdin` so far",  # github.com/openai/codex/issues/46372
    ),
    lets_of_project=("everything where you do not trust the project",),
    switches=(
        "--disable hooks", "--disable=hooks", "-c features.hooks=false", "--config features.hooks=false",
    ),
    edit=_edit, blocks=_blocks, trust=_trust,
)  # fmt: skip
