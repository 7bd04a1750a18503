"""One live session of a packaged coding client, led call by call, against a model on loopback.

Each runs without a terminal, in a home of its own, without credentials. ``CLIENTS`` says how it is
started, resumed and configured, and by which names its tools are called.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .scripted_model import Call, ScriptedModel

STICK = Path(sys.executable).with_name("stick")
SERVER = [sys.executable, str(Path(__file__).with_name("mcp_server.py"))]
LIMIT_S = 240
HANG_UP_S = 0.5
PAUSE_S = 4.0
#: What the tests' own environment has of clients, and must not reach the one that is driven.
FOREIGN = (
    "AI_", "ANTHROPIC", "CLAUDE", "CODEX", "COPILOT", "GEMINI", "GIT_", "GOOGLE", "OPENAI",
    "OPENCODE", "STICK", "XDG_",
)  # fmt: skip


@dataclass(frozen=True)
class Client:
    """``again`` resumes the newest session; ``shell``, ``write`` and ``change`` make calls of its tools.

    ``mcp`` is the form of a server's tool, ``prepare`` writes the settings, given the home, the
    repository and the model's address. ``task`` makes a call that starts a subagent, ``apart`` is True
    where that runs beside its parent. ``reloads`` is True where the client reads changed settings while
    it runs, ``talking`` are the options with which it is told more than one message, a line of JSON each.
    """

    command: list[str]
    again: list[str]
    shell: Callable[[str], Call]
    write: Callable[[Path], Call]
    change: Callable[[Path, str, str], Call]
    mcp: str
    prepare: Callable[[Path, Path, str], dict[str, str]]
    install: str = ""
    reloads: bool = False
    task: Call | None = None
    apart: bool = False
    talking: tuple[str, ...] = ()


def _settings(path: Path, told: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told))


def claude(home: Path, repo: Path, url: str) -> dict[str, str]:
    server = {"command": SERVER[0], "args": SERVER[1:]}
    _settings(home / "mcp.json", {"mcpServers": {"files": server}})
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
        f'[mcp_servers.files]\ncommand = "{SERVER[0]}"\nargs = {json.dumps(SERVER[1:])}\n'
    )
    return {}


def gemini(home: Path, repo: Path, url: str) -> dict[str, str]:
    server = {"command": SERVER[0], "args": SERVER[1:], "trust": True}
    told = {"security": {"auth": {"selectedType": "gemini-api-key"}}}
    _settings(home / ".gemini/settings.json", {**told, "mcpServers": {"files": server}})
    trusted = {"GEMINI_CLI_TRUST_WORKSPACE": "true"}
    return {"GEMINI_API_KEY": "none", "GOOGLE_GEMINI_BASE_URL": url, **trusted}


def copilot(home: Path, repo: Path, url: str) -> dict[str, str]:
    server = {"type": "local", "command": SERVER[0], "args": SERVER[1:], "tools": ["*"]}
    _settings(home / ".copilot/mcp-config.json", {"mcpServers": {"files": server}})
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
    server = {"type": "local", "command": SERVER, "enabled": True}
    settings = {"provider": {"scripted": provider}, "model": "scripted/scripted"}
    _settings(home / ".config/opencode/opencode.json", {**settings, "mcp": {"files": server}})
    return {}


def _shell(tool: str, key: str = "command") -> Callable[[str], Call]:
    return lambda line: (tool, {key: line, "description": "as told"})


def _patch(path: Path) -> Call:
    return "apply_patch", f"*** Begin Patch\n*** Add File: {path.name}\n+new\n*** End Patch\n"


def _hunk(path: Path, old: str, new: str) -> Call:
    hunk = f"*** Update File: {path.name}\n@@\n-{old}\n+{new}\n"
    return "apply_patch", f"*** Begin Patch\n{hunk}*** End Patch\n"


def _edit(tool: str, *keys: str, **more: str) -> Callable[[Path, str, str], Call]:
    return lambda path, old, new: (
        tool,
        {**dict(zip(keys, (str(path), old, new), strict=True)), **more},
    )


_CLAUDE = [
    "--permission-mode",
    "acceptEdits",
    "--allowedTools",
    "Bash Write mcp__files",
    "--mcp-config",
]
_CODEX = ["--dangerously-bypass-hook-trust", "--enable", "multi_agent_v2"]
CLIENTS = {
    "claude": Client(
        ["claude", "-p", "go", *_CLAUDE, "@HOME/mcp.json"],
        ["claude", "-p", "more", "--continue", *_CLAUDE, "@HOME/mcp.json"],
        _shell("Bash"),
        lambda path: ("Write", {"file_path": str(path), "content": "new\n"}),
        _edit("Edit", "file_path", "old_string", "new_string"), "mcp__files__{}", claude, reloads=True,
        talking=("--input-format", "stream-json", "--output-format", "stream-json", "--verbose"),
        task=("Task", {"description": "t", "prompt": "p", "subagent_type": "general-purpose"}),
    ),
    "codex": Client(
        ["codex", "exec", *_CODEX, "go"],
        ["codex", "exec", "resume", "--last", *_CODEX, "more"],
        _shell("exec_command", "cmd"), _patch, _hunk, "mcp__files__{}", codex, apart=True,
        task=("collaboration__spawn_agent", {"task_name": "t", "message": "p", "fork_turns": "none"}),
    ),
    "gemini": Client(
        ["gemini", "-m", "gemini-2.5-flash", "--yolo", "-p", "go"],
        ["gemini", "-m", "gemini-2.5-flash", "--yolo", "--resume", "latest", "-p", "more"],
        _shell("run_shell_command"),
        lambda path: ("write_file", {"file_path": str(path), "content": "new\n"}),
        _edit("replace", "file_path", "old_string", "new_string", instruction="as told"),
        "mcp_files_{}", gemini, "--user",
        task=("invoke_agent", {"agent_name": "generalist", "prompt": "p"}),
    ),
    "copilot": Client(
        ["copilot", "-p", "go", "--allow-all-tools"],
        ["copilot", "-p", "more", "--allow-all-tools", "--continue"],
        _shell("bash"),
        lambda path: ("create", {"path": str(path), "file_text": "new\n"}),
        _edit("edit", "path", "old_str", "new_str"), "files-{}", copilot, "--user",
        task=("task", {"name": "t", "description": "t", "prompt": "p", "agent_type": "general-purpose"}),
    ),
    "opencode": Client(
        ["opencode", "run", "go"],
        ["opencode", "run", "--continue", "more"],
        _shell("bash"),
        lambda path: ("write", {"filePath": str(path), "content": "new\n"}),
        _edit("edit", "filePath", "oldString", "newString"), "files_{}", opencode, "--user",
        task=("task", {"description": "t", "prompt": "p", "subagent_type": "general"}),
    ),
}  # fmt: skip


class LiveModel(ScriptedModel):
    """A model that asks for the next tool when it is told to; ``None`` lets it end.

    Once it ``ends`` it asks for nothing: a client whose hook at the end reminds it of the stick asks again.
    """

    def __init__(self) -> None:
        super().__init__([])
        self.todo: queue.Queue[Call | None] = queue.Queue()
        self.told: queue.Queue[str] = queue.Queue()
        self.below: queue.Queue[Call | None] = queue.Queue()  # of a subagent that runs beside
        self.waits = self.ends = self.apart = False

    def next_call(self, results: list[Any], tools: object) -> Call | None:
        if not tools or self.ends:
            return None
        if self.waits and results:
            self.told.put(json.dumps(results[-1], ensure_ascii=False))
            self.waits = False
        call = (self.below if self.apart and not results else self.todo).get()
        self.waits = call is not None
        return call

    def hang_up(self) -> None:
        """Let the answer go that a dead client waited for: it would take the next one's call."""
        self.todo.put(None)
        time.sleep(HANG_UP_S)
        self.todo.queue.clear()
        self.waits = False


