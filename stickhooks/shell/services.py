"""Programs that ask something far away: containers, clusters, clouds. What runs in there is judged."""

from __future__ import annotations

from stickhooks.shell.options import Options, listed
from stickhooks.shell.state import Call
from stickhooks.shell.words import as_typed, is_known, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

#: The words that run a command in something that runs already, and the options before its name.
_DOCKER: Final = "ditTu:w: detach interactive tty user= workdir= privileged index= no-tty no-TTY"
_INSIDE: Final = {
    "docker exec": _DOCKER,
    "docker container exec": _DOCKER,
    "docker compose exec": _DOCKER,
    "docker-compose exec": _DOCKER,
    "kubectl exec": "itc:n: stdin tty container= namespace= quiet context= kubeconfig=",
}
_BEFORE: Final = (
    "f:p:n:H:c: file= project-name= profile= env-file= namespace= context= host= kubeconfig="
)
#: What asks a cloud and changes nothing: the beginnings of its verbs, and whole ones.
_ASKING: Final = ("describe-", "list-", "head-", "search-", "filter-", "lookup-", "query-")
_AWS_WHOLE: Final = """
    get-caller-identity get-parameter get-parameters get-parameters-by-path get-secret-value
    get-log-events get-function get-function-configuration get-login-password get-policy
    get-policy-version get-role get-role-policy get-user get-group get-bucket-location get-bucket-acl
    get-bucket-policy get-bucket-versioning get-bucket-encryption get-bucket-tagging
    get-cost-and-usage get-metric-statistics get-metric-data get-hosted-zone get-rest-apis
    get-queue-url get-queue-attributes get-topic-attributes get-item get-account-summary
    get-authorization-token get-token get-query-results get-resources
"""
_AWS: Final = (
    "- region= profile= output= query= endpoint-url= no-cli-pager no-paginate no-sign-request debug "
    "color= no-verify-ssl version"
)
_S3_LS: Final = "- recursive human-readable summarize page-size= request-payer= "
_GCLOUD_ENDS: Final = ("list", "describe", "get-value", "info", "get-iam-policy", "read", "version")
_GCLOUD: Final = (
    "qh format= filter= project= region= zone= regions= zones= limit= sort-by= account= configuration= "
    "quiet uri page-size= verbosity= flatten= location= cluster= all freshness= order= global "
    "help version log-http impersonate-service-account= service= platform="
)
_AZ_ENDS: Final = ("list", "show", "version", "list-locations", "account")
_AZ: Final = (
    "o:g:n:s:hl: output= query= resource-group= name= subscription= verbose debug help only-show-errors "
    "location= all show-details ids= version include-preview"
)


def inside(call: Call) -> bool:
    """Judge a command in a container; False where none is run in one that is there.

    The tree may be mounted in there, under any name: what writes at all is asked.
    """
    name = "docker" if call.name == "podman" else call.name
    words = listed(call.words, _BEFORE, permute=False)
    if words.odd:
        return False
    rest, verb = list(words.operands), name
    while rest and f"{verb} {rest[0]}" in ("docker compose", "docker container"):
        verb = f"{verb} {rest.pop(0)}"
        between = listed(rest, _BEFORE, permute=False)
        if between.odd:
            return False
        rest = between.operands
    spec = _INSIDE.get(" ".join([verb, *rest[:1]]))
    if spec is None:
        return False
    rest, command = rest[1:], []
    if verb == "kubectl" and "--" in rest:
        rest, command = rest[: rest.index("--")], rest[rest.index("--") + 1 :]
    given = listed(rest, spec, permute=verb == "kubectl")
    command = command or given.operands[1:]
    from stickhooks.shell import verdict

    return not given.odd and bool(given.operands and command) and verdict.only_read(command)


_SSH: Final = "i:p:l:o:J:tTqvn46CA"
#: Settings of ssh that run nothing.
_SSH_SETTINGS: Final = (
    "BatchMode=", "StrictHostKeyChecking=", "ConnectTimeout=", "UserKnownHostsFile=/dev/null", "LogLevel=",
    "ServerAliveInterval=", "IdentitiesOnly=", "PasswordAuthentication=",
)  # fmt: skip


