"""A command that may write anywhere is asked for every room that it could reach.

Ways to name a tree, programs that write who knows what, and folders to start from are combined;
each goes through the gate as a client's shell tool would, and is never run.
"""

from __future__ import annotations

import itertools
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from stickhooks.clients import CLIENTS
from stickhooks.gate import decision, reach
from stickhooks.handlers import client_command
from stickhooks.operations.rooms import Rooms
from stickhooks.store import layout
from stickhooks.store.files import FileStore
from stickhooks.workspace import paths
from tests.conftest import build
from tests.support.shells import environment

HOLDER, STRANGER = "0a1b2c3d-0000-4000-8000-000000000001", "9f8e7d6c-0000-4000-8000-000000000002"


class Ground(NamedTuple):
    """A folder with a shop that somebody holds, another project, and a place for temporary files."""

    top: Path
    shop: Path
    env: dict[str, str]

    def answer(
        self, command: str, cwd: Path, *, session: str = STRANGER, own: list[Path] | None = None
    ) -> decision.Verdict:
        folder = str(cwd)
        caller = (CLIENTS["codex"], session, "")
        homes = [folder] if own is None else [str(one) for one in own]
        return client_command.verdict(command, folder, caller, self.env, homes)

    def passes(self, command: str, cwd: Path, **more: object) -> bool:
        return self.answer(command, cwd, **more).ok  # type: ignore[arg-type]


def hold(root: Path, path: str = "", name: str = "ana", session: str = HOLDER) -> None:
    rooms = Rooms(FileStore(str(root), str(root / ".git")))
    room = str(rooms.join(name, path, session=f"codex:{session}", force_new=bool(path))["room_id"])
    assert rooms.wait(name, room)["status"] == "your_turn"


FILES = {"app.py": "print('shop')\n", "src/core.py": "core = 1\n", "build.sh": "make\n"}


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    top = tmp_path_factory.mktemp("ground")
    shop = build(top / "dev/shop", FILES)
    hold(shop)
    build(top / "dev/other", {"x.py": "x = 1\n"})
    build(top / "dev/my shop", FILES)
    hold(top / "dev/my shop")
    build(top / "away/x", {"x.py": "x = 1\n"})
    (top / "empty").mkdir()
    return Ground(top, shop, environment(top / "home"))


#: Programs that may write anywhere; ``{}`` is where the tree, or a file in it, is named.
ON_A_FOLDER = [
    "make -C {}", "make -C{}", "make --directory={}", "npm --prefix {} install",
    "npm --prefix={} run build", "docker run -v {}:/w img cmd", "docker run --volume={}:/w:rw img",
    "docker run --mount type=bind,source={},target=/w img", "cargo build --manifest-path {}/Cargo.toml",
    "black {}", "ruff format {}/src", "python3 -c 'import os; os.remove(\"{}/app.py\")'",
    "env PYTHONPATH={} python3 x.py", "DEST={} make install", "poetry -C {} install",
    "(cd {} && make)", "pushd {} && make", "cmake --build {}", "unknown-program {}",
    "uv --directory {} run x", "find {} -name '*.py' | xargs black", "gradle -p {} build",
    "go -C {} generate", "D={}; make -C $D", "for d in {}; do make -C $d; done",
    "bash -c 'cd {} && make'", "sh -c 'black {}'", "timeout 9 make -C {}", "rm -rf {}",
    "node -e 'fs.rmSync(\"{}\")'", "python3 - <<'EOF'\nopen('{}/app.py','w')\nEOF",
    "ls {} | while read f; do black \"$f\"; done", "mv {} gone", "env -C {} make",
    "terraform -chdir={} apply", "rsync -a --delete x/ {}/", "pytest --rootdir={} --basetemp={}",
]  # fmt: skip
ON_A_FILE = [
    "vim {}", "perl -pi -e s/a/b/ {}", "python3 {}", "bash {}", ". {}", "{} --flag", "cp x {}",
    "black -q {}", "node {} --write", "sed -i s/a/b/ {}", "tee {} < x", "echo x > {}", "ed -s {}",
    "ruby -i -pe 1 {}", "prettier --write {}", "npx prettier --write={}", "emacs --batch {}",
    "isort @{}", "make -f {}",
]  # fmt: skip


