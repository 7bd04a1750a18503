"""The clients of clouds: AWS, Google's, Azure's and others that are built like them.

What they change far away is no file of this tree. What they write here is: copies of objects, reports,
and settings, by operands and by options that name a file.
"""

from __future__ import annotations

from stickhooks.shell import tables
from stickhooks.shell.options import both, listed
from stickhooks.shell.state import Call
from stickhooks.shell.words import is_known, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

#: Words of their languages: see ``clouds.txt``.
_TABLE: Final = tables.load("clouds")
_OTHERS: Final = {key[1]: spec for key, spec in _TABLE.items() if key[0] == "others"}


def _words(what: str) -> tuple[str, ...]:
    return tuple(_TABLE[what,].split())


def aws(call: Call) -> None:
    before = listed(call.words, _TABLE["aws",], permute=False)
    words = before.operands
    service, verb = (*words[:2], "", "")[:2]
    if before.odd or not all(map(is_known, words[:2])):
        _may_write(call)
    elif service == "s3":
        _s3(call, verb, words[2:])
    elif (
        (service == "configure" and verb in ("list", "get", "list-profiles"))
        or [service, verb] == ["logs", "tail"]
        or [service, verb] == ["ecr", "get-login-password"]
        or words[-1:] == ["help"]
        or before.has("version")
    ):
        pass
    elif not _prints(service, verb) or not _only_options(words[2 + (verb == "wait") :]):
        _may_write(call)


def _prints(service: str, verb: str) -> bool:
    """Tell whether a verb of a service's answers on standard output, whatever it does in the cloud."""
    if service in _words("with-files") and not verb.startswith(("describe-", "list-", "wait")):
        return verb in _TABLE.get(("prints", service), "").split()
    if service == "medialive" or "session" in verb or "kubeconfig" in verb:
        return False
    return verb.startswith((*_words("asking"), *_words("changing")))


def _only_options(words: list[str]) -> bool:
    """Tell whether only options with their values stand there: the name of a file would be none."""
    return not words or (words[0].startswith("--") and not any("outfile" in word for word in words))


def _s3(call: Call, verb: str, words: list[str]) -> None:
    """Judge ``aws s3``: what is copied to a place that is no bucket is written; so may be where it lay."""
    given = listed(words, both(_TABLE["s3",], _TABLE["aws",]))
    if given.odd or verb not in ("ls", "cp", "sync", "mv", "rm", "mb", "rb", "presign", "website"):
        _may_write(call)
    elif verb in ("cp", "sync", "mv") and not given.has("dryrun"):
        call.outputs(word for word in given.operands if not plain(word).startswith("s3:"))


def gcloud(call: Call) -> None:
    if call.words[:2] == ["config", "set"] and len(call.words) == 4:
        return  # beside the home folder's other settings
    _by_last_verb(call, _TABLE["gcloud",], _words("gcloud-ends"))


def az(call: Call) -> None:
    if call.words[:2] == ["account", "set"]:
        return
    _by_last_verb(call, _TABLE["az",], _words("az-ends"))


def other(call: Call) -> None:
    _by_last_verb(call, _OTHERS[call.name], _words("others-ends"), _words("others-last"))


def _by_last_verb(call: Call, spec: str, ends: tuple[str, ...], last: tuple[str, ...] = ()) -> None:
    given = listed(call.words, spec)
    places = [place for place, word in enumerate(given.operands) if word in ends]
    if not places and given.operands and given.operands[-1] in last:
        places = [len(given.operands) - 1]
    verbs = given.operands[: places[0]] if places else list(_words("making-files"))
    asks = not any(word in _words("making-files") for word in verbs) or given.has("help version")
    if given.odd or not asks:
        _may_write(call)


def _may_write(call: Call) -> None:
    from stickhooks.shell import telling

    first = " ".join(plain(word) for word in call.words[:2] if not word.startswith("-"))
    if not telling.helps(call.name, call.words):
        call.tree(f"{call.name} {first} may write a file")


HANDLERS: Final[dict[str, Callable[[Call], None]]] = {
    "aws": aws,
    "gcloud": gcloud,
    "az": az,
    **dict.fromkeys(_OTHERS, other),
}
