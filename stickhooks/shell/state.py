"""Where a command stands when the shell comes to it, and what has been found out so far.

A command has two ends, success and failure, and what follows ``&&`` starts from the first: that
is how ``cd x && rm f`` finds its folder, and how ``stick wait && git commit`` is let through.
"""

from __future__ import annotations

from stickhooks.fast.os import os
from stickhooks.fast.records import Frozen, dataclass, replace
from stickhooks.shell import links
from stickhooks.shell.answer import Writes
from stickhooks.shell.folders import TEMPORARY
from stickhooks.shell.links import Links
from stickhooks.shell.options import Options, listed
from stickhooks.shell.words import GLOB_MARKS, UNKNOWN, as_typed, has_glob, is_known, plain
from stickhooks.system import lexical

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Final, Literal, TypeAlias

    #: Whether the submodules and repositories in the tree are written as well: ``set``, where git's setting
    #: ``submodule.recurse`` says so; ``unnamed``, where no word names anything in the folder.
    Nested: TypeAlias = Literal["yes", "no", "set", "unnamed"]
    Alias: TypeAlias = Callable[[str, str], tuple[str, str] | None]

HARMLESS: Final = ("/dev/null", "/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/tty", "/dev/fd/")
FOLDERS_LIMIT: Final = 4
EMPTY: Final[Mapping[str, str]] = {}
_OF_PROCESS: Final = ("cwd", "root", "fd", "map_files")
EVERYTHING: Final = "/"
REASON_LIMIT: Final = 200


@dataclass(frozen=True)
class Held(Frozen):
    """The stick of the room that governs a folder, until a turn ends: ``turns`` had ended before."""

    folder: str
    turns: int


@dataclass(frozen=True)
class State(Frozen):
    """Where the shell is.

    ``cwds`` are the folders it may be in, none where that is not known. ``held`` is what stick was
    got on the way here, None for none.
    """

    cwds: tuple[str, ...]
    variables: Mapping[str, str]
    held: Held | None = None

    def at(self, folders: tuple[str, ...]) -> State:
        return replace(self, cwds=folders if len(folders) <= FOLDERS_LIMIT else ())

    def knowing(self, name: str, value: str) -> State:
        return replace(self, variables={**self.variables, name: value})

    def forgetting(self, kept: frozenset[str]) -> State:
        """Return the state in which variables may have any values, but those that are kept."""
        known = {name: self.variables[name] for name in self.variables if name in kept}
        return replace(self, variables={**dict.fromkeys(self.variables, UNKNOWN), **known})


@dataclass(frozen=True)
class Outcome(Frozen):
    """Where the shell is after a command that succeeded, and one that failed; None: it never is."""

    success: State | None
    failure: State | None

    def any(self, otherwise: State) -> State:
        return merged(self.success, self.failure) or otherwise


def merged(one: State | None, other: State | None) -> State | None:
    """Return what is known where it may be either."""
    if one is None or other is None or one == other:
        return one or other
    cwds = tuple(dict.fromkeys(one.cwds + other.cwds)) if one.cwds and other.cwds else ()
    names = one.variables.keys() | other.variables.keys()
    values = {name: one.variables.get(name, UNKNOWN) for name in names}
    for name in names:
        if values[name] != other.variables.get(name):
            values[name] = UNKNOWN
    held = one.held if one.held == other.held else None
    return State(cwds, values, held).at(cwds)


@dataclass(frozen=True)
class Danger(Frozen):
    """One command that may write anywhere: the folders it may stand in, and what it names.

    ``known`` is False where a word or the folder is not known: it may come from any other word.
    ``held`` is a folder whose room's stick it has got, None where it has none.
    """

    folders: tuple[str, ...]
    words: tuple[str, ...]
    known: bool
    held: str | None = None
    nested: Nested = "unnamed"