def names(ground: Ground, cwd: Path, what: str) -> list[str]:
    """Return spellings of the shop, or of something in it, for a shell in a folder."""
    whole = f"{ground.shop}/{what}".rstrip("/")
    relative = {
        ground.shop.parent: [f"shop/{what}".rstrip("/"), f"./shop/{what}", f"$PWD/shop/{what}"],
        ground.top: [f"dev/shop/{what}", f"other/../dev/shop/{what}", f"dev/*/{what}"],
        ground.shop: [f"./{what}", f"$PWD/{what}", f"../shop/{what}", f"$(pwd)/{what}"],
        ground.shop / "src": [f"../{what}", f"$PWD/../{what}", f"$UNKNOWN/{what}"],
    }
    return [whole, f"{ground.shop}/./{what}", *relative.get(cwd, [])]


def test_whoever_names_the_tree_is_refused_by_every_way_and_program(ground: Ground) -> None:
    passed = []
    for cwd in (
        ground.shop,
        ground.shop / "src",
        ground.shop.parent,
        ground.top,
        ground.top / "empty",
    ):
        for pattern, what in [(p, "") for p in ON_A_FOLDER] + [(p, "app.py") for p in ON_A_FILE]:
            for name in names(ground, cwd, what):
                command = pattern.replace("{}", name)
                if ground.passes(command, cwd):
                    passed.append((cwd.name, command))
    assert not passed


LEAVING = ["cd ..", "cd /tmp", "cd", "cd ~", "cd - ", "cd $X", "cd ../..", "pushd /tmp", "cd ../other",
           "cd /tmp; ls"]  # fmt: skip
THEN = ["make -C shop", "bash $R/build.sh", "python3 $R/gen.py", "black $R/app.py", "make",
        'rm -rf "$PROJECT/src"', 'cp x "$OLDPWD/app.py"', 'echo x > "$OLDPWD/app.txt"',
        "perl -pi -e s/a/b/ $R/app.py", "docker run -v $R:/w img", "frobnicate", "python3 -",
        "npm --prefix $R install", "tar xf a.tar -C $R", 'eval "$X"', "source $R/env.sh",
        "cat > $F", "git -C $R reset --hard", 'sed -i s/a/b/ "${R}/app.py"', "touch ~other/x",
        "touch ~-/x", "xargs rm < list"]  # fmt: skip


@pytest.mark.parametrize("leaving", LEAVING)
def test_leaving_the_room_first_opens_nothing(ground: Ground, leaving: str) -> None:
    passed = [
        then
        for then, joint in itertools.product(THEN, ["&&", ";"])
        if ground.passes(f"{leaving} {joint} {then}", ground.shop)
    ]
    assert not passed


def test_the_sessions_own_folder_counts_where_the_shell_is_elsewhere(ground: Ground) -> None:
    away = ground.top / "empty"
    for command in ("make", "python3 x.py", "frobnicate", "touch $X/f"):
        assert ground.passes(command, away), command
        assert not ground.passes(command, away, own=[away, ground.shop]), command
    for command in ("touch f", "ls", "rm -rf x"):
        assert ground.passes(command, away, own=[away, ground.shop]), command


@pytest.mark.parametrize("command", [
    "ls shop", "cat shop/app.py | head", "make -C other", "cd other && make", "black other/x.py",
    "python3 other/x.py", "rm -rf other", "touch x", "git -C other commit -am x", "grep -r x .",
    "docker run -v $PWD/other:/w img", "cat shop/app.py; make -C other", "find . -name '*.py'",
    "npm --prefix other install", "git -C shop status", "cp shop/app.py other/",
])  # fmt: skip
def test_beside_the_tree_others_work_as_before(ground: Ground, command: str) -> None:
    assert ground.passes(command, ground.shop.parent)


@pytest.mark.parametrize("command", [
    "make", "black .", "npm install", "cd src && make", "cd .. && make -C shop", "rm -rf src",
    "python3 build.py > /tmp/log", "cat ../other/x.py && make", 'cp x "$OLDPWD/y"', "frobnicate",
    "docker run -v $PWD:/w img", "cd /tmp && make", "vim app.py", "git commit -am x",
    "TMPDIR=/tmp pytest", "pip install -e .",
])  # fmt: skip
def test_the_holder_does_all_of_it(ground: Ground, command: str) -> None:
    assert ground.passes(command, ground.shop, session=HOLDER)


@pytest.mark.parametrize("command", [
    "vim 'my shop/app.py'", 'black "my shop"', "make -C my\\ shop", 'make -C "my shop/src"',
    "cd my\\ shop && make", 'cd "my shop" && ./run', "make -C my?shop", "make -C 'my '*",
    "black sh\"op\"/app.py", "black s*/app.py", "black {shop,other}/app.py", "make", "python3 gen.py",
    "cd other && cd .. && make -C shop", "cd other/.. && make -C shop", "S=sh; make -C ${S}op",
])  # fmt: skip
def test_from_above_odd_spellings_and_none_are_refused(ground: Ground, command: str) -> None:
    assert not ground.passes(command, ground.shop.parent)