def ssh(call: Call) -> None:
    """Judge ``ssh``: the host may be this one, or have this tree."""
    from stickhooks.shell import verdict

    given = listed(call.words, _SSH, permute=False)
    command = " ".join(given.operands[1:])
    if call.words == ["-V"] or (given.operands[:1] == given.operands and _asks_git(given)):
        return
    known = is_known(command) and all(one.startswith(_SSH_SETTINGS) for one in given.values("o"))
    if given.odd or not known or not command or not verdict.writes(as_typed(command), "/").nothing:
        call.nobody_knows("nobody knows what ssh runs, and whether that is far from this tree")


def _asks_git(given: Options) -> bool:
    """Tell whether only a host of repositories is greeted: `ssh -T git@github.com`."""
    plainly = not given.odd and not given.values("o") and given.has("T")
    return plainly and bool(given.operands) and plain(given.operands[0]).startswith("git@")


#: tmux's verbs that show something, and their options. A format may run a program: `#(…)`.
_TMUX_SHOWS: Final = """
    ls list-sessions lsw list-windows lsp list-panes lsk list-keys lscm list-commands lsc list-clients
    has has-session info show show-options showw show-window-options showenv show-environment
    lsb list-buffers showb show-buffer capturep capture-pane display display-message
"""


def tmux(call: Call) -> None:
    """Judge ``tmux``: one verb that shows something; behind a word that ends with ``;`` stands another."""
    given = listed(call.words, "L:S:V", permute=False)
    verb, words = "".join(given.operands[:1]), given.operands[1:]
    runs = any(
        "#(" in one or one.endswith(";") or not is_known(one) for one in map(as_typed, words)
    )
    rest = listed(words, "agsvwpJeqNAHt:S:E:F:f:T:")
    if given.has("V") and not verb:
        return
    if given.odd or rest.odd or runs or plain(verb) not in _TMUX_SHOWS.split():
        call.nobody_knows("nobody knows what runs in tmux")


def pdftotext(call: Call) -> None:
    operands = listed(call.words, "f:l:r:nx:y:W:H: layout raw").operands
    if operands[1:] != ["-"]:
        call.tree("pdftotext writes a text beside its file")


def aws(call: Call) -> None:
    before = listed(call.words, _AWS, permute=False)
    words = before.operands
    service, verb = (*words[:2], "", "")[:2]
    if before.odd or not all(map(is_known, words[:2])):
        _cloud(call)
    elif [service, verb] == ["s3", "ls"]:
        if listed(words[2:], _S3_LS + _AWS[1:]).odd:
            _cloud(call)
    elif (
        (words[:1] == ["configure"] and verb in ("list", "get", "list-profiles"))
        or [service, verb] == ["logs", "tail"]
        or words[-1:] == ["help"]
        or before.has("version")
    ):
        pass
    elif not (verb.startswith(_ASKING) or verb in _AWS_WHOLE.split()) or not _only_options(
        words[2:]
    ):
        _cloud(call)


def _only_options(words: list[str]) -> bool:
    """Tell whether only options with their values stand there: the name of a file would be none."""
    return not words or (words[0].startswith("--") and not any("outfile" in word for word in words))


#: Verbs of clouds that write here, whatever the names behind them say.
_MAKING_FILES: Final = ("cp", "mv", "rsync", "scp", "copy-files", "clone", "download", "download-batch",
                        "export", "get-credentials", "create", "set", "source")  # fmt: skip


def gcloud(call: Call) -> None:
    _by_last_verb(call, _GCLOUD, _GCLOUD_ENDS)


def az(call: Call) -> None:
    _by_last_verb(call, _AZ, _AZ_ENDS)


def _by_last_verb(call: Call, spec: str, ends: tuple[str, ...]) -> None:
    given = listed(call.words, spec)
    places = [place for place, word in enumerate(given.operands) if word in ends]
    verbs = given.operands[: places[0]] if places else [*_MAKING_FILES]
    asks = not any(word in _MAKING_FILES for word in verbs) or given.has("help version")
    if given.odd or not asks:
        _cloud(call)


def _cloud(call: Call) -> None:
    first = " ".join(plain(word) for word in call.words[:2] if not word.startswith("-"))
    call.tree(f"{call.name} {first} may write a file")


HANDLERS: Final[dict[str, Callable[[Call], None]]] = {
    "aws": aws,
    "gcloud": gcloud,
    "az": az,
    "ssh": ssh,
    "tmux": tmux,
    "pdftotext": pdftotext,
}