class Found:
    """What has been found out: see ``answer.Writes``. ``given`` are variables the shell began with.

    ``reads`` are commands that count as reading ones: see ``allowed``. ``alias`` returns what an alias
    of git stands for in a folder, and the top of the working tree there; None where there is none.
    """

    def __init__(
        self,
        start: str,
        given: frozenset[str] = frozenset(),
        reads: tuple[str, ...] = (),
        alias: Alias | None = None,
    ) -> None:
        self.alias = alias
        self.aliases = 0  # that were looked up
        self.start = start
        self.given = given
        self.reads = reads
        self.ran: dict[str, None] = {}  # of the commands in ``reads``
        self.links = Links()
        self.dangers: dict[Danger, None] = {}
        self.paths: dict[str, None] = {}
        self.later: dict[tuple[str, str], None] = {}
        self.turns = 0  # that have ended
        #: What was removed or moved, and folders in which something was.
        self.gone: dict[str, None] = {}
        self.trees: dict[str, None] = {}
        self.whole: str | None = None
        self.unclear: str | None = None

    def writes(self) -> Writes:
        return Writes(
            list(self.paths),
            self.whole,
            self.unclear,
            list(self.trees),
            tuple(self.dangers),
            tuple(self.later),
            tuple(self.ran),
        )

    def path(self, word: str, state: State, follows: bool = True) -> None:
        """Note that a path is written: a glob by its folder, in each folder we may be in.

        ``follows`` tells whether a link that stands last in it is followed.
        """
        if is_harmless(word):
            return
        name = _known_part(word)
        if name is not None and _is_of_process(name):
            self._unknown_path(UNKNOWN, state)
            return
        if name is None or not (state.cwds or name.startswith("/")):
            self._unknown_path(word, state)
            return
        any_below = follows and has_glob(word)
        for folder in state.cwds or (EVERYTHING,):
            path = _tidy(os.path.join(folder, name))
            self._note(path, state)
            if has_glob(word):
                self._led(word, links.matched(os.path.join(folder, word), follows), state)
            made = self.links.through(path, follows or has_glob(word), any_below)
            self._led(word, made, state)

    def below(self, word: str, state: State) -> None:
        """Note that anything may be written below a folder, also through the links in there."""
        self.path(word, state)
        for folder in state.cwds or (EVERYTHING,) if is_known(word) and not has_glob(word) else ():
            self._led(word, links.inside(os.path.join(folder, plain(word))), state)

    def _led(self, word: str, places: Iterable[str], state: State) -> None:
        """Note that what a word leads to through links is written."""
        for place in places:
            if place == UNKNOWN:
                self._unknown_path(word, state)
            else:
                self._note(_tidy(place), state)

    def remove(self, word: str, state: State) -> None:
        """Note that a path is not there any more."""
        name = _known_part(word)
        for folder in state.cwds or (EVERYTHING,):
            self.gone[lexical.by_letters(os.path.join(folder, name or EVERYTHING))] = None

    def may_be_gone(self, folder: str) -> bool:
        """Tell whether a folder may have been removed on the way, or one above it."""
        return any((folder + "/").startswith(path.rstrip("/") + "/") for path in self.gone)

    def _unknown_path(self, word: str, state: State) -> None:
        self.tree(f"it writes to a path that is not known: {plain(word)}", state, [word], "yes")

    def _note(self, path: str, state: State) -> None:
        held = self._held(state)
        if held is None:
            self.paths[path] = None
        else:
            self.later[path, held] = None

    def tree(
        self, reason: str, state: State, words: Iterable[str] = (), nested: Nested = "unnamed"
    ) -> None:
        """Note that anything may be written: around the folder we are in, and where words lead."""
        if self._without_stick(state, words, nested):
            self.whole = self.whole or reason[:REASON_LIMIT]

    def nobody_knows(self, reason: str, state: State, words: Iterable[str] = ()) -> None:
        if self._without_stick(state, words, "yes"):
            self.unclear = self.unclear or reason[:REASON_LIMIT]

    def _without_stick(self, state: State, words: Iterable[str], nested: Nested) -> bool:
        """Note what is in danger, and tell whether that is so without any stick."""
        folders, held = state.cwds or (self.start,), self._held(state)
        set_ = [value for name, value in state.variables.items() if name not in self.given]
        words = [*words, *self.links.sources()]
        known = bool(state.cwds) and all(map(is_known, words))
        said = tuple(as_typed(word).replace(UNKNOWN, " ") for word in (*words, *set_) if word)
        self.dangers[Danger(folders, said, known, held, nested)] = None
        if held is None:
            self.trees.update(dict.fromkeys(folders))
        return held is None

    def _held(self, state: State) -> str | None:
        """Return the folder whose room's stick the shell has, None where it has none or no more."""
        held = state.held
        return held.folder if held is not None and held.turns == self.turns else None


def is_harmless(word: str) -> bool:
    in_folder = word.startswith("/dev/fd/") and word.count("/") > len(("dev", "fd", "3"))
    return is_known(word) and word.startswith(HARMLESS) and ".." not in word and not in_folder


def _is_of_process(path: str) -> bool:
    """Tell whether a path leads through a process, by the folders and files that it has open: proc(5)."""
    through = path.startswith("/proc/") and any(one in _OF_PROCESS for one in path.split("/"))
    return through or path.startswith("/dev/fd/")


def _known_part(word: str) -> str | None:
    """Return the path itself, or for a glob the folder that all it stands for lies in.

    None where it may be anywhere. In a folder for temporary files any name will do.
    """
    name = plain(word) if not has_glob(word) and is_known(word) else None
    if name is not None:
        return name or None
    beginning = word
    for mark in (*GLOB_MARKS.values(), UNKNOWN):
        beginning = beginning.partition(mark)[0]
    folder = beginning.rpartition("/")[0] if "/" in beginning else ""
    rest = as_typed(word)[len(folder) :]
    if ".." in rest.split("/"):
        return None
    if not is_known(word):
        return folder if (folder + "/").startswith(TEMPORARY) else None
    return folder or ("/" if word.startswith("/") else ".")