def test_a_variable_of_the_environment_leads_where_it_says(ground: Ground) -> None:
    env = {**ground.env, "R": str(ground.shop), "D": str(ground.shop.parent)}
    there = ground._replace(env=env)
    for command in ("bash $R/build.sh", 'black "${R}"', "make -C $D/shop", "cp x $R/app.py"):
        assert not there.passes(command, ground.top / "empty"), command


def test_a_room_deeper_down_counts_for_what_is_named_above_it(tmp_path: Path) -> None:
    top = tmp_path / "top"
    shop = build(top / "group/shop", {"web/a": "1\n"})
    hold(shop, "web")
    ground = Ground(top, shop, environment(tmp_path / "home"))
    for command in ("make -C group", "black group", "rm -rf group", "make -C group/shop",
                    "npm --prefix group/shop install", "docker run -v $PWD/group:/w img"):  # fmt: skip
        assert not ground.passes(command, top), command
    assert ground.passes("ls group", top)


def test_a_submodule_that_somebody_holds_is_not_removed_with_what_it_lies_in(
    tmp_path: Path,
) -> None:
    outer = build(tmp_path / "outer", {"lib/a": "1\n", "b": "1\n"})
    source = build(tmp_path / "source", {"s": "1\n"})
    add = [
        "git",
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "add",
        "-q",
        str(source),
        "lib/sub",
    ]
    subprocess.run(add, cwd=outer, check=True, capture_output=True)
    inner = outer / "lib/sub"
    git_dir = layout.git_dir_of(str(inner))
    rooms = Rooms(FileStore(str(inner), git_dir))
    rooms.wait("bo", str(rooms.join("bo", "", session="codex:" + STRANGER)["room_id"]))
    hold(outer)
    ground = Ground(tmp_path, outer, environment(tmp_path / "home"))
    assert not ground.passes("rm -rf lib", outer, session=HOLDER)
    assert ground.passes("rm -rf b", outer, session=HOLDER)
    assert ground.passes("touch b", outer, session=HOLDER)
    assert not ground.passes("make", outer, session=HOLDER)


