"""One tree at two paths: a moved folder, or the same one on a host and in a container."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.shells import Shells, without_stick

pytestmark = pytest.mark.sampled(3)


def test_hooks_work_at_either_path(room: Path, shells: Shells, tmp_path: Path) -> None:
    shells.member(room, "ada").stick("take").ok()
    there = tmp_path / "work spaces" / "shop"
    there.parent.mkdir()
    agent = shells.agent(room)
    agent.edit("app.py").fails(2, "ada holds")
    room.rename(there)
    moved = shells.agent(there)
    moved.edit("app.py").fails(2, "ada holds")
    shells.person(there).stick("init --only git,claude").ok()  # as the refusal used to say
    moved.edit("app.py").fails(2, "ada holds")
    there.rename(room)
    shells.agent(room).edit("app.py").fails(2, "ada holds")
    deeper = shells.agent(room)
    deeper.run(
        f"cd src && sh -c {_quoted(deeper.hook_command())}", stdin=_payload(deeper, tmp_path)
    ).fails(2, "ada holds")


def _quoted(text: str) -> str:
    import shlex

    return shlex.quote(text)


def _payload(agent: object, tmp_path: Path) -> Path:
    import json

    file = tmp_path / "payload"
    file.write_text(json.dumps(agent.payload(agent.cwd / "app.py")))  # type: ignore[attr-defined]
    return file


def test_the_holder_may_edit_at_another_path(room: Path, shells: Shells, tmp_path: Path) -> None:
    there = tmp_path / "there"
    room.rename(there)
    agent = shells.agent(there)
    agent.stick("join").ok()
    agent.stick("take").ok()
    agent.edit("app.py").ok()


@pytest.mark.parametrize("shell", ["sh", "bash", "zsh", "dash"])
def test_every_shell_finds_the_launcher(
    room: Path, shells: Shells, tmp_path: Path, shell: str
) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell}")
    shells.member(room, "ada").stick("take").ok()
    there = tmp_path / "there"
    room.rename(there)
    agent = shells.agent(there)
    command = f"{shell} -c {_quoted(agent.hook_command())}"
    agent.run(command, stdin=_payload(agent, tmp_path)).fails(2, "ada holds")


def test_a_linked_worktree_at_another_path(room: Path, shells: Shells, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    person = shells.person(room)
    person.run(f"git worktree add -q {linked}").ok()
    inside = shells.person(linked)
    inside.stick("init --only git,claude").ok()
    inside.stick("join --as ada").ok()
    inside.stick("take").ok()
    there = tmp_path / "elsewhere"
    linked.rename(there)
    subprocess.run(["git", "worktree", "repair", there], cwd=room, check=True, capture_output=True)
    shells.agent(there).edit("app.py").fails(2, "ada holds")


PLUGIN_HOST = """
const [file, root] = process.argv.slice(1)
const source = require("fs").readFileSync(file).toString("base64")
import("data:text/javascript;base64," + source).then(async (m) => {
  const client = { session: { get: async () => ({}) } }
  const hooks = await Object.values(m)[0]({ directory: root, worktree: root, client })
  const call = { tool: "edit", sessionID: "ses_1", callID: "call_1" }
  await hooks["tool.execute.before"](call, { args: { filePath: root + "/app.py" } })
}).catch((error) => { console.error(error.message); process.exit(2) })
"""


@pytest.mark.parametrize("git", ["a folder", "a file", "a file with a relative path"])
def test_the_plugin_of_opencode_finds_the_launcher(
    git: str, room: Path, shells: Shells, tmp_path: Path
) -> None:
    if shutil.which("node") is None:
        pytest.skip("THERE IS NO node: the plugin of OpenCode was not tested")
    tree, there = room, tmp_path / "elsewhere"
    if git != "a folder":
        tree = tmp_path / "linked"
        shells.person(room).run(f"git worktree add -q {tree}").ok()
    inside = shells.person(tree)
    inside.stick("init --only git,opencode").ok()
    inside.stick("join --as ada").ok()
    inside.stick("take").ok()
    tree.rename(there)
    if git != "a folder":
        subprocess.run(
            ["git", "worktree", "repair", there], cwd=room, check=True, capture_output=True
        )
    if git == "a file with a relative path":  # git worktree add --relative-paths, since 2.48
        (there / ".git").write_text(f"gitdir: ../{room.name}/.git/worktrees/linked\n")
        assert (there / f"../{room.name}/.git/worktrees/linked/HEAD").exists()
    [plugin] = (there / ".opencode").rglob("*.js")
    words = f"node -e {_quoted(PLUGIN_HOST)} {plugin} {there}"
    shells.agent(there).run(words).fails(2, "ada holds")


def test_without_a_launcher_anywhere_an_edit_is_refused(room: Path, shells: Shells) -> None:
    agent = shells.agent(room)
    shutil.rmtree(room / ".git/stickhooks")
    agent.edit("app.py").fails(2, "next: stick init")


def test_outside_every_room_it_lets_pass(room: Path, shells: Shells, tmp_path: Path) -> None:
    agent = shells.agent(room)
    command = agent.hook_command()
    payload = _payload(agent, tmp_path)
    room.rename(tmp_path / "there")
    empty = tmp_path / "empty"
    empty.mkdir()
    agent.run(f"sh -c {_quoted(command)}", cwd=empty, stdin=payload).ok()


def test_git_hooks_at_a_place_with_another_interpreter(room: Path, shells: Shells) -> None:
    """As in a container: the interpreter that `stick init` named is not there, ``stick`` is on PATH."""
    ada = shells.holder(room, "ada")
    for hook in (room / ".git/hooks").iterdir():
        text = hook.read_text()
        lines = ["stick_python=/nowhere/python" if line.startswith("stick_python=") else line
                 for line in text.split("\n")]  # fmt: skip
        hook.write_text("\n".join(lines))
    commit = "git commit -q --allow-empty -m x"
    shells.person(room).run(commit).fails(1, "ada holds")
    ada.run(commit).ok()
    path = without_stick(shells.env["PATH"])
    shells.person(room, {"PATH": path}).run(commit).fails(1, "could not be run", "next:")