def _tidy(path: str) -> str:
    """Return a path without ``.`` and doubled slashes; ``..`` stays, links may stand before it."""
    return path if ".." in path.split("/") else lexical.by_letters(path)


@dataclass(frozen=True)
class Call(Frozen):
    """One simple command: its name, its words after that, and where it is called.

    ``stdin`` is what it reads from a here-document or a here-string, None where that is not known.
    ``around`` are all words as typed, those of programs that run this one and its variables too;
    ``own`` are the variables that it alone is given.
    """

    name: str
    words: list[str]
    state: State
    found: Found
    stdin: str | None
    parse: Callable[..., Outcome]  # a text, a state, and a language of the grammar
    again: Callable[[Call, list[str]], Outcome | None]
    around: tuple[str, ...] = ()
    own: Mapping[str, str] = EMPTY

    def path(self, word: str) -> None:
        self.found.path(word, self.state)

    def paths(self, words: Iterable[str], follows: bool = True) -> None:
        for word in words:
            self.found.path(word, self.state, follows)

    def removed(self, words: Iterable[str]) -> None:
        """Note that these are written, and not there any more; a link is removed itself."""
        for word in words:
            self.found.path(word, self.state, follows=False)
            self.found.remove(word, self.state)

    def link(self, made: str, source: str, by_text: bool = False) -> None:
        """Note that a link is made; ``by_text``: a relative source begins beside it, not here."""
        self.found.links.note(self.state.cwds, made, source, by_text)

    def is_link(self, word: str) -> bool:
        return self.found.links.has(self.state.cwds, word)

    def outputs(self, words: Iterable[str]) -> None:
        """Note that files are written; ``-`` is standard output."""
        self.paths(word for word in words if word != "-")

    def listed(self, spec: str, permute: bool = True) -> Options:
        """Take the words apart by a list of options; one that is not listed is asked."""
        given = listed(self.words, spec, permute)
        if given.odd:
            self.nobody_knows(f"stick does not know what {self.name} does with {plain(given.odd)}")
        return given

    def tree(self, reason: str, nested: Nested = "unnamed") -> None:
        self.found.tree(reason, self.state, self._said(), nested)

    def nobody_knows(self, reason: str) -> None:
        self.found.nobody_knows(reason, self.state, self._said())

    def _said(self) -> list[str]:
        return [*self.around, self.name, *self.words, self.stdin or ""]

    def script(self, text: str, what: str, language: str = "bash") -> Outcome | None:
        """Judge a text that a shell will run; what is not known in it counts as a word."""
        typed = as_typed(text)
        if not is_known(text):
            if any(typed[:place].count("'") % 2 for place in _places(typed)):
                self.nobody_knows(f"an expansion in what {what} runs: {plain(text)[:80]}")
                return None
            typed = typed.replace(UNKNOWN, "${_unknown}")
        return self.parse(typed, self.state, language)

    def run(self, words: list[str]) -> Outcome | None:
        """Judge another command that this one runs with its words."""
        return self.again(self, words)

    def with_variables(self, own: Mapping[str, str]) -> Call:
        return replace(self, own={**self.own, **own})

    def variable(self, name: str) -> str:
        """Return the value that a program finds in a variable, "" where this command sets none."""
        return self.own.get(name) or self.state.variables.get(name, "")

    def moved(self, folder: str) -> Call:
        """Return the same call from another folder: a program follows links before each ``..``."""
        return replace(self, state=self.state.at(folders_at(folder, self.state, physical=True)))

    def renamed(self, name: str, words: list[str]) -> Call:
        return replace(self, name=name, words=words)


def _places(text: str) -> list[int]:
    return [place for place, character in enumerate(text) if character == UNKNOWN]


def folders_at(word: str, state: State, physical: bool = False) -> tuple[str, ...]:
    """Return where ``cd`` with this word may lead; empty for nobody knows. ``physical`` as its ``-P``."""
    if not is_known(word) or has_glob(word) or not (state.cwds or word.startswith("/")):
        return ()
    folders = [os.path.join(cwd, plain(word)) for cwd in state.cwds or ("/",)]
    to = os.path.realpath if physical and ".." in plain(word).split("/") else lexical.by_letters
    return tuple(dict.fromkeys(map(to, folders)))


def unheld(state: State | None, otherwise: State) -> State:
    """Return where ``||`` goes on after what cannot fail: never with a stick just got."""
    return State(state.cwds, state.variables, otherwise.held) if state else otherwise
