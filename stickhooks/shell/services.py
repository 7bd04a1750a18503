"""Programs that ask something far away: containers, hosts, sessions. What runs in there is judged."""

from __future__ import annotations

from stickhooks.shell.options import Options, listed
from stickhooks.shell.state import Call, Outcome
from stickhooks.shell.words import as_typed, is_known, plain
from stickhooks.system import lexical

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


def inside(call: Call) -> bool:
    """Judge a command in a container; False where none is run in one that is there.

    The tree may be mounted in there, under any name: what writes at all is asked.
    """
    name = "docker" if call.name == "podman" else call.name
    words = listed(call.words, _BEFORE, permute=False)
    if words.odd:
        return False
    rest, verb = list(words.operands), name
    if name == "docker" and container(call, rest):
        return True
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


_SSH: Final = "i:p:l:o:J:O:Q:GtTqvn46CAfNL:R:D:g"
#: Settings of ssh that run nothing.
_SSH_SETTINGS: Final = (
    "BatchMode=", "StrictHostKeyChecking=", "ConnectTimeout=", "UserKnownHostsFile=/dev/null", "LogLevel=",
    "ServerAliveInterval=", "IdentitiesOnly=", "PasswordAuthentication=", "ServerAliveCountMax=",
    "ExitOnForwardFailure=", "GSSAPIAuthentication=", "PreferredAuthentications=", "TCPKeepAlive=",
)  # fmt: skip


def ssh(call: Call) -> None:
    """Judge ``ssh``: the host may be this one, or have this tree."""
    from stickhooks.shell import verdict

    given = listed(call.words, _SSH, permute=False)
    command = " ".join(given.operands[1:])
    if call.words == ["-V"] or (given.operands[:1] == given.operands and _asks_git(given)):
        return
    asks = given.has("G Q") or given.values("O") == ["check"]
    usual = all(one.startswith(_SSH_SETTINGS) for one in given.values("o"))
    if asks and usual and not given.odd and not command:
        return
    if usual and not given.odd and _only_forwards(given):
        return
    known = is_known(command) and usual and not given.has("O L R D")
    if given.odd or not known or not command or not verdict.writes(as_typed(command), "/").nothing:
        call.nobody_knows(
            "stick does not know what ssh runs, and whether that is far from this tree"
        )


def _only_forwards(given: Options) -> bool:
    """Tell whether ports alone are passed on: `ssh -fN -L 8080:localhost:80 host`; a path is a socket."""
    places = given.values("L R D")
    ports = all(not set("/\\") & set(plain(one)) and is_known(one) for one in places)
    return given.has("N") and len(given.operands) == 1 and bool(places) and ports


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
        call.nobody_knows("stick does not know what runs in tmux")


def sshpass(call: Call) -> Outcome | None:
    """Judge ``sshpass``: it gives a password to what it runs."""
    given = listed(call.words, "f:d:p:P:ev", permute=False)
    if given.odd or not given.operands:
        call.nobody_knows("stick does not know what sshpass runs")
        return None
    return call.run(given.operands)


def scp(call: Call) -> None:
    """Judge ``scp``: the last word is written, where no host stands before it."""
    given = listed(call.words, "346ABCOpqRrTvc:D:F!i:J:l:o:P:S!X:")
    if given.odd or not all(one.startswith(_SSH_SETTINGS) for one in given.values("o")):
        call.nobody_knows("scp may run a program")
    call.paths(word for word in given.operands[-1:] if ":" not in plain(word))


#: What nix tells without building: a flake of this tree would be locked in it.
_NIX: Final = """
    search eval show-derivation path-info why-depends log store derivation registry config show-config
    doctor hash profile key
"""
_NIX_OPTIONS: Final = (
    "rshLdvqE: expr= raw apply= read-only json recursive size closure-size human-readable long all "
    "precise quiet refresh offline extra-experimental-features= option= no-write-lock-file impure"
)


def nix(call: Call) -> None:
    if call.words == ["--version"]:
        return
    given = listed(call.words, _NIX_OPTIONS)
    verb, rest = "".join(given.operands[:1]), given.operands[1:]
    asks = {
        "store": ("ls", "cat", "ping", "info", "verify", "diff-closures", "path-from-hash-part"),
        "derivation": ("show",), "registry": ("list",), "config": ("show",), "profile": ("list", "history"),
    }.get(verb)  # fmt: skip
    known = verb in _NIX.split() and (asks is None or bool(rest and rest[0] in asks))
    here = any(plain(one).startswith((".", "#")) for one in rest)
    alone = verb in ("search", "eval", "path-info", "show-derivation", "log", "why-depends")
    alone = alone and not rest and not given.has("expr E")
    if given.odd or not known or here or alone:
        call.tree(f"nix {plain(verb)} may build, or lock a flake of this tree")


