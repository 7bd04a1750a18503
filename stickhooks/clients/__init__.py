"""The coding clients: one adapter a file, one registry. Imported by the gate.

Who is asking depends on a few facts about every client, and they stand here; how a client
asks and what it blocks on stands in its adapter, of which the gate loads one.
"""

SESSION_VARIABLE = "STICK_SESSION_ID"  # set by our plugin, or by hand: clients that tell no id


class Client:
    """By what one client is known to its hooks, to commands in its shell, and to git hooks there.

    ``sessions`` are the variables that carry the session id, the first that is set counts.
    ``marks`` are set in its shell even where no session id is. ``pid`` is the variable with
    its process id, ``processes`` are names of its program. ``one_session`` is True where a
    new session in the same process succeeds the old one. ``app`` is True for a desktop program,
    below which people have terminals as well: there its processes alone say nothing. ``projects`` are
    set in the environment of its hooks, to the folder that the session is about. ``login_shell`` is
    True where commands run in one, whose search path is its own; ``hookless`` where git runs no hooks
    in its shell.
    """

    __slots__ = (
        "app",
        "hookless",
        "login_shell",
        "marks",
        "name",
        "one_session",
        "pid",
        "processes",
        "projects",
        "sessions",
        "short",
    )

    def __init__(
        self,
        name: str,
        short: str,
        sessions: "tuple[str, ...]" = (),
        marks: "tuple[str, ...]" = (),
        pid: str = "",
        processes: "tuple[str, ...]" = (),
        one_session: bool = True,
        app: bool = False,
        projects: "tuple[str, ...]" = (),
        login_shell: bool = False,
        hookless: bool = False,
    ) -> None:
        self.name = name
        self.short = short
        self.sessions = sessions
        self.marks = marks
        self.pid = pid
        self.processes = frozenset(processes)
        self.one_session = one_session
        self.app = app
        self.projects = projects
        self.login_shell = login_shell
        self.hookless = hookless

    def session_in(self, env: "dict[str, str]") -> str:
        """Return the session id that an environment names, or ``""``."""
        return next((env[name].strip() for name in self.sessions if env.get(name, "").strip()), "")

    def told_by(self, env: "dict[str, str]") -> bool:
        """Tell whether an environment comes from this client, or from one inside it."""
        return any(env.get(name) for name in (*self.marks, *self.sessions, self.pid))


# A later one counts where several variables are set and no process can be seen: Codex comes
# last of those with a session, because its sandbox is where processes cannot be seen.
_ALL = (
    Client("claude-code", "claude", ("CLAUDE_CODE_SESSION_ID",), ("CLAUDECODE",), "CLAUDE_PID",
           ("claude",), projects=("CLAUDE_PROJECT_DIR",)),
    Client("gemini", "gemini", (), ("GEMINI_CLI",), "", ("gemini", "gemini-cli"),
           projects=("GEMINI_PROJECT_DIR", "GEMINI_CWD"), hookless=True),
    Client("copilot", "copilot", ("COPILOT_AGENT_SESSION_ID",), ("COPILOT_CLI",), "", ("copilot",),
           projects=("COPILOT_PROJECT_DIR",)),
    Client("opencode", "opencode", (SESSION_VARIABLE,), ("OPENCODE",), "OPENCODE_PID",
           ("opencode",), one_session=False),
    Client("cursor", "cursor", (SESSION_VARIABLE,), ("CURSOR_AGENT",), "",
           ("cursor", "Cursor", "cursor-agent"), app=True, projects=("CURSOR_PROJECT_DIR",)),
    Client("windsurf", "windsurf", (SESSION_VARIABLE,), (), "", ("windsurf", "Windsurf"), app=True),
    Client("cline", "cline", (SESSION_VARIABLE,), ("CLINE_ACTIVE",), "",
           ("cline", "code", "code-insiders", "codium", "Code"), app=True),
    Client("codex", "codex", ("CODEX_SESSION_ID", "CODEX_THREAD_ID"), (), "", ("codex",),
           login_shell=True),
)  # fmt: skip
CLIENTS = {client.name: client for client in _ALL}
