"""Programs that only read, and the options by which some of them write after all."""

from __future__ import annotations

from stickhooks.shell import tables
from stickhooks.shell.grammar import Unclear
from stickhooks.shell.options import ANY, Options, one_dash
from stickhooks.shell.scripts import awk_writes, sed_writes
from stickhooks.shell.state import Call
from stickhooks.shell.words import UNKNOWN, as_typed, is_known, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

#: What lets ``less`` and ``more`` begin somewhere; any other command of theirs may write or run.
_PLACES: Final = "0123456789GgF/?%&"
#: The options of xxd with a value. It takes no two in one word, and any beginning of a name.
_XXD_TAKES: Final = "cgolsnR"
_IP_SHOWS: Final = ("sh", "li", "ls", "get", "help")
#: What options they may have, by program.
LISTED: Final = tables.by_program("readers")


def read(call: Call) -> None:
    """Judge a reader by the list of its options; what is not listed is asked."""
    judged(call, LISTED[call.name])


def judged(call: Call, spec: str) -> Options:
    """Take a reader's words apart; note what its options write, run, and which are not listed."""
    if spec == ANY:
        return Options()
    given = call.listed(spec)
    call.outputs(given.written)
    for program in given.run:
        if is_known(program):
            call.run([*plain(program).split(), UNKNOWN] if program.strip() else ["true"])
        else:
            call.nobody_knows(f"{call.name} is given a program to run that is not known")
    return given


def pager(call: Call) -> None:
    """Judge a pager: the commands that it begins with may do what its keys do."""
    for word in judged(call, LISTED[call.name]).operands:
        starts = plain(word).lstrip("+")
        if word.startswith("+") and (starts[:1] not in _PLACES or "\n" in starts):
            call.nobody_knows(f"{call.name} is given a command to begin with: {plain(word)}")


def curl(call: Call) -> None:
    given = judged(call, LISTED["curl"])
    folder = given.values("output-dir")
    if folder or given.has("O remote-name remote-name-all J remote-header-name"):
        call.path((folder or ["."])[0])
    if given.has("T upload-file"):  # also into a file of this machine, by its address
        for word in map(plain, [*given.operands, *given.values("url")]):
            if word[:5].lower() == "file:":
                _uploaded(call, word[5:])
    for shown in given.values("w write-out"):
        pieces = plain(shown).split("%output{")[1:]
        call.paths(piece.partition("}")[0].removeprefix(">>") for piece in pieces)


def _uploaded(call: Call, path: str) -> None:
    """Judge an upload to ``file:`` and this: a host may stand before the path, and ``%`` in it."""
    if path.startswith("//") and not path.startswith("///"):
        path = "/" + path[2:].partition("/")[2]
    if "%" in path:
        call.nobody_knows("curl writes to an address that is not understood")
    else:
        call.outputs([path])


def wget(call: Call) -> None:
    given = judged(call, LISTED["wget"])
    documents = given.values("O output-document")
    if not documents and not given.has("spider"):
        call.path((given.values("P directory-prefix") or ["."])[0])


def uniq(call: Call) -> None:
    call.outputs(judged(call, LISTED["uniq"]).operands[1:2])


def xxd(call: Call) -> None:
    """Judge ``xxd IN OUT``."""
    operands, rest = list[str](), list(call.words)
    while rest:
        word = rest.pop(0)
        letter = word.lstrip("-")[:1]
        if not word.startswith("-") or word == "-":
            operands.append(word)
        elif letter in _XXD_TAKES and word.lstrip("-").isalpha() and word not in ("-ps", "-p"):
            rest = rest[1:]
    call.outputs(operands[1:2])


def cscope(call: Call) -> None:
    """Judge ``cscope``: without ``-d`` it builds its database, by default beside us."""
    given = judged(call, LISTED["cscope"])
    if not given.has("d"):
        call.paths(given.values("f") or ["cscope.out"])


def xmllint(call: Call) -> None:
    """Judge ``xmllint``, whose long options have one dash or two."""
    judged(call.renamed("xmllint", one_dash(call.words)), LISTED["xmllint"])


def date(call: Call) -> None:
    """Judge ``date``: an operand that is no format sets the clock."""
    given = judged(call, LISTED["date"])
    shown = [word for word in given.operands if not word.startswith("+") and is_known(word)]
    if shown and not given.has("j"):
        call.nobody_knows(f"date sets the clock: {plain(shown[0])}")


def hostname(call: Call) -> None:
    if judged(call, LISTED["hostname"]).operands:
        call.nobody_knows("hostname is given a new name")


def ip(call: Call) -> None:
    """Judge ``ip OBJECT [show]``."""
    operands = [word for word in call.words if not word.startswith("-")]
    verb = plain(operands[1]) if len(operands) > 1 else "show"
    options_ = [word for word in call.words if word.startswith(("-b", "-n", "-a", "-f"))]
    harmless = ("-br", "-brief", "-f", "-family")
    if any(word not in harmless for word in options_) or not verb.startswith(_IP_SHOWS):
        call.nobody_knows(f"stick does not know what ip does with {plain(' '.join(call.words))}")


def _program_text(call: Call, text: str, what: str, reader: Callable[[str], list[str]]) -> None:
    """Judge a program given as an argument, in the language that ``reader`` reads."""
    if not is_known(text):
        call.nobody_knows(f"an expansion in the {what} program: {plain(text)[:80]}")
        return
    try:
        call.paths(reader(as_typed(text)))
    except Unclear as reason:
        call.nobody_knows(str(reason))


def sed(call: Call) -> None:
    given = judged(call, LISTED["sed"])
    programs = given.values("e expression")
    operands = given.operands
    if not programs and not given.has("f file"):
        programs, operands = operands[:1], operands[1:]
        if programs == [""]:  # BSD's -i ''
            programs, operands = operands[:1], operands[1:]
    endings = given.values("i in-place I")
    for ending in [*endings[-1:], ""] if endings else []:  # what it was, then what it is
        call.paths(path + ending for path in operands)
    _program_text(call, "\n".join(programs), "sed", sed_writes)


def awk(call: Call) -> None:
    given = call.listed(LISTED["awk"], permute=False)
    if given.odd:
        return
    programs = given.values("e source") or given.operands[:1]
    _program_text(call, "\n".join(programs), "awk", awk_writes)


def yq(call: Call) -> None:
    given = judged(call, LISTED["yq"])
    if given.has("i inplace in-place"):
        call.paths(given.operands[1:] or given.operands)
    if given.has("s"):  # one yq reads all files at once, another one writes a file for each match
        call.path(".")


#: With one of these pacman tells what its stores have; with any other word of that kind it installs.
_TOLD_OF_STORES: Final = ("-Ss", "-Si", "-Sii", "-Sl", "-Sg", "-Sh")


def pacman(call: Call) -> None:
    judged(call, LISTED["pacman"])
    if any("S" in word and word not in _TOLD_OF_STORES for word in call.words if word[:1] == "-"):
        call.nobody_knows("pacman installs programs")


HANDLERS: Final[dict[str, Callable[[Call], None]]] = {
    **dict.fromkeys(LISTED, read),
    **dict.fromkeys(("less", "zless", "more"), pager),
    **dict.fromkeys(("awk", "gawk", "mawk", "nawk"), awk),
    **dict.fromkeys(("sed", "gsed"), sed),
    "uniq": uniq,
    "xxd": xxd,
    "pacman": pacman,
    "cscope": cscope,
    "xmllint": xmllint,
    "date": date,
    "hostname": hostname,
    "ip": ip,
    "yq": yq,
    "curl": curl,
    "wget": wget,
}