def nix_env(call: Call) -> None:
    """Judge ``nix-env`` and ``nix-store``: with -q they ask."""
    if (
        not call.words
        or not call.words[0].startswith(("-q", "--query"))
        or "--add-root" in call.words
    ):
        call.tree(f"{call.name} may change a profile, or write a link")


def kubecolor(call: Call) -> Outcome | None:
    return call.run(["kubectl", *call.words])


#: What ``docker run`` may be given: nothing of this machine's files to write, and no more rights.
_RUN: Final = """
    itdPe:p:w:u:h:m:c:l:v: volume= rm interactive tty detach env= env-file= publish= publish-all name=
    workdir= user= entrypoint= platform= network= net= hostname= memory= cpus= pull= add-host=
    restart= label= ulimit= shm-size= init gpus= quiet log-driver= log-opt= health-cmd=
    stop-timeout= read-only tmpfs= expose= link= dns= ipc= no-healthcheck
"""


#: Servers have their sockets below these.
_SOCKETS: Final = ("/run/", "/var/run/")


def _is_not_written(volume: str) -> bool:
    """Tell whether what is mounted is read alone there. (A server's socket is asked through such a mount.)"""
    text = plain(volume)
    source = lexical.by_letters(text.partition(":")[0] or "/")
    sockets = ".sock" in text or source in ("/", "/var") or (source + "/").startswith(_SOCKETS)
    return text.endswith((":ro", ":ro,z", ":z,ro")) and not sockets and is_known(volume)


def container(call: Call, words: list[str]) -> bool:
    """Judge ``docker run --rm`` and ``docker cp``: where no folder of this machine can be written."""
    verb, rest = "".join(words[:1]), words[1:]
    if verb == "run":
        given = listed(rest, _RUN, permute=False)
        plainly = not given.odd and given.has("rm") and not given.has("d detach")
        plainly = plainly and all(map(_is_not_written, given.values("v volume")))
        return plainly and bool(given.operands) and all(map(is_known, given.operands[:1]))
    if verb == "cp":
        given = listed(rest, "Laq follow-link archive quiet")
        if given.odd or len(given.operands) != 2 or ":" in plain(given.operands[1]):
            return False  # a folder of this tree may be one of the container's
        call.outputs(given.operands[1:])
        return True
    return False


def opener(call: Call) -> None:
    """Judge ``open`` and its like: a page in a browser, and pictures, are only shown."""
    given = listed(call.words, "a:b:nRgF")
    shown = given.operands or [""]
    if given.odd or not all(map(_is_shown, shown)):
        call.nobody_knows(f"stick does not know what {call.name} starts")


#: Endings of files that are looked at.
_SHOWN: Final = (
    ".html",
    ".htm",
    ".png",
    ".jpg",
    ".jpeg",
    ".gif",
    ".svg",
    ".pdf",
    ".webp",
    ".mp4",
    ".mov",
    ".wav",
    ".mp3",
)


def _is_shown(word: str) -> bool:
    text = plain(word)
    return text.startswith(("http://", "https://")) or (
        is_known(word) and (text == "." or text.lower().endswith(_SHOWN))
    )


#: What is done with a service of the system.
_TO_A_SERVICE: Final = (
    "status",
    "start",
    "stop",
    "restart",
    "reload",
    "force-reload",
    "try-restart",
)


def service(call: Call) -> None:
    """Judge ``service NAME restart``: what it starts is the system's, as with ``systemctl``."""
    words = list(map(plain, call.words))
    named = len(words) == 2 and words[0].replace("-", "").replace(".", "").isalnum()
    if words != ["--status-all"] and not (named and words[1] in _TO_A_SERVICE):
        call.nobody_knows("stick does not know what service runs")


HANDLERS: Final[dict[str, Callable[[Call], Outcome | None]]] = {
    "ssh": ssh,
    "nix": nix,
    **dict.fromkeys(("nix-env", "nix-store"), nix_env),
    "kubecolor": kubecolor,
    "service": service,
    "sshpass": sshpass,
    "scp": scp,
    "tmux": tmux,
    **dict.fromkeys(("open", "xdg-open", "start"), opener),
}
