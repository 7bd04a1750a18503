"""Programs of one line in Ruby, PHP and Lua: a short list of forms that only read.

An expression is read by one small grammar: literals, listed names, listed functions, methods that
write nothing, subscripts and operators; ``javascript_code`` has statements around it. All else that
stands there is asked. Nothing but printing is done with a value, and no value is called.
"""

from __future__ import annotations

from stickhooks.fast.records import Frozen, dataclass
from stickhooks.shell.grammar import Unclear

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


@dataclass(frozen=True)
class Language(Frozen):
    """Words with blanks between them: what may be named, called, called of a value, and what prints."""

    values: str
    functions: str
    methods: str
    printing: str
    declaring: str = ""
    modules: str = ""


RUBY: Final = Language(
    "RUBY_VERSION RUBY_PLATFORM RUBY_ENGINE RUBY_PATCHLEVEL nil true false ENV ARGV STDIN.read $stdin.read "
    "Gem.path Gem.dir Dir.pwd Time.now",
    "File.read File.exist? File.basename File.size JSON.pretty_generate JSON.parse "
    "YAML.load_file YAML.safe_load Dir.glob Dir.pwd Time.now "
    "Integer Float String",
    "to_s to_i to_f to_a size length first last keys values join sort uniq upcase downcase strip split "
    "inspect dig fetch reverse sum count include? to_json lines",
    "puts p print pp",
)
PHP: Final = Language(
    "PHP_VERSION PHP_EOL PHP_OS PHP_OS_FAMILY PHP_BINARY PHP_INT_MAX PHP_MAJOR_VERSION true false null "
    "JSON_PRETTY_PRINT JSON_UNESCAPED_SLASHES JSON_UNESCAPED_UNICODE PASSWORD_DEFAULT PASSWORD_BCRYPT",
    "ini_get phpversion php_ini_loaded_file php_ini_scanned_files php_uname extension_loaded implode "
    "get_loaded_extensions json_encode json_decode file_get_contents count strlen strtoupper date time "
    "sys_get_temp_dir function_exists version_compare php_sapi_name file_exists is_dir is_file filesize "
    "str_repeat substr trim explode round floor ceil max min array_keys array_values in_array is_array "
    "ucfirst strtolower str_replace number_format class_exists memory_get_usage gethostname getenv "
    "random_bytes bin2hex base64_encode base64_decode md5 sha1 hash urlencode urldecode password_hash",
    "",
    "echo print var_dump print_r",
)
LUA: Final = Language(
    "_VERSION nil true false package.path package.cpath math.pi jit.version",
    "tostring tonumber type string.format string.upper string.lower string.rep string.len string.sub "
    "math.floor math.max math.min math.sqrt math.abs math.random os.time os.date os.getenv table.concat",
    "",
    "print",
)
WORD: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$")
_OPERATORS: Final = (
    "===", "!==", "=>", "==", "!=", "<=", ">=", "&&", "||", "??", "?.", "+", "-", "*", "/", "%", "<", ">",
    ".",
)  # fmt: skip
_BINARY: Final = (*(one for one in _OPERATORS if one not in ("=>", "?.", ".")), "?", ":")
#: What leads to a function that makes functions of texts.
_MAKING: Final = ("constructor", "__proto__", "prototype")


def only_reads(code: str, language: Language) -> None:
    """Raise Unclear unless a program prints what it reads."""
    if language is LUA and any(mark in code for mark in ("[[", "[=", "--")):
        raise Unclear("it has a long text or a remark")
    Program(language, _tokens(code)).statements()


def _tokens(code: str) -> list[str]:
    """Return words, marks, and texts with a quote before them."""
    found: list[str] = []
    place = 0
    while place < len(code):
        start, character = place, code[place]
        if character in "'\"":
            place = _end_of_text(code, start)
            found.append("'" + code[start + 1 : place - 1])
        elif character in WORD:
            while place < len(code) and code[place] in WORD:
                place += 1
            place += code[place : place + 2] == "?("  # a method of Ruby's
            found.append(code[start:place])
        else:
            mark = next((one for one in _OPERATORS if code.startswith(one, place)), character)
            if not character.isspace() and mark not in (*_OPERATORS, *"()[],;?:=!"):
                raise Unclear(f"it has a {mark}")
            place += len(mark)
            found += [";"] if character == "\n" else [] if character.isspace() else [mark]
    return found


def _end_of_text(code: str, start: int) -> int:
    """Return where a text ends that nothing is put into."""
    place, quote = start + 1, code[start]
    while place < len(code) and code[place] != quote:
        place += 2 if code[place] == "\\" else 1
    text = code[start + 1 : place]
    if place >= len(code) or "\n" in text or (quote == '"' and ("#" in text or "$" in text)):
        raise Unclear("it has a text that is not understood")
    if text in _MAKING or "\\x" in text or "\\u" in text:
        raise Unclear(f"it has {text}")
    return place + 1


