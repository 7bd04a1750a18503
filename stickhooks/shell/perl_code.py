"""Programs of one line in Perl: what may stand in one that reads lines and prints.

The text is taken apart into words, variables, texts, patterns and marks, and each has to be listed.
Where Perl's own reading depends on more than what stands before (does a slash divide, is this a block
or a subscript), the program is asked. No name with ``::`` and no reference stands in such a program, so
nothing is called that is not listed, and ``@ARGV``, from which Perl opens files, cannot be changed.
"""

from __future__ import annotations

from stickhooks.shell.grammar import Unclear

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Functions, words of the language, and functions of the modules that may be loaded.
_LISTED: Final = """
    print printf say if elsif else unless while until for foreach last next my our not and or xor
    eq ne lt gt le ge cmp join split length substr index rindex uc lc ucfirst lcfirst sprintf keys
    values each reverse scalar push pop shift unshift splice defined exists delete undef map grep ord
    chr hex oct int abs sqrt log exp sin cos atan2 rand srand time localtime gmtime eof chomp chop pos
    return exit die warn wantarray BEGIN END STDERR STDOUT sort
    strftime floor ceil fmod sum sum0 max min uniq first shuffle encode_base64 decode_base64 md5_hex
    sha1_hex sha256_hex timelocal timegm
"""
_WORDS: Final = frozenset(_LISTED.split())
#: Behind these a value begins: a slash there begins a pattern, and no operator stands there.
_EXPECTING: Final = """
    print if elsif unless while until and or not xor split grep map x keys values each delete exists
    my our sort reverse scalar for foreach return push unshift join eq ne lt gt le ge cmp
"""
_BEFORE_VALUE: Final = frozenset(_EXPECTING.split())
_MARKS: Final = (
    "<=>", "...", "**=", "||=", "&&=", "//=", "//", "=~", "!~", "==", "!=", "<=", ">=", "&&", "||",
    "=>", "++", "--", "+=", "-=", "*=", "/=", ".=", "**", "..", "%=", "+", "-", "*", "/", "%", ".",
    "<", ">", "=", "!", "?", ":", ",", ";", "(", ")", "[", "]", "{", "}",
)  # fmt: skip
#: Variables of the language by their marks.
_SPECIAL: Final = tuple("_.&!,/|0123456789")
_CAPITALS: Final = ("F", "ENV")
_QUOTING: Final = ("s", "m", "tr", "y", "q", "qq", "qw", "qr")
_CLOSING: Final = {"(": ")", "{": "}", "[": "]", "<": ">"}
_DELIMITERS: Final = "/|,!{("
_FLAGS: Final = {"s": "msixgr", "m": "msixgc", "qr": "msix", "tr": "cdsr", "y": "cdsr"}
#: What a variable in a text begins a name, a number or a part with.
_NAME: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
#: Modules of Perl's own that may be loaded.
MODULES: Final = (
    "POSIX", "List::Util", "MIME::Base64", "Digest::MD5", "Digest::SHA", "Time::Local", "Time::HiRes",
    "strict", "warnings", "utf8", "feature",
)  # fmt: skip


def program(words: list[str]) -> tuple[str, list[str]] | None:
    """Return the program that Perl's words give it, and the files behind; None where more is said."""
    code: list[str] = []
    rest = list(words)
    while rest and rest[0].startswith("-") and rest[0] != "-":
        word = rest.pop(0)
        if word.startswith("-M"):
            module, _, wanted = word[2:].partition("=")
            if module not in MODULES or not all(one in _NAME or one == "," for one in wanted):
                return None
            continue
        ends = _flags(word[1:])
        if ends is None:
            return None
        if ends:
            if not rest:
                return None
            code.append(rest.pop(0))
    return ("\n".join(code), rest) if code else None


def _flags(letters: str) -> bool | None:
    """Tell whether a program stands in the next word; None for a letter that is not known."""
    place = 0
    while place < len(letters):
        letter = letters[place]
        place += 1
        if letter in "eE":
            return True if place == len(letters) else None
        if letter == "F":
            by = letters[place:]
            return False if by and by[0] not in "'\"/" and "?{" not in by else None
        if letter == "C":
            while letters[place : place + 1] in tuple("IOEioASDL0123456789"):
                place += 1
        elif letter in "0l":
            while letters[place : place + 1].isdigit() or (
                letter == "0" and letters[place : place + 1] == "x"
            ):
                place += 1
        elif letter not in "npawW":
            return None
    return False


