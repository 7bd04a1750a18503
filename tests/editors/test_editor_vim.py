"""Vim and Neovim: no way of saving gets past the gate, and nothing else about saving changes."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.editing import (
    ACCOUNTS,
    AS_ME,
    AS_NOBODY,
    HANDOFF,
    Site,
    Terminal,
    need,
    site_for,
    wrote,
)
from tests.support.shells import without_stick

VISIBLE = {"vim": "vim -i NONE", "nvim": "nvim -i NONE"}
GUARDED = {"vim": VISIBLE["vim"] + " --not-a-term", "nvim": VISIBLE["nvim"] + " --headless"}
PLAIN = {p: f"{command} --cmd 'let g:loaded_stick = 1'" for p, command in GUARDED.items()}
NAMES = {"vim": "vim", "nvim": "neovim"}
FILES = {"app.txt": "one\ntwo\nthree\n", "other.txt": "other\n"}

STAYING = (
    "w", "w!", "update", "update!", "wa", "wall!", "1,2w new.txt", "1,2w! other.txt", "w new.txt",
    "w! other.txt", "w! ++ff=dos other.txt", "w >> other.txt", "2w >> other.txt", "saveas new.txt",
    "saveas! other.txt", "silent w", "silent! w", "silent! w!", "silent! update", "silent! wall",
    "silent! saveas! other.txt", "wnext", "bufdo update", "windo write", "keepalt w",
)  # fmt: skip
QUITTING = ("wq", "x", "normal ZZ", "wqall!")
QUITTING_TOO = ("wq!", "xit", "xall", "wqall", "silent! wq", "silent! x")

# Edits the file of each command's own folder, runs the command, and tells what came of it.
SCRIPT = """
let s:told = []
for s:case in json_decode(join(readfile('CASES')))
  silent! %bwipeout!
  execute 'cd' fnameescape(s:case[0])
  silent edit app.txt
  redraw
  call setline(1, 'changed')
  let s:said = ''
  try
    execute s:case[1]
  catch
    let s:said = v:exception
  endtry
  call add(s:told, [s:case[1], &modified, s:said])
endfor
call writefile([json_encode(s:told)], 'TOLD')
qall!
"""


pytestmark = pytest.mark.sampled(2)


@pytest.fixture(scope="module", params=ACCOUNTS)
def site(request: pytest.FixtureRequest, template: Path) -> Iterator[Site]:
    """Return a room that bob holds, with the plugins installed for ada."""
    for made in site_for(request.param, template):
        for name in NAMES.values():
            made.ada.stick(f"editor {name} --install").ok()
        yield made


@pytest.fixture(params=["vim", "nvim"])
def program(request: pytest.FixtureRequest) -> str:
    need(request.param)
    return str(request.param)


@pytest.fixture
def work(site: Site, request: pytest.FixtureRequest) -> str:
    """Return a name for this test's folders in the room."""
    return "".join(c if c.isalnum() else "-" for c in request.node.name)


def try_all(
    site: Site, command: str, folder: Path, saves: tuple[str, ...]
) -> dict[str, tuple[bool, str]]:
    """Run each save command on files of its own; return by command 'modified', and the error."""
    cases, told = site.base / "cases.json", site.base / "told.json"
    told.unlink(missing_ok=True)
    places = {save: folder / f"it's {number}" for number, save in enumerate(saves)}
    for place in places.values():
        place.mkdir(parents=True)
        for name, text in FILES.items():
            (place / name).write_text(text)
    cases.write_text(json.dumps([[str(place), save] for save, place in places.items()]))
    script = site.base / "script.vim"
    script.write_text(SCRIPT.replace("CASES", str(cases)).replace("TOLD", str(told)))
    site.own()
    result = site.ada.run(f"{command} -S {script}")
    if not told.exists():
        return {}
    found: list[Any] = json.loads(told.read_text())
    assert len(found) == len(saves), result.text
    return {save: (bool(modified), said) for save, modified, said in found}