@pytest.fixture(scope="module")
def outer(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """A repository without a room, with a submodule and a nested repository that are held."""
    top = tmp_path_factory.mktemp("outer")
    source = build(top / "source", {"s": "1\n"})
    tree = build(top / "tree", {"b": "1\n", "d/e": "1\n"})
    git = ["git", "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(source), "lib"]
    subprocess.run(git, cwd=tree, check=True, capture_output=True)
    rooms = Rooms(FileStore(str(tree / "lib"), layout.git_dir_of(str(tree / "lib"))))
    room = str(rooms.join("ana", "", session=f"codex:{HOLDER}")["room_id"])
    assert rooms.wait("ana", room)["status"] == "your_turn"
    hold(build(tree / "vendor/x", {"n": "1\n"}))
    build(tree / "node_modules/y", {"n": "1\n"})
    return Ground(top, tree, environment(top / "home"))


INTO = [
    "git submodule update --force", "git submodule foreach 'rm -rf *'", "git clean -ffdx",
    "git submodule foreach git reset --hard", "git clean -f -d --force", "git submodule deinit -f --all",
    "git reset --hard --recurse-submodules", "git checkout --recurse-sub main", "git read-tree -u HEAD "
    "--recurse-submodules=yes", "git -c submodule.recurse=true reset --hard", "rm -rf *", "rm -rf .",
    "rm -rf vendor", "find . -delete", "black .", "black vendor", "git rm -r .", "git rm -r :/", "rm $X/s",
    "git grep -l x | xargs sed -i s/1/2/", "grep -rl 1 | xargs rm",
    "make", "make -j4 d", "ruff format", "npm run d", "just d", "python3 d/gen.py", "bash d/build.sh",
    "./build", "isort -q", "frobnicate b",
]  # fmt: skip


@pytest.mark.parametrize("command", INTO)
def test_what_writes_submodules_asks_for_their_rooms(outer: Ground, command: str) -> None:
    assert not outer.passes(command, outer.shop)
    assert not outer.passes(f"cd {outer.shop} && {command}", outer.top)
    if command.startswith("git ") and not command.endswith("."):
        assert not outer.passes(command, outer.shop / "d")


@pytest.mark.parametrize("command", [
    "git submodule status", "git submodule foreach git status", "git submodule foreach 'git log -1'",
    "git checkout main", "git reset --hard", "git clean -fd", "git reset --hard --recurse-submodules=no",
    "touch b", "black d", "rm b", "git commit -am x", "git submodule foreach --recursive git diff",
])  # fmt: skip
def test_what_leaves_submodules_alone_asks_for_none(outer: Ground, command: str) -> None:
    assert outer.passes(command, outer.shop)


def test_git_that_is_set_to_recurse_asks_for_submodules(outer: Ground) -> None:
    def config(*words: str) -> None:
        subprocess.run(["git", "config", *words], cwd=outer.shop, check=True)

    config("submodule.recurse", "true")
    try:
        for command in (
            "git reset --hard",
            "git checkout main",
            "git pull",
            "git restore .",
            "git restore :/",
        ):
            assert not outer.passes(command, outer.shop), command
        assert outer.passes("git reset --hard --recurse-submodules=no", outer.shop)
    finally:
        config("--unset", "submodule.recurse")


def test_more_words_than_are_looked_at_hide_no_path(ground: Ground) -> None:
    noise = " ".join(f"w{n}" for n in range(reach.WORDS + 10))
    assert not ground.passes(f"black {noise} dev/shop/app.py", ground.top)


def test_an_edit_behind_a_link_is_judged_by_both_of_its_readings(ground: Ground) -> None:
    link = ground.shop / "link"
    link.symlink_to(ground.top / "away/x")
    back = ground.top / "away/back"
    back.symlink_to(ground.shop / "src")
    try:
        for path in (f"{link}/../app.py", f"{back}/../app.py", f"{link}/../../shop/app.py"):
            places = [t.workspace.root for t in paths.targets(path, str(ground.top), git_dirs=True)]
            assert str(ground.shop) in places, path
    finally:
        link.unlink()
        back.unlink()


@pytest.fixture(scope="module")
def sticks(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """A shop whose stick nobody has, with a room of Bo's in it, beside another that Bo holds."""
    top = tmp_path_factory.mktemp("sticks")
    shop = build(top / "shop", {**FILES, "web/a": "1\n", "free/a": "1\n"})
    for path in ("", "free"):
        rooms = Rooms(FileStore(str(shop), str(shop / ".git")))
        rooms.join("bo", path, session=f"codex:{HOLDER}", force_new=bool(path))
    hold(shop, "web")
    hold(build(top / "other", FILES))
    return Ground(top, shop, environment(top / "home"))


@pytest.mark.parametrize("command", [
    "stick take && rm app.py", "stick wait && make",
    "cd src && stick wait && sed -i s/a/b/ core.py ../app.py",
    "stick take --room free && touch free/x", "stick run -- touch app.py", "stick take && git add app.py",
    "stick take --room src && git commit -m x app.py", "cd free && stick take && touch x && cat ../app.py",
    "stick take && cp ../other/app.py app.py", "stick wait; cat ../other/app.py",
    "stick wait && rm ../free-place",
    "stick take && cd /tmp && touch {shop}/app.py",
])  # fmt: skip
def test_our_verb_opens_the_room_that_it_acts_on(sticks: Ground, command: str) -> None:
    allowed = sticks.passes(command.replace("{shop}", str(sticks.shop)), sticks.shop)
    assert allowed == (command != "stick wait && make")  # that may write in Bo's room too


@pytest.mark.parametrize("command", [
    "stick take && rm ../other/app.py", "stick take && make -C ../other", "stick take && touch web/a",
    "stick wait && black ../other", "stick take && cd ../other && make", "stick take && rm -rf web",
    "stick take && git -C ../other commit -am x", "stick take && echo x > ../other/app.py",
    "stick run -- rm ../other/app.py", "stick run -- make -C ../other", "stick run sh -c 'rm web/a'",
    "stick take --room free && touch app.py", "stick wait --room free && git commit -am x",
    "cd free && stick take && rm ../app.py", "stick take --room ../other && rm app.py",
    "stick take && cd ../other; python3 x.py", "stick take && docker run -v $PWD/../other:/w img",
    "stick takeover --reason x && frobnicate ../other", "stick take && rm -rf ..", "stick take && $X web",
    "stick take && stick release -m x && rm app.py", "stick take; rm app.py",
    "cd $X && stick take && rm app.py",
    "stick take && tar xf a.tar -C ../other", "stick take && cp app.py ../other/",
    "stick take && ln -f app.py web/a",
    "STICK_BYPASS=why rm app.py", "stick join && rm app.py", "stick check app.py; rm app.py",
    "stick take && touch .talking-stick/x", "stick take && touch .git/config",
])  # fmt: skip
def test_our_verb_opens_no_other_room(sticks: Ground, command: str) -> None:
    assert not sticks.passes(command, sticks.shop)
