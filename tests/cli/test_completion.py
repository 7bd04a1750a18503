"""Completion, asked in real shells: what they offer is what the program knows."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stickhooks.cli import completion, completion_names
from stickhooks.cli.app import app
from stickhooks.cli.command import COMMON, VERBS, Verb
from stickhooks.operations import policy
from stickhooks.setup import init
from stickhooks.setup.editors import EDITORS
from stickhooks.store import layout
from stickhooks.views import statusline
from tests.support.editing import Site, Terminal, need, site_for
from tests.support.shells import Shell, difference, snapshot

HOSTILE = "x$(touch pwned)`touch pwned`'\";y"
BASH = """
source {script}
COMP_LINE={line} COMP_POINT=${{#COMP_LINE}}
_stick stick '' ''
for reply in "${{COMPREPLY[@]}}"; do printf '%s\\n' "$reply"; done
"""

Ask = Callable[[str], list[str]]


@pytest.fixture(scope="module", params=["me"])
def site(request: pytest.FixtureRequest, template: Path) -> Iterator[Site]:
    for made in site_for(request.param, template):
        made.bob.stick("join --new services/web").ok()
        for name in ("claude:1a2b3c4d", "eve the second", HOSTILE):
            made.person().stick(f"join --as {shlex.quote(name)}").ok()
        yield made


def script(site: Site, shell: str) -> Path:
    """Return the script for a shell, as it was printed."""
    name = site.base / f"stick.{shell}"
    name.write_text(site.ada.stick(f"completion {shell}").ok().out)
    return name


@pytest.fixture(params=["bash", "fish"])
def ask(request: pytest.FixtureRequest, site: Site) -> Ask:
    """Return a function that asks a real shell what may follow a line."""
    need(request.param)
    name = script(site, request.param)
    return {"bash": bash, "fish": fish}[request.param](site.ada, name)


def bash(shell: Shell, name: Path) -> Ask:
    def asked(line: str) -> list[str]:
        source = BASH.format(script=shlex.quote(str(name)), line=shlex.quote(line))
        result = shell.run(f"bash -uc {shlex.quote(source)}").ok()
        assert not result.err
        return result.out.splitlines()

    return asked


def fish(shell: Shell, name: Path) -> Ask:
    def asked(line: str) -> list[str]:
        source = f"source {shlex.quote(str(name))}; complete -C {shlex.quote(line)}"
        result = shell.run(f"fish --no-config -c {shlex.quote(source)}").ok()
        assert not result.err
        return [offer.split("\t")[0] for offer in result.out.splitlines()]

    return asked


# --- what is offered


def test_every_verb_is_offered(ask: Ask) -> None:
    assert set(ask("stick ")) == {str(c.name) for c in app.registered_commands} - {"hook"}
    assert ask("stick hando") == ["handoff"]


@pytest.mark.parametrize("verb", VERBS.values(), ids=lambda verb: verb.name)
def test_every_option_of_every_verb_is_offered_with_its_help(verb: Verb) -> None:
    offered = completion.offers([verb.name, "-"])[1]
    for option in (*verb.options.values(), *COMMON.values()):
        assert not option.flags or offered[option.flags[0]] == option.help
    assert "--help" in offered


def test_a_value_behind_the_equals_sign_is_offered(ask: Ask) -> None:
    assert ask("stick check --for=ed") in (["editor"], ["--for=editor"])
    assert completion.offers(["take", "--why="]) == ("", {})


def test_options_are_those_of_the_verb(ask: Ask) -> None:
    found = ask("stick release --")
    assert {"--status", "--next", "--artifact", "--stdin", "--room", "--help"} <= set(found)
    assert "--why" not in found


def test_members_are_offered_where_a_member_is_meant(ask: Ask) -> None:
    for line in ("stick handoff ", "stick take --as "):
        assert {"ada", "bob"} <= set(ask(line))
    assert ask("stick handoff b") == ["bob"]
    assert ask("stick --as") != ["ada"]


def test_rooms_are_offered_as_they_would_be_typed(ask: Ask) -> None:
    assert "services/web" in ask("stick take --room ")


def test_settings_and_their_values_are_offered(ask: Ask) -> None:
    assert set(ask("stick policy ")) == set(policy.NAMES)
    assert set(ask("stick policy reserve ")) == {"waiters", "order"}
    assert set(ask("stick policy on_idle ")) == {"refuse", "claim"}
    assert ask("stick policy owner_lease_ttl ") == []


def test_editors_clients_and_formats_are_offered(ask: Ask) -> None:
    assert set(ask("stick editor ")) == set(EDITORS)
    assert set(ask("stick init --only ")) == set(init.PARTS)
    assert ask("stick init --only git,cla") == ["git,claude"]
    assert set(ask("stick check --for ")) == {"git", "editor"}
    assert set(ask("stick statusline --format ")) == set(statusline.FORMATS)


def test_files_are_offered_where_a_file_is_meant(ask: Ask) -> None:
    assert ask("stick check --path app") == ["app.py"]
    assert ask("stick release --artifact app") == ["app.py"]


def test_ones_own_words_are_ones_own(ask: Ask) -> None:
    for line in ("stick take --why ", "stick wait --timeout ", "stick takeover --reason "):
        assert ask(line) == []


def test_an_option_and_its_value_take_no_place(ask: Ask) -> None:
    assert "bob" in ask("stick handoff --status done ")


def test_a_hostile_name_is_offered_as_one_word_and_never_run(ask: Ask, site: Site) -> None:
    before = snapshot(site.root)
    offered = [offer for offer in ask("stick handoff x") if "touch" in offer]
    assert len(offered) == 1
    assert not difference(before, snapshot(site.root))


def test_bash_goes_on_after_the_colon_that_it_takes_for_the_end_of_a_word(site: Site) -> None:
    need("bash")
    asked = bash(site.ada, script(site, "bash"))
    assert asked("stick handoff claude:1a") == ["1a2b3c4d"]
    assert asked("stick handoff eve") == ["eve\\ the\\ second"]


def test_zsh_completes_verbs_members_options_and_values(site: Site) -> None:
    need("zsh", "tmux")
    terminal = Terminal(site)
    try:
        terminal.type("exec zsh -f")
        terminal.type(f"autoload -Uz compinit; compinit -u -D; source {script(site, 'zsh')}")
        terminal.type("PROMPT='%% '; clear; echo re''ady")
        terminal.see("ready")
        typed = {
            "stick hand": "stick handoff",
            "stick handoff bo": "stick handoff bob",
            "stick handoff cl": "stick handoff claude:1a2b3c4d",
            "stick handoff ev": "stick handoff eve\\ the\\ second",
            "stick take --roo": "stick take --room",
            "stick take --room services/w": "stick take --room services/web",
            "stick policy reserve wa": "stick policy reserve waiters",
            "stick policy on": "stick policy on_idle",
            "stick editor em": "stick editor emacs",
            "stick init --only gi": "stick init --only git",
            "stick check --path READ": "stick check --path README",
            "stick statusline --format st": "stick statusline --format starship",
        }
        for line, whole in typed.items():
            terminal.tmux(f"send-keys -l {shlex.quote(line)}")
            terminal.keys("Tab")
            terminal.see(f"% {whole}")
            terminal.keys("C-u", "C-l")
            terminal.gone(whole)
    finally:
        terminal.close()


# --- where it comes from


def test_every_kind_of_value_is_one_that_is_known() -> None:
    plain = {
        completion.TEXT, completion.FILES, completion.FOLDERS, completion.POLICY_VALUE,
        *completion_names.KINDS,
    }  # fmt: skip
    for verb in VERBS.values():
        for option in (*verb.options.values(), *COMMON.values()):
            kind = option.offers() if callable(option.offers) else option.offers
            assert kind in plain or kind.partition(":")[0] in ("words", "list"), verb.name


def test_what_cannot_be_completed_is_silent(site: Site) -> None:
    for line in ("nonsense x", "take --why", ""):
        assert not site.ada.stick(f"__offers {line} ''").ok().err
    (told,) = site.ada.stick("__offers nonsense ''").ok().out.splitlines()
    assert told == ""


def test_names_are_told_a_line_each_and_rooms_from_where_one_stands(site: Site) -> None:
    told = site.ada.stick("__names members").ok().out.splitlines()
    assert told == ["bob", "ada", "claude:1a2b3c4d", "eve the second", HOSTILE]
    assert site.ada.stick("__names rooms").ok().out.splitlines() == ["services/web"]
    inside = site.ada.run("stick __names rooms", cwd=site.root / "services").ok().out
    assert inside.splitlines() == [str(site.root), "web"]


def test_names_are_silent_where_there_is_no_room_or_none_that_can_be_read(site: Site) -> None:
    nowhere = site.outside().parent
    for what in ("members", "rooms"):
        result = site.ada.run(f"stick __names {what}", cwd=nowhere).ok()
        assert not result.text
    state = site.root / ".talking-stick" / layout.state_name("")
    kept = state.read_bytes()
    state.write_text("{")
    try:
        assert not site.ada.stick("__names members").ok().text
    finally:
        state.write_bytes(kept)


def test_names_of_anything_else_are_no_command(site: Site) -> None:
    for arguments in ("__names", "__names nonsense", "__names members more"):
        site.ada.stick(arguments).fails(2, "No such command")


def test_an_unknown_shell_is_refused_with_those_that_are_known(site: Site) -> None:
    site.ada.stick("completion tcsh").fails(2, "bash, zsh, fish", "stick completion bash")