def test_no_save_command_writes_what_somebody_else_may(site: Site, program: str, work: str) -> None:
    site.give("bob")
    folder = site.root / work
    told = try_all(site, GUARDED[program], folder, STAYING + QUITTING + QUITTING_TOO)
    assert told, "a refused save has quit the editor"
    lost = [save for save, (modified, _) in told.items() if not modified]
    assert not lost, "the buffer counts as saved"
    for place in folder.iterdir():
        assert {p.name: p.read_text() for p in place.iterdir()} == FILES, place
    assert "NOT SAVED  bob holds" in told["w"][1]


@AS_ME
def test_a_plugin_that_saves_by_itself_is_refused_as_well(
    site: Site, program: str, work: str
) -> None:
    """Outside of any ``try``, as in a plugin, an error before a ``silent! write`` stops nothing."""
    site.give("bob")
    told = site.base / "modified"
    for number, save in enumerate(save for save in STAYING + QUITTING_TOO if "silent!" in save):
        folder = site.folder(f"{work}{number}", FILES)
        told.unlink(missing_ok=True)
        typed = ("edit app.txt", "call setline(1, 'changed')", save)
        then = (f"call writefile([&modified], '{told}')", "qall!")
        commands = " ".join(f"-c {shlex.quote(command)}" for command in typed + then)
        site.ada.run(f"{GUARDED[program]} {commands}", cwd=folder)
        assert {p.name: p.read_text() for p in folder.iterdir()} == FILES, save
        assert told.read_text() == "1\n", save


@AS_ME
def test_the_holder_saves_exactly_as_without_the_plugin(
    site: Site, program: str, work: str
) -> None:
    site.give("ada")
    guarded, plain = site.root / work, site.base / work
    with_plugin = try_all(site, GUARDED[program], guarded, STAYING)
    without = try_all(site, PLAIN[program], plain, STAYING)
    assert with_plugin == without
    for number, save in enumerate(QUITTING):
        for command, folder in ((GUARDED, guarded), (PLAIN, plain)):
            assert not try_all(site, command[program], folder / f"quit-{number}", (save,)), save
    same = {p.relative_to(guarded): p for p in guarded.rglob("*")}
    assert same.keys() == {p.relative_to(plain) for p in plain.rglob("*")}
    for name, path in same.items():
        assert path.is_dir() or path.read_bytes() == (plain / name).read_bytes(), name
    written = (guarded / "it's 0/app.txt").read_text()
    assert written == "changed\ntwo\nthree\n"


# --- what else there is about saving


def vim(
    site: Site, program: str, folder: Path, script: str, env: dict[str, str] | None = None
) -> str:
    """Run a script as ada in a folder; return the messages, and hold it to an end without a prompt."""
    messages = site.base / "messages"
    messages.unlink(missing_ok=True)
    path = site.base / "script.vim"
    path.write_text(f"{script}\n")
    site.own()
    command = GUARDED[program].replace(program, f"{program} -S {path}", 1)
    command += f" -c 'redir! > {messages}' -c 'silent messages' -c 'redir END' -c 'qall!'"
    site.ada.run(command, env, cwd=folder)
    return messages.read_text()


TRY = "try\n  {}\ncatch\n  echomsg v:exception\nendtry"


def test_the_override_saves_and_is_recorded(site: Site, program: str, work: str) -> None:
    site.give("bob")
    folder = site.folder(work, FILES)
    vim(
        site,
        program,
        folder,
        f"edit app.txt\nset noreadonly\ncall setline(1, 'urgent')\nStickWrite the {work} burns",
    )
    assert (folder / "app.txt").read_text() == "urgent\ntwo\nthree\n"
    log = site.ada.stick("log").ok().out
    assert f"ada went past the gate (editor): the {work} burns" in log


