"""Emacs: no way of saving gets past the gate, and nothing else about saving changes."""

from __future__ import annotations

import json
import re
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

FILES = {"app.txt": "one\ntwo\nthree\n", "other.txt": "other\n"}
SAVES = (
    "(save-buffer)", "(save-buffer 16)", "(basic-save-buffer)", "(save-some-buffers t)",
    '(write-file "new.txt")', '(write-file "other.txt")',
    '(progn (set-visited-file-name "new.txt") (save-buffer))',
    '(let ((this-command \'write-region)) (write-region 1 4 "new.txt"))',
    '(let ((this-command \'write-region)) (write-region 1 4 "other.txt" t))',
    '(let ((this-command \'append-to-file)) (append-to-file 1 4 "other.txt"))',
    "(ignore-errors (save-buffer))", '(with-demoted-errors "%S" (save-buffer))',
    "(let ((before-save-hook (list (lambda () (error \"formatter\"))))) (save-buffer))",
    "(progn (auto-save-visited-mode 1) (save-some-buffers t))",
)  # fmt: skip
QUITTING = ("(save-buffers-kill-emacs t)", "(save-buffers-kill-terminal t)")

SCRIPT = """
(require 'json)
(setq make-backup-files nil)
(let (told)
  (dolist (case (with-temp-buffer (insert-file-contents "CASES")
                  (let ((json-array-type 'list)) (json-read))))
    (let ((default-directory (file-name-as-directory (car case))) (said ""))
      (find-file (expand-file-name "app.txt"))
      (let ((inhibit-read-only t)) (goto-char (point-min)) (insert "changed "))
      (condition-case err (eval (car (read-from-string (cadr case))) t)
        (error (setq said (error-message-string err))))
      (push (vector (cadr case) (if (buffer-modified-p) t :json-false) said) told)
      (set-buffer-modified-p nil)
      (kill-buffer)))
  (with-temp-file "TOLD" (insert (json-encode (vconcat (nreverse told))))))
"""


@pytest.fixture(scope="module", params=ACCOUNTS)
def site(request: pytest.FixtureRequest, template: Path) -> Iterator[Site]:
    need("emacs")
    for made in site_for(request.param, template):
        told = made.ada.stick("editor emacs --install").ok().out
        line = re.search(r"add this to your init file: (\(load .*\))", told)
        assert line, told
        (made.home / ".emacs").write_text(line[1] + "\n")
        yield made


@pytest.fixture
def work(request: pytest.FixtureRequest) -> str:
    """Return a name for this test's folder in the room."""
    return "".join(c if c.isalnum() else "-" for c in request.node.name)


def emacs(
    site: Site,
    folder: Path,
    script: str,
    *,
    guarded: bool = True,
    env: dict[str, str] | None = None,
) -> str:
    """Run a script as ada in a folder; return what Emacs said."""
    path = site.base / "script.el"
    path.write_text(script)
    site.own()
    load = f"-l {site.home}/.emacs" if guarded else ""
    return site.ada.run(f"emacs -Q --batch {load} -l {path}", env, cwd=folder).text


def try_all(
    site: Site, folder: Path, saves: tuple[str, ...], *, guarded: bool = True
) -> dict[str, tuple[bool, str]]:
    """Run each save on files of its own; return by save whether the buffer is modified, and the error."""
    cases, told = site.base / "cases.json", site.base / "told.json"
    told.unlink(missing_ok=True)
    places = {save: folder / f"it's {number}" for number, save in enumerate(saves)}
    for place in places.values():
        place.mkdir(parents=True)
        for name, text in FILES.items():
            (place / name).write_text(text)
    cases.write_text(json.dumps([[str(place), save] for save, place in places.items()]))
    script = SCRIPT.replace("CASES", str(cases)).replace("TOLD", str(told))
    said = emacs(site, folder, script, guarded=guarded)
    if not told.exists():
        return {}
    found: list[Any] = json.loads(told.read_text())
    assert len(found) == len(saves), said
    return {save: (bool(modified), error) for save, modified, error in found}


def test_no_save_command_writes_what_somebody_else_may(site: Site, work: str) -> None:
    site.give("bob")
    told = try_all(site, site.root / work, SAVES + QUITTING)
    assert told, "a refused save has quit the editor"
    assert all(modified for modified, _ in told.values()), told
    for place in (site.root / work).iterdir():
        assert {p.name: p.read_text() for p in place.iterdir() if p.name[:2] != ".#"} == FILES, (
            place
        )
    assert "NOT SAVED  bob holds" in told["(save-buffer)"][1]


@AS_ME
def test_the_holder_saves_exactly_as_without_the_plugin(site: Site, work: str) -> None:
    site.give("ada")
    guarded, plain = site.root / work, site.base / work
    assert try_all(site, guarded, SAVES) == try_all(site, plain, SAVES, guarded=False)
    assert not try_all(site, guarded / "quit", QUITTING[:1])
    assert not try_all(site, plain / "quit", QUITTING[:1], guarded=False)
    same = {p.relative_to(guarded): p for p in guarded.rglob("*")}
    assert same.keys() == {p.relative_to(plain) for p in plain.rglob("*")}
    for name, path in same.items():
        assert path.is_dir() or path.read_bytes() == (plain / name).read_bytes(), name
    assert (guarded / "quit/it's 0/app.txt").read_text().startswith("changed one")
    assert wrote(site, guarded / "quit/it's 0/app.txt") == "ada"


EDIT = '(find-file "app.txt")\n(let ((inhibit-read-only t)) (insert "changed "))\n'


