"""The one place where what goes wrong becomes a sentence and an exit code."""

# bundle: verbs
from __future__ import annotations

from stickhooks.errors import Next, Refusal
from stickhooks.operations.reply import Reply, refusing
from stickhooks.text import word
from stickhooks.views import output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def _with_debug(own: Sequence[str], foreign: Sequence[str]) -> str:
    """Return the same command line, with the trace that a report of the fault needs."""
    words = [word(one) for one in (*own, "--debug", *foreign)]
    return f"stick {' '.join(words)}   (report what it prints)"


def plainly(words: str) -> str:
    """Return words without the user and password of an address in them: nobody knows what a fault tells."""
    import re

    return re.sub(r"(://)[^/\s]*@", r"\1", words)


def caught(call: Callable[[], int], arguments: Sequence[str], env: Mapping[str, str]) -> int:
    """Return what a call returns, or say what went wrong and return its code. Nothing escapes.

    ``arguments`` are those of the command line, for ``--json`` and ``--debug`` in it.
    """
    before = list(arguments).index("--") if "--" in arguments else len(arguments)
    own = arguments[:before]
    try:
        return call()
    except Refusal as refusal:
        reply = refusing(refusal)
    except KeyboardInterrupt:
        reply = Reply(["interrupted"], "interrupted")
    except OSError as error:
        what = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        reply = Reply([what], "io", [] if error.filename == output.STDOUT else [Next("doctor")])
    except Exception as error:
        if "--debug" in own:
            import traceback

            output.write(2, plainly(traceback.format_exc().rstrip()))
        what = "internal error (please report it; `--debug` shows the traceback)"
        reply = Reply(
            [plainly(f"{what}: {type(error).__name__}: {error}")],
            "internal",
            [_with_debug(own, arguments[before:])],
        )
    try:
        output.show(reply, as_json="--json" in own or env.get("STICK_JSON") == "1")
    except OSError as error:  # the one object cannot be printed either
        output.write(2, f"stick: {error.filename}: {error.strerror}")
    return reply.status