def alone(home: Path, repo: Path) -> dict[str, str]:
    """Return an environment with a home of its own and nothing of other clients."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(FOREIGN)}
    path = f"{STICK.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {**kept, "HOME": str(home), "PATH": path, "PWD": str(repo), "NO_PROXY": "127.0.0.1"}


class Live:
    """A session that runs. A result is what the model is told of a call, as JSON."""

    stdin = subprocess.DEVNULL

    def __init__(self, name: str, home: Path, repo: Path, *, install: bool = True) -> None:
        home.mkdir()
        self.client, self.name, self.home, self.repo = CLIENTS[name], name, home, repo
        self.log = home / "client.log"
        (home / ".bash_profile").write_text(
            f'export PATH="{STICK.parent}:$PATH"\n'
        )  # Codex: bash -lc
        self.model = LiveModel()
        self.model.__enter__()
        told = self.client.prepare(home, repo, self.model.url)
        self.env = {**alone(home, repo), **told}
        if install:
            self.install()
        self.start(self.client.command)

    def install(self) -> str:
        line = f"init --only {self.name} {self.client.install}"
        return self.stick(line)

    def stick(self, line: str) -> str:
        """Type a command of ours in a terminal of a person who has this session's home."""
        done = subprocess.run(
            [STICK, *line.split()], cwd=self.repo, env=self.env, capture_output=True, text=True, check=False
        )  # fmt: skip
        return done.stdout + done.stderr

    def start(self, command: list[str]) -> None:
        line = [word.replace("@HOME", str(self.home)) for word in command]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                line, cwd=self.repo, env=self.env, stdin=self.stdin, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def call(self, tool: str, given: Any) -> str:
        self.model.todo.put((tool, given))
        try:
            return self.model.told.get(timeout=LIMIT_S)
        except queue.Empty:
            raise RuntimeError(f"{self.name}: no result of {tool}: {self._said()}") from None

    def shell(self, line: str) -> str:
        return self.call(*self.client.shell(line))

    def write(self, name: str) -> str:
        return self.call(*self.client.write(self.repo / name))

    def change(self, name: str, old: str, new: str) -> str:
        return self.call(*self.client.change(self.repo / name, old, new))

    def mcp(self, tool: str, given: Mapping[str, Any]) -> str:
        return self.call(self.client.mcp.format(tool), given)

    def write_by_subagent(self, name: str) -> str:
        """Have a subagent of the client's own write a file; return what that is told."""
        assert self.client.task
        self.model.apart = self.client.apart
        if not self.client.apart:
            self.model.todo.put(self.client.task)
            self.model.waits = False
            return self.write(name)
        self.call(*self.client.task)
        self.model.below.put(self.client.write(self.repo / name))
        return self.model.told.get(timeout=LIMIT_S)

    def end(self) -> None:
        self.model.ends = True
        self.model.todo.put(None)
        try:
            self.process.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def pause(self) -> None:
        """Let what it was told to do end, and what it is reminded of."""
        self.model.ends = True
        self.model.todo.put(None)
        time.sleep(PAUSE_S)
        self.model.todo.queue.clear()
        self.model.ends = False

    def resume(self) -> None:
        self.model.ends = False
        self.start(self.client.again)

    def kill(self) -> None:
        """Kill the client and all that it started, as a crash would."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self.model.hang_up()

    def close(self) -> None:
        self.kill()
        self.model.todo.put(None)
        self.model.__exit__(None, None, None)

    def _said(self) -> str:
        return self.log.read_text(errors="replace")[-400:]


class Talking(Live):
    """A session that is told one message after the other, slash commands among them."""

    stdin = subprocess.PIPE

    def start(self, command: list[str]) -> None:
        super().start([*(word for word in command if word != "go"), *self.client.talking])
        self.say("go")

    def say(self, text: str) -> None:
        content = [{"type": "text", "text": text}]
        line = {"type": "user", "message": {"role": "user", "content": content}}
        assert self.process.stdin is not None
        self.process.stdin.write((json.dumps(line) + "\n").encode())
        self.process.stdin.flush()