def test_the_override_saves_and_is_recorded(site: Site, work: str) -> None:
    site.give("bob")
    folder = site.folder(work, FILES)
    emacs(site, folder, f'{EDIT}(stick-save-anyway "{work} burns")')
    assert (folder / "app.txt").read_text() == "changed one\ntwo\nthree\n"
    assert f"ada went past the gate (editor): {work} burns" in site.ada.stick("log").ok().out


@AS_ME
def test_formatters_and_linters_run_on_a_save_and_not_after_a_refused_one(
    site: Site, work: str
) -> None:
    folder = site.folder(work, FILES)
    script = (
        '(add-hook \'before-save-hook (lambda () (goto-char (point-max)) (insert "formatted\\n")))'
        '(add-hook \'after-save-hook (lambda () (write-region "linted" nil "lint.log")))'
        f"{EDIT}(save-buffer)"
    )
    site.give("bob")
    assert "NOT SAVED  bob holds" in emacs(site, folder, script)
    assert {p.name: p.read_text() for p in folder.iterdir() if p.name[:2] != ".#"} == FILES
    site.give("ada")
    emacs(site, folder, script)
    assert (folder / "app.txt").read_text() == "changed one\ntwo\nthree\nformatted\n"
    assert (folder / "lint.log").read_text() == "linted"


@AS_ME
def test_an_auto_save_of_the_visited_file_goes_beside_it_until_the_stick_arrives(
    site: Site, work: str
) -> None:
    folder = site.folder(work, FILES)
    auto = f"(setq auto-save-visited-file-name t)\n{EDIT}(auto-save-mode 1)\n(do-auto-save)"
    site.give("bob")
    emacs(site, folder, auto)
    assert (folder / "app.txt").read_text() == FILES["app.txt"]
    assert (folder / "#app.txt#").read_text().startswith("changed one")
    (folder / "#app.txt#").unlink()
    site.give("ada")
    emacs(site, folder, auto)
    assert (folder / "app.txt").read_text().startswith("changed one")
    outside = site.outside()
    outside.write_text("one\n")
    emacs(site, outside.parent, auto.replace("app.txt", outside.name))
    assert outside.read_text() == "changed one\n"


@AS_ME
def test_a_mode_that_writes_its_buffer_itself_is_asked_first(site: Site, work: str) -> None:
    folder = site.folder(work, FILES)
    own = (
        f'{EDIT}(add-hook \'write-contents-functions (lambda () (write-region "sealed" nil'
        " buffer-file-name) (set-buffer-modified-p nil) t) nil t)\n(save-buffer)"
    )
    site.give("bob")
    assert "NOT SAVED  bob holds" in emacs(site, folder, own)
    assert (folder / "app.txt").read_text() == FILES["app.txt"]
    site.give("ada")
    emacs(site, folder, own)
    assert (folder / "app.txt").read_text() == "sealed"


@AS_ME
def test_gits_own_files_and_files_outside_are_saved(site: Site) -> None:
    site.give("bob")
    for path in (site.root / ".git/COMMIT_EDITMSG", site.outside()):
        path.write_text("")
        said = emacs(site, site.root, f'(find-file "{path}")\n(insert "words")\n(save-buffer)')
        assert path.read_text().strip() == "words", said


@AS_ME
def test_without_an_interpreter_stick_is_asked_and_without_stick_a_save_warns(
    site: Site, work: str
) -> None:
    site.give("bob")
    folder = site.folder(work, FILES)
    gone = '(setcar (car (symbol-value \'stick--commands)) "/gone/python")\n'
    script = f"{gone}{EDIT}(save-buffer)"
    assert "NOT SAVED  bob holds" in emacs(site, folder, script)
    assert (folder / "app.txt").read_text() == FILES["app.txt"]
    told = emacs(site, folder, script, env={"PATH": without_stick(site.env["PATH"])})
    assert "the gate could not be asked (code 127); saved without it" in told
    assert (folder / "app.txt").read_text().startswith("changed")


@AS_ME
def test_a_save_takes_an_idle_stick_where_the_policy_says_so(site: Site, work: str) -> None:
    site.give("ada")
    folder = site.folder(work, FILES)
    site.ada.stick("policy on_idle claim").ok()
    site.ada.stick(f"release {HANDOFF}").ok()
    assert "is yours now" in emacs(site, folder, f"{EDIT}(save-buffer)")
    assert (folder / "app.txt").read_text().startswith("changed")
    assert site.ada.stick("check").ok().out == "you may write\n"
    site.ada.stick("policy on_idle refuse").ok()


@AS_NOBODY
def test_a_person_at_the_terminal_sees_why_and_the_file_opens_by_itself(
    site: Site, work: str
) -> None:
    site.give("bob")
    folder = site.folder(work, FILES)
    terminal = Terminal(site)
    try:
        terminal.type(f"cd {folder} && emacs -nw --no-splash app.txt")
        terminal.see("READ-ONLY  bob holds", "refactor auth", "next: stick wait", "two")
        site.give("ada")
        terminal.see("stick: you may write app.txt now")
        terminal.keys("changed ")
        terminal.see("changed one")
        site.give("bob")
        terminal.see("READ-ONLY", "bob")
        terminal.keys("C-x", "C-s")
        terminal.see("NOT SAVED  bob holds", "urgent: M-x stick-save-anyway", "changed one")
        assert (folder / "app.txt").read_text() == FILES["app.txt"]
        site.give("ada")
        terminal.see("stick: you may write app.txt now")
        terminal.keys("C-x", "C-s")
        terminal.see("Wrote")
        assert (folder / "app.txt").read_text() == "changed one\ntwo\nthree\n"
    finally:
        terminal.close()
