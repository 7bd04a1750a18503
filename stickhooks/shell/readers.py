"""Programs that only read, and the options by which some of them write after all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from stickhooks.shell.grammar import Unclear
from stickhooks.shell.options import options
from stickhooks.shell.scripts import awk_writes, sed_writes
from stickhooks.shell.state import Call
from stickhooks.shell.words import UNKNOWN, as_typed, is_known, plain

_READING: Final = (
    # files, and parts of them
    """
    ls dir vdir cat tac head tail nl wc od hexdump xxd strings file stat du df cut paste join comm
    tr rev fold fmt expand unexpand column pr look cmp diff diff3 colordiff md5sum cksum sum
    sha1sum sha224sum sha256sum sha384sum sha512sum b2sum basename dirname realpath readlink
    pathchk zcat bzcat xzcat zgrep zdiff zless bat batcat eza exa lsd more most
    """
    # what searches
    """
    grep egrep fgrep rgrep ag ack pt locate which whereis type hash apropos man tldr
    """
    # what computes and prints
    """
    echo printf test [ true false : seq yes expr bc numfmt factor jq gron jo cal date sleep usleep
    base32 tsort getopt uuidgen cowsay figlet
    """
    # the machine and its processes. To end a process writes no file
    """
    ps pgrep pidof pstree top free uptime vmstat iostat lsof ss netstat ip ifconfig lscpu lsblk
    lsusb nproc arch uname hostname id whoami who users groups logname tty locale getconf getent
    dmesg printenv ulimit umask kill pkill killall tput stty clear times nm objdump readelf
    ldd size lddtree otool dpkg-query rpm-query
    """
    # the net, without a file at this end
    """
    ping dig nslookup host traceroute whois
    """
    # the shell's own
    """
    pwd shopt compgen jobs wait fg bg disown dirs let unalias break continue logout caller help
    suspend
    """
)
#: None of these has an option that writes a file, or runs a program.
READERS: Final = set(_READING.split())
#: What takes options with a value; then the options whose value is a file that is written.
READERS_THAT_MAY_WRITE: Final = {
    "sort": (
        "k t S T o output key field-separator buffer-size temporary-directory parallel batch-size "
        "files0-from compress-program",
        "o output",
    ),
    "shuf": ("n head-count i input-range o output random-source", "o output"),
    "sdiff": ("o output W w width I", "o output"),
    "info": ("o output d f n k", "o output"),
    "tree": ("L P I o filelimit charset H T", "o"),
    "less": (
        "o O p P t T x y z j k b h log-file LOG-FILE pattern tag",
        "o O log-file LOG-FILE",
    ),
    "iconv": ("f t from-code to-code o output", "o output"),
    "base64": ("w wrap i o b", "o"),
    "xmllint": ("xpath o output encode schema dtdvalid", "o output"),
    "cscope": ("f F i I p s", "f"),
    "curl": (
        "o output d data data-raw data-binary data-urlencode H header X request u user A "
        "user-agent e referer b cookie c cookie-jar D dump-header F form T upload-file m max-time "
        "x proxy w write-out K config output-dir trace trace-ascii stderr r range C continue-at "
        "E cert cacert key retry retry-delay connect-timeout url y Y z libcurl etag-save "
        "etag-compare hsts alt-svc resolve interface limit-rate json max-redirs proto",
        "o output c cookie-jar D dump-header trace trace-ascii stderr libcurl etag-save hsts "
        "alt-svc",
    ),
}
#: Options of readers that make them run a program.
RUNNING: Final = {
    "rg": "pre hostname-bin",
    "sort": "compress-program",
    "curl": "K config",
    "ag": "pager",
    "tldr": "update",
}


def takes(name: str) -> str:
    return READERS_THAT_MAY_WRITE.get(name, ("", ""))[0]


def read(call: Call) -> None:
    """Judge a reader: what its options write, and whether they run a program."""
    given = options(call.words, takes(call.name))
    if given.has(RUNNING.get(call.name, "")):
        call.nobody_knows(f"{call.name} is given a program or settings to run with")
    if call.name not in READERS_THAT_MAY_WRITE:
        return
    for path in given.values(READERS_THAT_MAY_WRITE[call.name][1]):
        if path != "-":
            call.path(path)


def curl(call: Call) -> None:
    read(call)
    given = options(call.words, takes("curl"))
    if given.has("O remote-name remote-name-all J"):
        call.path((given.values("output-dir") or ["."])[0])


def wget(call: Call) -> None:
    given = options(
        call.words,
        "O output-document o output-file a append-output P directory-prefix i input-file T timeout "
        "t tries U user-agent e execute header post-data Q w wait l level A R D",
    )
    for log in given.values("o output-file a append-output"):
        call.path(log)
    if given.has("e execute use-askpass"):
        call.nobody_knows("wget is given commands to execute")
    documents = given.values("O output-document")
    if not documents and not given.has("spider"):
        call.path((given.values("P directory-prefix") or ["."])[0])
    for document in documents:
        if document != "-":
            call.path(document)


def second_is_written(call: Call) -> None:
    """Judge ``uniq IN OUT`` and its like."""
    given = options(call.words, "f s w skip-fields skip-chars check-chars l c g o")
    for path in given.operands[1:2]:
        call.path(path)


def _program_text(call: Call, text: str, what: str, reader: Callable[[str], list[str]]) -> None:
    """Judge a program given as an argument, in the language that ``reader`` reads."""
    if not is_known(text):
        call.nobody_knows(f"an expansion in the {what} program: {plain(text)[:80]}")
        return
    try:
        for path in reader(as_typed(text)):
            call.path(path)
    except Unclear as reason:
        call.nobody_knows(str(reason))


def sed(call: Call) -> None:
    given = options(call.words, "e expression f file l line-length", attached="i")
    programs = given.values("e expression")
    if given.has("f file"):
        call.nobody_knows("sed is given a program in a file")
    operands = given.operands
    if not programs and not given.has("f file"):
        programs, operands = operands[:1], operands[1:]
        if programs == [""]:  # BSD's -i ''
            programs, operands = operands[:1], operands[1:]
    endings = given.values("i in-place I")
    for ending in [*endings[-1:], ""] if endings else []:  # what it was, then what it is
        for path in operands:
            call.path(path + ending)
    _program_text(call, "\n".join(programs), "sed", sed_writes)


def awk(call: Call) -> None:
    given = options(
        call.words,
        "F field-separator v assign f file i include e source l load E exec o d D p pretty-print "
        "dump-variables profile",
        permute=False,
    )
    if given.has("f file i include l load E exec o p d pretty-print dump-variables profile"):
        call.nobody_knows("awk is given a program in a file")
        return
    programs = given.values("e source") or given.operands[:1]
    _program_text(call, "\n".join(programs), "awk", awk_writes)


def yq(call: Call) -> None:
    given = options(
        call.words, "o output-format p input-format s split-exp indent I expression from-file"
    )
    if given.has("s split-exp"):
        call.path(".")
    if given.has("i inplace"):
        for path in given.operands[1:] or given.operands:
            call.path(path)


def find(call: Call) -> None:
    """Judge ``find``: its actions that write or run."""
    words = list(call.words)
    while words and words[0][:2] in ("-H", "-L", "-P", "-O", "-D"):
        if words.pop(0) == "-D":
            words = words[1:]
    starts: list[str] = []
    while words and not words[0].startswith(("-", "(", "!", ",")):
        starts.append(words.pop(0))
    _find_actions(call, starts or ["."], words)


def _find_actions(call: Call, starts: list[str], words: list[str]) -> None:
    while words:
        action = words.pop(0)
        if action == "-delete":
            for start in starts:
                call.path(start)
        elif action in ("-fprint", "-fprint0", "-fls", "-fprintf") and words:
            call.path(words.pop(0))
        elif action in ("-exec", "-ok", "-execdir", "-okdir"):
            ends = [place for place, word in enumerate(words) if word in (";", "+")]
            end = ends[0] if ends else len(words)
            command, words = words[:end], words[end + 1 :]
            for start in starts if command else []:
                _find_runs(call, action, start, command)


def _find_runs(call: Call, action: str, start: str, command: list[str]) -> None:
    """Judge what find runs: ``{}`` is some path below where it started."""
    below = start.rstrip("/") + "/\1" if is_known(start) and start else UNKNOWN
    if action in ("-execdir", "-okdir"):
        below = UNKNOWN
    call.run([below if word == "{}" else word.replace("{}", UNKNOWN) for word in command])


def fd(call: Call) -> None:
    """Judge ``fd``: what it runs for each file found."""
    for place, word in enumerate(call.words):
        if word in ("-x", "-X", "--exec", "--exec-batch"):
            command = [one.replace("{}", UNKNOWN) for one in call.words[place + 1 :]]
            call.run([*command, UNKNOWN] if command else [UNKNOWN])
            return
        if word.startswith(("--exec", "-x", "-X")):
            call.nobody_knows("fd is given a program to run")


HANDLERS: Final[dict[str, Callable[[Call], None]]] = {
    **dict.fromkeys(READERS, read),
    **dict.fromkeys(READERS_THAT_MAY_WRITE, read),
    **dict.fromkeys(("awk", "gawk", "mawk", "nawk"), awk),
    **dict.fromkeys(("sed", "gsed"), sed),
    **dict.fromkeys(("uniq", "xxd"), second_is_written),
    **dict.fromkeys(("fd", "fdfind"), fd),
    "rg": read,
    "yq": yq,
    "curl": curl,
    "wget": wget,
    "find": find,
}
