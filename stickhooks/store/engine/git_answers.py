"""What git and a remote say where they do not do what was asked, told apart.

Whether a race was lost is never read from these words: the ref is asked for again. They only choose
the sentence. From git 2.39 to 2.55 they are the same, in the C locale.
"""

from __future__ import annotations

import re

from stickhooks.errors import Next, Refusal
from stickhooks.text import word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from stickhooks.errors import Step
    from stickhooks.store.engine.git_repository import Done

_LOCK_FILE: Final = re.compile(r"Unable to create '([^']+\.lock)'")
_ALONE: Final = Next("init", "--solo", after=Next("uninit"), note="a room of this clone alone")
_SECRET: Final = re.compile(r"(://)[^/\s]*@")
_SILENT: Final = b"[remote failure]"
_LOCK: Final = "a lock of another push is left on the server"
_READS: Final = "the server lets you read, and not write"
_ABSENT: Final = "there is no repository at that place, or none for you"
_ATOMIC: Final = "the server cannot push two refs at once (--atomic)"
_HIDES: Final = "the server hides refs/stickhooks from pushes (transfer.hideRefs)"
_DECLINES: Final = (
    "a hook of the server declines refs/stickhooks (a sandbox may push its own branch only)"
)
_ASKS: Final = "git has no credentials for the server, and may not ask here"
#: Words of git where nothing was sent, and what they mean; the first that fits counts.
_BEFORE: Final = (
    ("does not support --atomic", _ATOMIC),
    ("returned error: 403", _READS),
    ("Permission to", _READS),
    ("Permission denied (", "the server does not let you in"),
    ("Authentication failed", "the server does not take the credentials that git has for it"),
    ("could not read Username", _ASKS),
    ("terminal prompts disabled", _ASKS),
    ("Host key verification failed", "ssh does not know the server's key"),
    ("Could not resolve host", "the server's name cannot be found: is there a network?"),
    ("Connection refused", "the server refuses connections"),
    ("Could not connect", "the server cannot be reached"),
    ("Failed to connect", "the server cannot be reached"),
    ("does not appear to be a git repository", _ABSENT),
    ("Repository not found", _ABSENT),
    ("/' not found", _ABSENT),
)
#: Those of an answer that no race brings.
_POLICY: Final = (
    ("hidden ref", _HIDES),
    ("hook declined", _DECLINES),
)
#: And those of an answer to a push that was in the way of another, or came too late.
_LOCKS: Final = (
    ("Unable to create", _LOCK),
    ("cannot lock ref", _LOCK),
    ("unable to lock", _LOCK),
    ("failed to update ref", _LOCK),
)


def was_not_sent(done: Done) -> bool:
    """Tell whether a push ended before anything was sent. What hooks of the server print (``remote:``) is
    no sign of it: they run once it has all."""
    lines = [line for line in done.errors.splitlines() if not line.startswith("remote:")]
    return any(words in line for line in lines for words, _ in _BEFORE) and not is_answer(done)


def is_policy(done: Done) -> bool:
    """Tell whether a server refused by a setting or a hook of its own: the same ref may be hidden from
    who asks for it, too."""
    return is_answer(done) and any(words.encode() in done.output for words, _ in _POLICY)


def is_answer(done: Done) -> bool:
    """Tell whether a push was answered for its refs (git-push(1), ``--porcelain``). A server that did
    not report has not answered: it may do it yet."""
    lines = done.output.splitlines()
    return any(line.startswith(b"!\t") and _SILENT not in line for line in lines)


def refused(name: str, errors: str, output: bytes = b"") -> Refusal:
    """Return the refusal for what git said, with its own words as further lines."""
    words = without_password(f"{errors}\n{output.decode('utf-8', 'replace')}")
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    meaning = next((told for sign, told in (*_BEFORE, *_POLICY, *_LOCKS) if sign in words), None)
    told = meaning or (lines[0] if lines else "git gave no reason")
    message = f"{name} did not do that: {told}; nothing was changed"
    return Refusal("engine", message, _steps(name, told, words), more=lines[:6])


def _steps(name: str, told: str, words: str) -> list[Step]:
    """Return what helps: on the server where that is ours, else to be alone, or to see what git says."""
    server = "# in the repository on the server"
    if told == _LOCK and (found := _LOCK_FILE.search(words)):
        return [f"rm {word(found[1])} # on the server, while nobody pushes", _look(name)]
    if told == _ATOMIC:
        return [f"git config receive.advertiseAtomic true {server}"]
    if told == _HIDES:
        return [f"git config --get-regexp hiderefs {server}", _ALONE]
    if told == _ASKS:  # asked for once by git, and kept where all that runs here finds it
        return [f"git config --add credential.helper cache && {_look(name)}"]
    if told in (_DECLINES, _READS):
        remote = name.removeprefix("git:").partition("#")[0]
        return [f"git push --dry-run {word(remote)} HEAD", _ALONE]
    return [_look(name)]


def without_password(words: str) -> str:
    """Return words with the user and the password of every address left out."""
    return _SECRET.sub(r"\1", words)


def silent(name: str, seconds: float) -> Refusal:
    """Return the refusal for a remote that did not answer in time."""
    message = f"{name} did not answer within {seconds:g} s; nothing was changed"
    return Refusal("engine", message, [_look(name)])


def _look(name: str) -> str:
    """Return the command by which its reader sees what git says, and may be asked for a password."""
    remote = name.removeprefix("git:").partition("#")[0]
    return f"git ls-remote {word(remote)} 'refs/stickhooks/*'"