def only_reads(code: str) -> None:
    """Raise Unclear unless a program prints what it reads."""
    if "\n=" in code or code.startswith("="):
        raise Unclear("it has a remark of many lines")
    _Program(code).read()


class _Program:
    """A program that is read from its beginning; ``before`` is what stood there last: see ``_is_value``."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.place = 0
        self.before = ""
        self.opened: list[bool] = []  # for each brace that is open, whether it is a subscript

    def read(self) -> None:
        while self.place < len(self.code):
            character = self.code[self.place]
            if character.isspace():
                self.place += 1
            elif character in "$@%" and self._variable():
                pass
            elif character in "\"'":
                text = self._until(self.place + 1, character)
                if character == '"':
                    _interpolated(text)
                self.before = "'"
            elif character.isdigit():
                self._number()
            elif character in _NAME:
                self._word()
            elif character == "/" and not self._is_value():
                self._pattern()
            elif character == "<" and not self._is_value():
                self._input()
            else:
                self._mark()
        if self.opened:
            raise Unclear("it has no end")

    def _is_value(self) -> bool:
        """Tell whether an operator may stand here. Raises Unclear where only Perl knows."""
        if self.before in ("'", "$", "0", ")", "]"):
            return True
        if self.before in ("", "(", "[", "{", ";", ",") or self.before in _BEFORE_VALUE:
            return False
        if self.before in _MARKS and self.before not in ("}", "++", "--"):
            return False
        raise Unclear(f"it has a mark behind {self.before} that may be two things")

    def _variable(self) -> bool:
        sigil = self.code[self.place]
        following = self.code[self.place + 1 : self.place + 2]
        if sigil == "%" and (not following.isalpha() or self._is_value()):
            return False
        end = self.place + 1
        if sigil == "$" and following == "#":
            end += 1
            following = self.code[end : end + 1]
            if not following.isalpha():
                raise Unclear("it has a variable that is not known")
        while self.code[end : end + 1] in _NAME and end < len(self.code):
            end += 1
        name = self.code[self.place + 1 : end].lstrip("#")
        if not name and sigil == "$" and following in _SPECIAL:
            end, name = end + 1, following
        _known(name, self.code[end:])
        self.place, self.before = end, "$"
        if self.code[end : end + 1] == "{":
            self._subscript()
        return True

    def _subscript(self) -> None:
        """Take a key: a word there is a text, whatever it says."""
        self.place += 1
        self.opened.append(True)
        self.before = "{"
        end = self.code.find("}", self.place)
        if end > 0 and self.code[self.place : end].isidentifier():
            self.place, self.before = end, "'"

    def _number(self) -> None:
        while self.place < len(self.code) and self.code[self.place] in _NAME:
            self.place += 1
        self.before = "0"

    def _word(self) -> None:
        start = self.place
        while self.place < len(self.code) and self.code[self.place] in _NAME:
            self.place += 1
        word = self.code[start : self.place]
        after = self.code[self.place :].lstrip()
        if self.code[start - 1 : start] in ("&", "*", "-") and start:
            raise Unclear(f"it has {self.code[start - 1]}{word}")
        if after.startswith("=>") and word not in _QUOTING:
            self.before = "'"
        elif word in _QUOTING:
            self._quoted(word)
        elif word[:1] == "x" and (word == "x" or word[1:].isdigit()) and self._is_value():
            self.before = "0" if word[1:] else "x"
        elif word == "x" or word not in _WORDS or after.startswith("::"):
            raise Unclear(f"it has {word}")
        elif word == "sort" and after[:1] not in ("{", "@", "k", "v", "g", "m", "("):
            raise Unclear("it sorts by what is not known")
        else:
            self.before = word

    def _quoted(self, word: str) -> None:
        delimiter = self.code[self.place : self.place + 1]
        if delimiter not in _DELIMITERS or not delimiter or self.before == "{":
            raise Unclear(f"it has {word}")
        first = self._until(self.place + 1, _CLOSING.get(delimiter, delimiter))
        texts = [first]
        if word in ("s", "tr", "y"):
            start = self.place
            if delimiter in _CLOSING:
                if self.code[start : start + 1] != delimiter:
                    raise Unclear(f"it has {word}")
                start += 1
            texts.append(self._until(start, _CLOSING.get(delimiter, delimiter)))
        if delimiter in _CLOSING and any(delimiter in text for text in texts):
            raise Unclear("it has a text in brackets with more of them")
        if word in ("s", "m", "qq", "qr"):
            for text in texts:
                _interpolated(text)
        self._only_flags(_FLAGS.get(word, ""))

    def _pattern(self) -> None:
        _interpolated(self._until(self.place + 1, "/"))
        self._only_flags(_FLAGS["m"])

    def _only_flags(self, flags: str) -> None:
        while self.code[self.place : self.place + 1].isalpha():
            if self.code[self.place] not in flags:
                if self.code[self.place :].startswith(("and", "or", "if", "unless", "x ", "for")):
                    raise Unclear("it has a word behind a pattern")
                raise Unclear("it has a pattern that runs something")
            self.place += 1
        self.before = "'"

    def _until(self, start: int, end: str) -> str:
        """Return a text up to a mark, and go behind it; one behind a backslash is none."""
        place = start
        while place < len(self.code) and self.code[place] != end:
            place += 2 if self.code[place] == "\\" else 1
        if place >= len(self.code):
            raise Unclear("it has a text without an end")
        self.place = place + 1
        return self.code[start:place]

    def _input(self) -> None:
        for one in ("<STDIN>", "<>"):
            if self.code.startswith(one, self.place):
                self.place += len(one)
                self.before = "'"
                return
        raise Unclear("it reads from what is not known")

    def _mark(self) -> None:
        mark = next((one for one in _MARKS if self.code.startswith(one, self.place)), "")
        if not mark or self.code.startswith(("<<", "->"), self.place):
            raise Unclear(f"it has a {self.code[self.place]}")
        if mark in ("*", "%", "&") and not self._is_value():
            raise Unclear(f"it has a {mark}")
        if mark == "(" and (
            self.before in (")", "]") or self.code[: self.place].rstrip()[-1:] == "}"
        ):
            raise Unclear("it calls what it has made")
        self.place += len(mark)
        if mark == "{":
            if self.before == "$":
                raise Unclear("it has a brace that may be two things")
            self.opened.append(False)
        if mark == "}":
            if not self.opened:
                raise Unclear("it has an end too many")
            self.before = ")" if self.opened.pop() else ";"
            if self.before == ";" and self.code[self.place :].lstrip()[:1] in tuple("/<?*%&"):
                raise Unclear("it has a mark behind a block that may be two things")
            return
        self.before = mark


def _known(name: str, rest: str) -> None:
    """Raise Unclear for a variable by which Perl opens or calls something."""
    own = name.islower() and all(letter in _NAME for letter in name)
    if not (own or name.isdigit() or name in _SPECIAL or name in _CAPITALS):
        raise Unclear(f"it has the variable {name}")
    if rest.startswith(("::", "'")) and own:
        raise Unclear("it has a variable of a package")


def _interpolated(text: str) -> None:
    """Raise Unclear for a text or a pattern into which more is put than variables and parts of them."""
    if "?{" in text or "??{" in text or "(*" in text:
        raise Unclear("it has a pattern that runs something")
    place = 0
    while place < len(text):
        character = text[place]
        place += 1
        if character == "\\":
            place += 1
            continue
        if character not in "$@":
            continue
        start = place
        while place < len(text) and text[place] in _NAME:
            place += 1
        name = text[start:place]
        if text[place:].lstrip()[:1] == "{" and not name:
            raise Unclear("it has a reference in a text")
        if not name and character == "$" and text[place : place + 1] in ("", ")", "|", " ", "/"):
            continue  # the end of a line in a pattern, or one of the language's own
        if not name and character == "@" and text[place : place + 1] in ("", " ", ".", "\\"):
            continue
        if not name and character == "$" and text[place : place + 1] in ("&", ".", "_"):
            name, place = text[place], place + 1
        if name != "ARGV" or text[place : place + 1] in ("[", "{"):
            _known(name or "?", text[place:] if text[place : place + 1] == ":" else "")
        place = _part(text, place)


def _part(text: str, place: int) -> int:
    """Return where a variable's subscripts end: numbers, names and texts alone."""
    if text.startswith(("->", "::"), place):
        raise Unclear("it has a reference in a text")
    while text[place : place + 1] in ("[", "{") and place < len(text):
        end = text.find({"[": "]", "{": "}"}[text[place]], place)
        inside = text[place + 1 : end]
        bare = inside.strip("'").lstrip("-")
        named = inside[:1] == "$" and (inside[1:].islower() or inside[1:] in ("_", "1", "2", "3"))
        whole = bare.isdigit() or (text[place] == "{" and bare.isidentifier())
        if end < 0 or not (named or whole) or not all(one in _NAME for one in bare.lstrip("$")):
            raise Unclear("it has a part that is not understood")
        place = end + 1
        if text.startswith("->", place):
            raise Unclear("it has a reference in a text")
    return place
