"""Builders, package managers and clients of servers: the words with which they only tell something.

``tools.txt`` has the options that may stand before a program's verb, and its verbs (one word or two)
with theirs. A verb that is not there may write anywhere; an option that is not there is asked.
"""

from __future__ import annotations

from stickhooks.shell import tables
from stickhooks.shell.options import ANY, Options, listed
from stickhooks.shell.words import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from stickhooks.shell.state import Call

#: These tell something alone; with another word they change it: `uv version 2.0`.
_ALONE: Final = (
    "uv version",
    "poetry version",
    "npm root",
    "npm prefix",
    "npm bin",
    "pnpm root",
    "pnpm bin",
)
#: Their long options have one dash.
_ONE_DASH: Final = (
    "go", "terraform", "tofu", "openssl", "ffprobe", "identify", "actionlint", "clang-format", "shfmt",
    "plutil", "lipo", "javap",
)  # fmt: skip
#: A format that is a file's name is a program: pandoc(1), custom readers and writers.
_FORMATS: Final = {"pandoc *": "f from r read t to w write"}
#: Any other value is a program.
_SYSTEMS: Final = {"cloc *": ("vcs", ("auto", "git", "svn"))}
_IN_FORMATS: Final = str.maketrans("", "", "+-_")
#: Options that write with one verb, though others have the same letter.
_WRITING: Final = {
    "gh pr close": "d delete-branch", "gh pr comment": "e editor", "gh issue comment": "e editor",
    "kubectl cluster-info": "output-directory",
}  # fmt: skip

#: Words with which a program tells something, alone.
_SAYING: Final = (
    ("npm pnpm", ("run", "-v")), ("yarn npx bun composer", ("-v",)),
    ("dotnet", ("--info", "--list-sdks", "--list-runtimes")), ("go", ("help",)),
    ("rustc", ("--version --verbose", "-vV", "-Vv")),
    ("timedatectl hostnamectl localectl loginctl", ("", "status")),
    ("screen", ("-ls", "-list")), ("xcode-select", ("-p", "--print-path")), ("sw_vers", ("",)),
    ("xcodebuild", ("-showsdks",)), ("xcrun", ("--show-sdk-path", "--show-sdk-version")), ("sensors", ("",)),
    ("ufw", ("status", "status verbose", "status numbered")),
    ("gcc cc g++ c++ clang clang++", (
        "-v", "-dumpversion", "-dumpmachine", "-print-search-dirs", "-print-resource-dir",
        "-print-sysroot", "-dumpfullversion")),
    ("make gmake mvn gradle tsc vite ninja", ("-v",)),
    ("make gmake cmake ninja pytest ruff mypy black isort flake8 pylint eslint prettier tsc jest vitest "
     "cargo docker kubectl helm npm poetry uv pip pip3 just coverage tox nox pre-commit", ("-h",)),
)  # fmt: skip


def judged(call: Call) -> bool:
    """Judge a program by its verb; False where no verb that is listed stands there."""
    said = " ".join(call.words)
    if any(call.name in names.split() and said in ways for names, ways in _SAYING):
        return True
    if _helps(call.name, call.words) or _tells_of_another(call.name, call.words):
        return True
    tools, words = tables.load("tools"), call.words
    if call.name in _ONE_DASH:
        words = ["-" + word if word[:1] == "-" != word[1:2] else word for word in words]
    alone = tools.get((call.name, "*"))
    if alone is not None:
        return _options(call, "*", alone, words)
    before = tools.get((call.name,))
    if before is None:
        return False
    given = listed(words, before, permute=False)
    verb, spec, rest = _verb(call.name, given.operands, before)
    if given.odd or spec is None:
        return False
    return _options(call, verb, spec, rest)


def _helps(name: str, words: list[str]) -> bool:
    """Tell whether a program is asked how one of its verbs is used."""
    if words[-1:] != ["--help"] or len(words) > 3:
        return False
    verbs = tables.load("telling").get(("helps", name), "")
    return len(words) > 1 and all(word in verbs.split() for word in words[:-1])


def _tells_of_another(name: str, words: list[str]) -> bool:
    """Tell whether an installed program is asked for its version through one that runs it."""
    rest = [word for word in words if word not in ("-y", "--yes", "--no-install", "--no")]
    plainly = len(rest) == 2 and rest[0].replace("-", "").isalnum()
    return name in ("npx", "bunx", "pnpx") and plainly and rest[1] in ("--version", "-v", "--help")


def _verb(name: str, words: list[str], before: str) -> tuple[str, str | None, list[str]]:
    """Return the verb that stands there, one word or two, its options, and what follows it."""
    tools = tables.load("tools")
    verb, rest = words[:1], words[1:]
    spec = tools.get((name, *verb)) if verb else None
    if any(key[:-1] == (name, *verb) for key in tools if len(key) > 2):
        before = both(before, spec or "-")
        given = listed(rest, before, permute=False)
        verb, rest = [*verb, *given.operands[:1]], given.operands[1:]
        spec = None if given.odd else tools.get((name, *verb))
    return " ".join(verb), spec if spec in (None, ANY) else both(before, str(spec)), rest


def both(one: str, other: str) -> str:
    """Return the list of all options of two."""
    first, second = one.partition(" "), other.partition(" ")
    letters = (first[0] + second[0]).replace("-", "")
    return f"{letters or '-'} {first[2]} {second[2]}"


def _options(call: Call, verb: str, spec: str, words: list[str]) -> bool:
    """Judge what follows a verb; False where an option is missing without which it writes."""
    what = f"{call.name} {verb}"
    if spec == ANY:
        return True
    given: Options = listed(words, spec)
    needed = tables.load("telling").get(("needs", call.name, verb), "")
    if needed and not given.has(needed) and "--check" not in (needed and given.operands):
        return False
    if verb == "*" and given.odd:
        return False
    odd = given.odd
    if what in _ALONE and given.operands:
        odd = odd or given.operands[0]
    for value in given.values(_FORMATS.get(what, "")):
        if not plain(value).translate(_IN_FORMATS).isalnum():
            odd = odd or value
    name, usual = _SYSTEMS.get(what, ("", ()))
    for value in given.values(name):
        if plain(value) not in usual:
            odd = odd or value
    if what in _WRITING and given.has(_WRITING[what]):
        odd = odd or f"--{_WRITING[what].split()[-1]}"
    if verb == "cluster-info" and "dump" in given.operands:
        odd = odd or "dump"
    call.outputs(given.written)
    if odd:
        call.nobody_knows(f"{plain(what)} may write or run something: {plain(odd)}")
    return True