class Program:
    """Tokens that are read from the first to the last; ``known`` are names with a value here."""

    #: Functions and methods that call what they are given: a function that stands there, or none.
    calling = ""
    binary: tuple[str, ...] = _BINARY
    prefixes: tuple[str, ...] = ("!", "-", "+")

    def __init__(self, language: Language, tokens: list[str]) -> None:
        self.tokens = tokens
        self.place = 0
        self.language = language
        self.values = language.values.split()
        self.functions = language.functions.split()
        self.known: set[str] = set()
        self.modules: dict[str, str] = {}

    @property
    def next(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def take(self, wanted: str = "") -> str:
        token = self.next
        if wanted and token != wanted:
            raise Unclear(f"it has {token or 'no end'}")
        self.place += 1
        return token

    def statements(self) -> None:
        while self.next:
            if self.next == ";":
                self.take()
                continue
            if self._dotted() not in self.language.printing.split():
                raise Unclear(f"it has {self._dotted()}")
            self._printed()
            if self.next not in ("", ";"):
                raise Unclear(f"it has {self.next}")

    def _printed(self) -> None:
        self.place += 2 * self._dotted().count(".") + 1
        while self.next not in ("", ";"):
            self.expression()
            if self.next not in ("", ";"):  # a value behind a value would be called with it
                self.take(",")

    def _dotted(self) -> str:
        """Return a name with all its dots, as far as it goes, without taking it."""
        words, place = [self.next], self.place
        while self.tokens[place + 1 : place + 2] == ["."]:
            words += self.tokens[place + 2 : place + 3]
            place += 2
        return ".".join(words)

    # --- expressions -------------------------------------------------------------------

    def expression(self) -> None:
        self.operand()
        while self.next in self.binary or (self.next == "." and not self.language.methods):
            self.take()
            self.operand()

    def operand(self) -> None:
        while self.next in self.prefixes:
            self.take()
        token = self.next
        if token in ("(", "["):
            self.take()
            self._listed(")" if token == "(" else "]")
        elif token[:1] == "'" or token.isdigit():
            self.take()
        elif token[:1] in WORD and token:
            self._named()
        else:
            raise Unclear(f"it has {token or 'no end'}")
        self._followed()

    def _named(self) -> None:
        """Take a listed value or function: the longest name with dots that is listed."""
        if self._required():
            return
        start, words = self.place, self._dotted().split(".")
        words[0] = self.modules.get(words[0], words[0])
        for count in range(len(words), 0, -1):
            name, end = ".".join(words[:count]), start + 2 * count - 1
            called = self.tokens[end : end + 1] == ["("]
            if name in (self.functions if called else self.values):
                self.place = end
                if called:
                    self._arguments(name)
                return
        if self.next not in self.known:
            raise Unclear(f"it has {'.'.join(words)}")
        self.take()

    def _required(self) -> bool:
        """Take ``require`` of a JSON file, or of a listed module whose function is called at once."""
        tokens = self.tokens[self.place : self.place + 6]
        if tokens[:2] != ["require", "("] or tokens[3:4] != [")"] or not self.language.modules:
            return False
        what = tokens[2][1:] if tokens[2][:1] == "'" else ""
        if what in self.language.modules.split() and tokens[4:5] == ["."]:
            name = f"{what.removeprefix('node:')}.{tokens[5] if len(tokens) > 5 else ''}"
            self.place += 6
            if name not in self.functions:
                raise Unclear(f"it has {name}")
            self._arguments(name)
        elif what.endswith(".json"):
            self.place += 4
        else:
            raise Unclear(f"it loads {what}")
        return True

    def _followed(self) -> None:
        """Take what is asked of a value: parts, and methods that write nothing."""
        methods = self.language.methods.split()
        while self.next in ("?.", "[") or (self.next == "." and methods):
            if self.take() == "[":
                self._subscript()
                continue
            name = self.take()
            if name in _MAKING or name[:1] not in WORD:
                raise Unclear(f"it has .{name}")
            called = self.next == "("
            if name not in methods and (called or not self.language.declaring):
                raise Unclear(f"it calls .{name}")
            if called:
                self._arguments(name)

    def _subscript(self) -> None:
        token = self.take()
        if not (token[:1] == "'" or token.isdigit() or token in self.known):
            raise Unclear(f"it has [{token}")
        self.take("]")

    def _arguments(self, name: str) -> None:
        self.take("(")
        if name not in self.calling.split() and not name.startswith("fs."):
            self._listed(")")
            return
        values = 0
        while self.next != ")":
            token = self.next
            plain = (
                token[:1] == "'"
                or token.isdigit()
                or token in ("null", "String", "Number", "Boolean")
            )
            if self._function():
                pass
            elif values == 0 and "." in name and token != "...":
                self.expression()
            elif plain and self.tokens[self.place + 1 : self.place + 2] in ([","], [")"]):
                self.take()
            else:
                raise Unclear(f"it gives {name} what is not known")
            values += 1
            if self.next != ")":
                self.take(",")
        self.take(")")

    def _listed(self, end: str) -> None:
        """Take expressions with commas between them, up to a closing mark."""
        while self.next != end:
            if not self._function():
                self.expression()
            if self.next != end:
                self.take(",")
        self.take(end)

    def _function(self) -> bool:
        """Take a function that stands here, where the language has such."""
        return False
