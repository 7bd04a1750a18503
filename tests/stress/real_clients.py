"""The coding clients themselves, as packaged, refused by the hooks that ``stick init`` puts in.

By hand, for it needs the clients on the PATH (``npm install --prefix DIR @openai/codex
@anthropic-ai/claude-code @google/gemini-cli @github/copilot opencode-ai``):

    PATH=DIR/node_modules/.bin:$PATH python -m tests.stress.real_clients [NAME …]

Each runs without a terminal, in a home of its own, without credentials, against a scripted
model on loopback, which asks for an edit, for a shell command that writes, and for one that
reads. Somebody else holds the stick. It ends with 1 unless the first two were refused with
that holder's name, the third was not, and the tree is as it was.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from stickhooks.operations.rooms import Rooms
from stickhooks.store.files import FileStore

from .cases import repository
from .scripted_model import Call, ScriptedModel

STICK = Path(sys.executable).with_name("stick")
LIMIT_S = 240
#: What the tests' own environment has of clients, and must not reach the one that is driven.
FOREIGN = (
    "AI_", "ANTHROPIC", "CLAUDE", "CODEX", "COPILOT", "GEMINI", "GIT_", "GOOGLE", "OPENAI",
    "OPENCODE", "STICK", "XDG_",
)  # fmt: skip
WRITE = "sed -i s/original/changed/ app.txt"
READ = "cat app.txt"
PATCH = "*** Begin Patch\n*** Update File: app.txt\n@@\n-original\n+changed\n*** End Patch\n"


@dataclass(frozen=True)
class Client:
    """How one client is started, and what its model may ask of it.

    ``prepare`` writes its settings, given the home, the repository and the model's address.
    ``install`` is for ``stick init``.
    """

    command: list[str]
    calls: list[Call]
    prepare: Callable[[Path, Path, str], dict[str, str]]
    install: str = ""


def shell(tool: str, key: str = "command") -> list[Call]:
    return [(tool, {key: line, "description": "as told"}) for line in (WRITE, READ)]


def claude(home: Path, repo: Path, url: str) -> dict[str, str]:
    quiet = {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_TELEMETRY": "1"}
    return {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": "none", **quiet}


def codex(home: Path, repo: Path, url: str) -> dict[str, str]:
    (home / ".codex").mkdir()
    (home / ".codex/config.toml").write_text(
        'model = "gpt-5.5"\nmodel_provider = "scripted"\n'
        'approval_policy = "never"\nsandbox_mode = "danger-full-access"\n'
        f'[model_providers.scripted]\nname = "scripted"\nbase_url = "{url}/v1"\n'
        'wire_api = "responses"\n'
        f'[projects."{repo}"]\ntrust_level = "trusted"\n'
    )
    return {}


def gemini(home: Path, repo: Path, url: str) -> dict[str, str]:
    (home / ".gemini").mkdir()
    (home / ".gemini/settings.json").write_text(
        '{ // mine\n  "security": {"auth": {"selectedType": "gemini-api-key"}} // no key\n}\n'
    )
    trusted = {"GEMINI_CLI_TRUST_WORKSPACE": "true"}
    return {"GEMINI_API_KEY": "none", "GOOGLE_GEMINI_BASE_URL": url, **trusted}


def copilot(home: Path, repo: Path, url: str) -> dict[str, str]:
    return {
        "COPILOT_OFFLINE": "true",
        "COPILOT_PROVIDER_BASE_URL": f"{url}/v1",
        "COPILOT_PROVIDER_TYPE": "openai",
        "COPILOT_PROVIDER_API_KEY": "none",
        "COPILOT_MODEL": "scripted",
    }


def opencode(home: Path, repo: Path, url: str) -> dict[str, str]:
    provider = {
        "npm": "@ai-sdk/openai-compatible",
        "options": {"baseURL": f"{url}/v1", "apiKey": "none"},
        "models": {"scripted": {"tool_call": True}},
    }
    settings = {"provider": {"scripted": provider}, "model": "scripted/scripted"}
    (home / ".config/opencode").mkdir(parents=True)
    (home / ".config/opencode/opencode.json").write_text(json.dumps(settings))
    return {}


NEW = {"content": "new\n"}
CLIENTS = {
    "claude": Client(
        ["claude", "-p", "go", "--permission-mode", "acceptEdits", "--allowedTools", "Bash Write"],
        [("Write", {"file_path": "@/new.txt", **NEW}), *shell("Bash")],
        claude,
    ),
    "codex": Client(
        ["codex", "exec", "--dangerously-bypass-hook-trust", "go"],
        [("apply_patch", PATCH), *shell("exec_command", "cmd")],
        codex,
    ),
    "gemini": Client(
        ["gemini", "-m", "gemini-2.5-flash", "--yolo", "-p", "go"],
        [("write_file", {"file_path": "@/new.txt", **NEW}), *shell("run_shell_command")],
        gemini,
        "--user",
    ),
    "copilot": Client(
        ["copilot", "-p", "go", "--allow-all-tools"],
        [("create", {"path": "@/new.txt", "file_text": "new\n"}), *shell("bash")],
        copilot,
        "--user",
    ),
    "opencode": Client(
        ["opencode", "run", "go"],
        [("write", {"filePath": "@/new.txt", **NEW}), *shell("bash")],
        opencode,
        "--user",
    ),
}


def drive(name: str, folder: Path) -> str:
    """Run one client in an empty folder; return what went wrong, ``""`` for nothing."""
    client, home, repo = CLIENTS[name], folder / "home", folder / "repo"
    home.mkdir()
    calls = json.loads(json.dumps(client.calls).replace("@/", f"{repo}/"))
    with ScriptedModel([(tool, given) for tool, given in calls]) as model:
        env = {**alone(home, repo), **client.prepare(home, repo, model.url)}
        held(repo, env, f"init --only {name} {client.install}")
        done = subprocess.run(
            client.command,
            cwd=repo,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=LIMIT_S,
            check=False,
        )
        results = model.results
    for result in results:
        print(f"  {result[:200]}")
    if len(results) != len(calls):
        said = (done.stdout + done.stderr)[-500:]
        return f"{len(results)} of {len(calls)} calls came back (exit {done.returncode}): {said}"
    if not all("ada holds" in result for result in results[:2]):
        return "it was not refused"
    if "original" not in results[2]:
        return "it could not read"
    changed = {p.name: p.read_text() for p in repo.glob("*.txt")} != {"app.txt": "original\n"}
    return "the tree was changed" if changed else ""


def alone(home: Path, repo: Path) -> dict[str, str]:
    """Return an environment with a home of its own and nothing of other clients."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(FOREIGN)}
    path = f"{STICK.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {**kept, "HOME": str(home), "PATH": path, "PWD": str(repo), "NO_PROXY": "127.0.0.1"}


def held(repo: Path, env: dict[str, str], install: str) -> None:
    """Make a repository with our hooks in it, and a room that ada holds."""
    repository(repo)
    (repo / "app.txt").write_text("original\n")
    for arguments in ("init --only git", install):
        subprocess.run([STICK, *arguments.split()], cwd=repo, env=env, check=True)
    rooms = Rooms(FileStore(str(repo), str(repo / ".git")))
    room_id = str(rooms.join("ada", "")["room_id"])
    rooms.wait("ada", room_id, why="refactor")


def main(names: list[str]) -> int:
    failed = 0
    for name in names or list(CLIENTS):
        if shutil.which(CLIENTS[name].command[0]) is None:
            print(f"{name}: not on the PATH")
            continue
        with tempfile.TemporaryDirectory(prefix=f"stick-{name}-", ignore_cleanup_errors=True) as t:
            wrong = drive(name, Path(os.path.realpath(t)))
        failed += bool(wrong)
        print(f"{name}: {wrong or 'refused as it should be'}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
