"""Which hook is answered by what. Loads only what the one that was asked needs."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

#: Those that can refuse; ``reference-transaction`` has a file of its own in ``hooks/``.
ASKING = (
    "pre-commit", "pre-merge-commit", "prepare-commit-msg", "applypatch-msg", "pre-rebase",
)  # fmt: skip
TRANSACTION = "reference-transaction"
#: Those that come too late to refuse; they note what was done without the stick.
NOTING = ("post-commit", "post-merge", "post-checkout", "post-rewrite")
RECEIVE = "pre-receive"  # a server's: put in by hand
GIT_HOOKS = (*ASKING, TRANSACTION, *NOTING)
PROBE = "probe"  # what a hook of ours asks where `stick doctor` tries it: see hook_proof.py
SESSION_HOOKS = ("session-start", "stop", "session-end")


def main(arguments: "list[str]") -> int:
    """Answer one hook and return the exit code that its caller understands."""
    name, options = (arguments[0], arguments[1:]) if arguments else ("", [])
    if name == "pre-edit":
        from stickhooks import edit_hook

        return edit_hook.answer(_option(options, "--client"))
    if name == "pre-save":
        from stickhooks import save_hook

        return save_hook.answer(options)
    if name in ASKING:
        from stickhooks import commit_hook

        return commit_hook.answer(name, _option(options, "--git"))
    if name == TRANSACTION:
        from stickhooks import refs_hook

        return refs_hook.answer(_option(options, "--git"))
    if name == RECEIVE:
        from stickhooks import receive_hook

        return receive_hook.answer()
    if name in NOTING:
        from stickhooks import audit_hook

        return audit_hook.answer(name, options[2:] if options[:1] == ["--git"] else options)
    if name in SESSION_HOOKS:
        from stickhooks import session_hook

        return session_hook.answer(name, _option(options, "--client"))
    if name == PROBE:
        sys.stderr.write(f"stick: asked {_word()} {' '.join(options)}\n")
        return 3
    from stickhooks import door

    there = ", ".join(("pre-edit", "pre-save", *SESSION_HOOKS, RECEIVE, *GIT_HOOKS))
    from stickhooks.telling import plain

    door.say(f"stick: no such hook: {plain(name, 60)}; there are {there}")
    return 2


def _word() -> str:
    from stickhooks.system import os

    return os.environ.get("STICK_PROBE", "")


def _option(options: "list[str]", name: str) -> str:
    return options[options.index(name) + 1] if name in options[:-1] else ""


def start() -> "NoReturn":
    """Answer the hook that this process was started for, and end it with the exit code."""
    from stickhooks.system import leave

    leave(main(sys.argv[1:]))