@AS_ME
def test_formatters_and_linters_run_on_a_save_and_not_on_a_refused_one(
    site: Site, program: str, work: str
) -> None:
    folder = site.folder(work, FILES)
    script = (
        "autocmd BufWritePre * call append('$', 'formatted')\n"
        "autocmd BufWritePost * call writefile(['linted'], 'lint.log')\n"
        "edit app.txt\ncall setline(1, 'changed')\n" + TRY.format("write")
    )
    site.give("bob")
    vim(site, program, folder, script)
    assert {p.name: p.read_text() for p in folder.iterdir()} == FILES
    site.give("ada")
    vim(site, program, folder, script)
    assert (folder / "app.txt").read_text() == "changed\ntwo\nthree\nformatted\n"
    assert wrote(site, folder / "app.txt") == "ada"
    assert (folder / "lint.log").read_text() == "linted\n"


@AS_ME
def test_remote_buffers_are_left_to_their_plugins(site: Site, program: str, work: str) -> None:
    site.give("bob")
    folder = site.folder(work, FILES)
    theirs = "call writefile([expand('<amatch>')], 'theirs', 'a') | set nomodified"
    script = (
        f"autocmd BufReadCmd thing://* set buftype=\nautocmd BufWriteCmd thing://* {theirs}\n"
        "edit thing://host/app.txt\ncall setline(1, 'x')\nwrite\n"
    )
    vim(site, program, folder, script)
    assert (folder / "theirs").read_text() == "thing://host/app.txt\n"


#: How a plugin comes to write a file itself. SEAL writes what is in the buffer in another form.
SEAL = "call writefile(['sealed'], expand('<afile>')) | set nomodified"
WRITERS = {
    "a pattern, before us": "autocmd BufWriteCmd *.seal {seal}\nedit a.seal",
    "a path as pattern": "execute 'autocmd BufWriteCmd' getcwd() . '/*.{{seal,x}}' {text}\nedit a.seal",
    "by itself read": "autocmd BufReadCmd *.seal call setline(1, 'x')"
    " | autocmd BufWriteCmd <buffer> {seal}\nedit a.seal",
    "later, for the buffer": "edit a.seal\nautocmd BufWriteCmd <buffer> {seal}",
    "acwrite": "edit a.seal\nset buftype=acwrite\nautocmd BufWriteCmd <buffer> {seal}",
    "a group": "augroup theirs\nautocmd BufWriteCmd *.seal {seal}\naugroup END\nedit a.seal",
}


def writer(how: str) -> str:
    made = WRITERS[how].format(seal=SEAL, text="'" + SEAL.replace("'", "''") + "'")
    return f"{made}\ncall setline(1, 'secret')\n" + TRY.format("silent! write")


@AS_ME
@pytest.mark.parametrize("how", WRITERS)
def test_a_file_that_another_plugin_writes_is_written_by_it_alone(
    site: Site, program: str, work: str, how: str
) -> None:
    """jupytext.vim#15, vim-gnupg#77: written once more by us it lay on disk in the clear."""
    folder, outside = site.folder(work, {"a.seal": "old\n"}), site.outside().parent
    site.give("bob")
    vim(site, program, folder, writer(how))
    assert (folder / "a.seal").read_text() == "old\n"
    site.give("ada")
    (outside / "a.seal").write_text("old\n")
    for place in (folder, outside):
        told = vim(site, program, place, "set noreadonly\n" + writer(how))
        assert (place / "a.seal").read_text() == "sealed\n", told
        assert "changed since" not in told


@AS_ME
def test_outside_every_room_nothing_of_ours_replaces_a_write(site: Site, program: str) -> None:
    path = site.outside()
    path.write_text("one\n")
    shown = "redir! > shown\nsilent autocmd BufWriteCmd\nsilent autocmd FileWriteCmd\nredir END"
    vim(site, program, path.parent, f"edit {path.name}\n{shown}")
    assert "stick" not in (path.parent / "shown").read_text()


