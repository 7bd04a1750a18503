"""Commands whose words lead elsewhere than they say: links, moved folders, expansions.

Each is asked from a folder outside of any room, or from the room's own, by who has no stick there.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import build
from tests.shell.test_shell_reach import FILES, Ground, hold
from tests.support.shells import environment


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """Return a held shop three folders down, and a desk with links into it."""
    top = tmp_path_factory.mktemp("leads")
    shop = build(top / "dev/team/shop", {**FILES, "x": "x\n", "list": "x\n"})
    hold(shop)
    desk = top / "desk"
    for name in ("folder", "R"):
        (desk / name).mkdir(parents=True)
    (desk / "link").symlink_to(shop)
    (desk / "sub").symlink_to(shop / "src")
    build(top / "mine", {"x": "x\n", "new": "x\n"})
    (top / "home").mkdir()
    return Ground(top, shop, environment(top / "home"))


def filled(command: str, ground: Ground) -> str:
    for name, place in {
        "SHOP": ground.shop, "TEAM": ground.shop.parent, "DEV": ground.top / "dev",
        "TOP": ground.top, "DESK": ground.top / "desk", "MINE": ground.top / "mine",
    }.items():  # fmt: skip
        command = command.replace(name, str(place))
    return command


#: From the desk.
LEADING = [
    # links on the disk that a glob, a walk or an archive goes through
    "rm */x", "rm DESK/*/x", "for f in */x; do echo hi > $f; done", "tee */x < f", "cp x l*", "cp x l*/",
    "chmod 700 */x", "mv x l?nk", "cd l*k && rm x", "find -L . -name x -delete", "find . -follow -delete",
    "find -L . -name x -exec rm {} \\;", "find -L . -name x | xargs rm", "find */ -name x -delete",
    "tar xf a.tar", "tar xf a.tar -C DESK", "unzip a.zip",
    # a program follows links before each `..`
    "cd -P sub/.. && rm x", "set -P; cd sub/.. && rm x", "set -o physical; cd sub/.. && rm x",
    "git -C sub/.. checkout HEAD -- x", "env -C sub/.. rm x", "sudo -D sub/.. rm x", "sudo -D SHOP rm x",
    "git --work-tree=sub/.. --git-dir=MINE/.git checkout -- x",
    # folders that move
    "CDPATH=TEAM cd shop && rm x", "mkdir -p shop; CDPATH=TEAM; cd shop && rm x",
    "export CDPATH=TEAM; cd shop; rm x", "D=SHOP; shopt -s cdable_vars; cd D && rm x",
    "echo | cd SHOP; rm x", "D=DESK; echo SHOP | read D; rm $D/x",
    # what an expansion becomes
    "A='DESK/q SHOP'; rm -f $A/x", "A='*'; rm TEAM/$A/x", "A='s*'; rm TEAM/$A/x",
    "IFS=:; A=DESK/q:SHOP/x; rm -f $A", "IFS=$X; A=DESK,SHOP; rm $A/x",
    # variables that are set in other ways
    "D=DESK; printf -vD %s SHOP; rm $D/x", "D=DESK; read -aD <<< SHOP; rm $D/x",
    "D=DESK; read -raD <<< SHOP; rm $D/x", 'D=DESK; export "D=SHOP"; rm $D/x',
    'D=DESK; n=D; declare "$n=SHOP"; rm $D/x', 'D=DESK; export "$N=SHOP"; rm $D/x',
    # git dirs, and lists of names
    "git --git-dir=SHOP/.git rm --cached x", "GIT_DIR=SHOP/.git git add x",
    "export GIT_DIR=SHOP/.git; git add x", "env GIT_DIR=SHOP/.git git add x",
    "git --git-dir SHOP/.git commit -m m x", "GIT_WORK_TREE=SHOP git checkout -- x",
    "env GIT_WORK_TREE=SHOP git checkout -- x", "export GIT_WORK_TREE=SHOP; git checkout -- x",
    "git clone --separate-git-dir=SHOP/g MINE new", "git init --separate-git-dir SHOP/g new",
    "printf SHOP/x > l; find -files0-from l -delete", "echo SHOP/x > l; zstd --filelist l",
    "echo SHOP/x > l; xz --files=l", "tar xf a.tar --one-top-level=SHOP/n",
    "tar -xPf a.tar --transform s,^,SHOP/,", "tar xf a.tar -C SHOP x -C DESK y", "patch -b -B SHOP/ f p",
    "RIPGREP_CONFIG_PATH=DESK/rc rg x SHOP", "export RIPGREP_CONFIG_PATH=DESK/rc; rg x SHOP",
    # processes
    "exec 3<SHOP; echo a > /dev/fd/3/x", "cd SHOP && echo a > /proc/self/cwd/x",
    "cd SHOP && rm /proc/$$/cwd/x", "exec 3<SHOP; echo a > /proc/$$/fd/3/x",
    # zsh, and what is no bash
    "echo a >! SHOP/x", "echo a >>! SHOP/x", "echo a >&! SHOP/x", "echo a >!SHOP/x",
    "for f (a b) rm SHOP/x", "if [[ -f SHOP/x ]] { rm SHOP/x }",
]  # fmt: skip
#: From the shop.
LEAVING = [
    "cd DESK extra; rm x", "pushd DESK && pushd && rm x",
    "pushd -n DESK && rm x", "pushd DESK; pushd -0; rm x",
    "pushd DESK; pushd; rm x", "cd DESK; cd -1; rm x", "rm -rf DESK/folder; cd DESK/folder; rm x",
    "mv DESK/folder DESK/other; cd DESK/folder; rm x", "rm -rf DESK/*; cd DESK/folder; rm x",
    "rm -r DESK; cd DESK/folder; rm x", "A='-i r'; env $A\"m\" echo x",
    "sh -c '[[ b > x ]]'", "sh -c '[[ -f x && rm ]]'", "sh -c '((n > 3))'", "dash -c '[[ b > x ]]'",
    "sh <<E\n[[ b > x ]]\nE", "read a <<< 'x[$(rm x)]'; echo $((a))", "bash --rcfile build.sh -ic ls",
    "bash --init-file build.sh -i -c ls", "ls *(e:'rm x':)", "ls *(e:rm\\ x:)", "ls x*(+f)",
    "zsh -c \"ls *(e:'rm x':)\"", "echo a > /proc/self/cwd/x", "echo a > /proc/$$/cwd/x",
]  # fmt: skip
#: From a folder that has nothing to do with the shop.
FAR = [
    "A=DEV; rm $A/team/shop/x", "A=DEV; B=team/shop; rm $A/$B/x", "rm DEV/*/shop/x", "rm DEV/{team,q}/shop/x",
    "rm TOP/*/team/shop/x", "find TOP -name x -delete", "A=TOP; find $A -name x -delete",
    "A=TOP; for d in $A/dev/team/*; do rm $d/x; done", "for d in team q; do rm DEV/$d/shop/x; done",
    "ls DEV | while read d; do rm DEV/$d/shop/x; done", "rm -rf DEV", "rm -rf TOP/dev",
]  # fmt: skip


@pytest.mark.parametrize("command", LEADING)
def test_what_leads_into_a_held_room_is_refused(command: str, ground: Ground) -> None:
    assert not ground.passes(filled(command, ground), ground.top / "desk")


@pytest.mark.parametrize("command", LEAVING)
def test_what_does_not_leave_a_held_room_after_all_is_refused(command: str, ground: Ground) -> None:
    assert not ground.passes(filled(command, ground), ground.shop)


@pytest.mark.parametrize("command", FAR)
def test_what_is_named_from_afar_is_refused(command: str, ground: Ground) -> None:
    assert not ground.passes(filled(command, ground), ground.top / "home")


@pytest.mark.parametrize("command", ["cd; rm ../dev/team/shop/x", "cd&&rm ../dev/team/shop/x"])
def test_a_cd_without_a_folder_goes_home(command: str, ground: Ground) -> None:
    assert not ground.passes(command, ground.top / "mine")


@pytest.mark.parametrize("command", [
    "rm folder/x", "rm *.log", "rm f*/x", "cd folder && rm x",
    "cd -P folder/.. && rm x", "tar xf a.tar -C folder",
    "rm -rf folder; mkdir -p folder && cd folder && touch x", "D=DESK; rm $D/x", "A='a b'; rm $A",
    "IFS=$'\\n'; D=DESK/folder; rm $D/x", "export D=DESK; rm $D/x", "find . -name '*.pyc' -delete",
    "find -L . -name x", "find . -name x | xargs grep y", "GIT_DIR=MINE/.git git log",
    "git --git-dir=SHOP/.git log", "git --git-dir=SHOP/.git --work-tree=SHOP status", "git -C MINE add x",
    "sh -c '[[ -f x ]] && cat x'", "sh -c 'echo $((1 + 2))'", "ls *(.)", "ls *(om[1])", "ls @(a|e|b)",
    "echo a > /dev/fd/2", "echo a > /dev/stderr", "cat SHOP/x | while read l; do echo $l; done; ls > new",
    "cat /proc/self/status", "CDPATH= cd folder && touch x", "cd DESK && cd - > /dev/null; touch x",
    "pushd folder > /dev/null && touch x", "shopt -s nullglob globstar", "set -euo pipefail; ls",
    "rm l*",
])  # fmt: skip
def test_what_leads_nowhere_near_passes(command: str, ground: Ground) -> None:
    desk: Path = ground.top / "desk"
    found = ground.answer(filled(command, ground), desk)
    assert found.ok, found.because


@pytest.mark.parametrize("command", [
    "mkdir -p DESK/folder; cd DESK/folder; touch x", "rm -f DESK/folder/*; cd DESK && touch x",
    "ls *(.)", "[[ b > x ]]", "bash -c '[[ b > x ]]'", "sh -c 'test -f x && cat x'",
    "GIT_WORK_TREE=. git status", "export $(cat .env); ls", "git --git-dir=.git diff",
    "cd src; ls; cd ..; cat x",
    "D=$(mktemp -d); cd $D && touch x", "A='*.py'; ls $A; grep x src/$A",
])  # fmt: skip
def test_what_reads_in_a_held_room_or_leaves_it_passes(command: str, ground: Ground) -> None:
    found = ground.answer(filled(command, ground), ground.shop)
    assert found.ok, found.because