@AS_ME
def test_a_write_into_a_room_from_a_buffer_outside_is_asked(
    site: Site, program: str, work: str
) -> None:
    site.give("bob")
    folder, outside = site.folder(work, FILES), site.outside()
    outside.write_text("mine\n")
    told = vim(
        site, program, outside.parent, f"edit {outside}\n" + TRY.format(f"write! {folder}/app.txt")
    )
    assert "NOT SAVED  bob holds" in told
    assert (folder / "app.txt").read_text() == FILES["app.txt"]


@AS_ME
def test_gits_own_files_and_files_outside_are_saved(site: Site, program: str) -> None:
    site.give("bob")
    for path in (site.root / ".git/COMMIT_EDITMSG", site.outside()):
        path.write_text("")
        vim(site, program, site.root, f"edit {path}\ncall setline(1, 'words')\nwrite")
        assert path.read_text() == "words\n", path


def plugin(site: Site, program: str) -> Path:
    base = ".vim" if program == "vim" else ".local/share/nvim/site"
    return site.home / base / "pack/stickhooks/start/stickhooks/plugin/stick.vim"


@AS_ME
def test_without_an_interpreter_stick_is_asked_and_without_stick_a_save_warns(
    site: Site, program: str, work: str
) -> None:
    site.give("bob")
    folder, path = site.folder(work, FILES), plugin(site, program)
    before = path.read_text()
    path.write_text(before.replace('let s:python = "', 'let s:python = "/gone'))
    script = "edit app.txt\nset noreadonly\ncall setline(1, 'changed')\n" + TRY.format("write")
    try:
        told = vim(site, program, folder, script)
        assert "NOT SAVED  bob holds" in told
        assert (folder / "app.txt").read_text() == FILES["app.txt"]
        nowhere = {"PATH": without_stick(site.env["PATH"])}
        told = vim(site, program, folder, script, nowhere)
        assert "the gate could not be asked (code 127); saved without it" in told
        assert (folder / "app.txt").read_text().startswith("changed")
    finally:
        path.write_text(before)


@AS_ME
def test_a_save_takes_an_idle_stick_where_the_policy_says_so(
    site: Site, program: str, work: str
) -> None:
    site.give("ada")
    folder = site.folder(work, FILES)
    site.ada.stick("policy on_idle claim").ok()
    site.ada.stick(f"release {HANDOFF}").ok()
    told = vim(site, program, folder, "edit app.txt\ncall setline(1, 'changed')\nwrite")
    assert "is yours now" in told
    assert (folder / "app.txt").read_text().startswith("changed")
    assert site.ada.stick("check").ok().out == "you may write\n"
    site.ada.stick("policy on_idle refuse").ok()


@AS_NOBODY
def test_a_person_at_the_terminal_sees_why_and_the_file_opens_by_itself(
    site: Site, program: str, work: str
) -> None:
    site.give("bob")
    folder = site.folder(work, FILES)
    terminal = Terminal(site)
    try:
        terminal.type(f"cd {folder} && {VISIBLE[program]} app.txt")
        terminal.see("READ-ONLY  bob holds", "refactor auth", "next: stick wait", "two")
        site.give("ada")
        terminal.see("stick: you may write app.txt now")
        site.give("bob")
        terminal.see("READ-ONLY", "bob")
        terminal.keys("i", "changed ", "Escape")
        for keys in ((":w", "Enter"), (":wq", "Enter"), (":x", "Enter"), ("Z", "Z")):
            terminal.keys("C-l")
            terminal.gone("NOT SAVED")
            terminal.keys(*keys)
            terminal.see("NOT SAVED  bob holds", "urgent: :StickWrite why")
        assert (folder / "app.txt").read_text() == FILES["app.txt"]
        site.give("ada")
        terminal.see("stick: you may write app.txt now")
        terminal.type(":wq")
        terminal.gone("two")
        assert (folder / "app.txt").read_text() == "changed one\ntwo\nthree\n"
    finally:
        terminal.close()
