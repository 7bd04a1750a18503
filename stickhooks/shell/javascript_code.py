"""Programs in JavaScript that agents type: statements and functions around the expressions of ``one_liners``.

What they do is read and print. A value is only called where the name says what it is: a listed
function, a listed method, or a function that stands there. Names get values, and objects of the
program's own get parts; nothing of a module is given another meaning.
"""

from __future__ import annotations

from stickhooks.shell.grammar import Unclear
from stickhooks.shell.one_liners import WORD, Language, Program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

JAVASCRIPT: Final = Language(
    "process.version process.versions process.platform process.arch process.env process.argv process.pid "
    "process.execPath process.release process.title undefined null true false Infinity NaN Math.PI "
    "process.stdin",
    "JSON.parse JSON.stringify Object.keys Object.values Object.entries Object.fromEntries Math.max "
    "Math.min Math.round Math.floor Math.ceil Math.abs Math.sqrt Math.random Array.isArray Array.from "
    "String Number Boolean parseInt parseFloat encodeURIComponent decodeURIComponent Date.now isNaN "
    "process.cwd process.uptime process.memoryUsage require.resolve fs.readFileSync fs.existsSync "
    "fs.readdirSync fs.statSync os.cpus os.platform os.arch os.totalmem os.freemem os.homedir os.hostname "
    "os.tmpdir os.type path.join path.resolve path.basename path.dirname path.extname path.relative "
    "readline.createInterface Number.isInteger console.log console.error console.table console.dir "
    "console.info process.stdout.write fetch Buffer.from Buffer.byteLength process.exit "
    "setTimeout crypto.randomBytes crypto.randomUUID crypto.createHash crypto.createHmac http.get https.get "
    "util.format url.parse url.fileURLToPath process.hrtime BigInt Math.pow Math.trunc Math.log Math.log2 "
    "Math.log10 Math.sign Math.hypot Number.parseInt Number.parseFloat Number.isNaN Number.isFinite "
    "Date.parse Date.UTC String.fromCharCode Array.of structuredClone performance.now",
    "join map filter slice includes indexOf lastIndexOf split trim trimStart trimEnd toString toFixed sort "
    "reverse concat flat flatMap some every find findIndex findLast padEnd padStart startsWith endsWith "
    "toUpperCase toLowerCase repeat keys values entries at isFile isDirectory toISOString getTime "
    "getFullYear substring substr charAt charCodeAt codePointAt replace replaceAll match matchAll test "
    "reduce forEach localeCompare toLocaleString toPrecision size has get add set push pop shift unshift "
    "on once setEncoding resume then catch finally json text digest update getDay getDate getMonth getHours "
    "getMinutes getSeconds getMilliseconds getTimezoneOffset getUTCDay getUTCDate getUTCMonth getUTCHours "
    "getUTCFullYear setDate setMonth setFullYear setHours setMinutes setSeconds setMilliseconds setTime "
    "setUTCHours setUTCDate toLocaleDateString toLocaleTimeString toDateString toUTCString valueOf normalize "
    "splice fill findLastIndex isSymbolicLink encode",
    "",
    "const let var",
    "fs os path readline url util crypto assert events querystring string_decoder timers zlib module "
    "node:fs node:os node:path node:readline node:url node:util node:crypto node:assert node:events "
    "node:sqlite node:timers node:zlib node:module http https node:http node:https",
)
_OPERATORS: Final = (
    "===", "!==", "...", "**", "=>", "==", "!=", "<=", ">=", "&&", "||", "??", "?.", "+=", "-=", "++", "--",
    "+", "-", "*", "/", "%", "<", ">", ".",
)  # fmt: skip
_BINARY: Final = (
    "===", "!==", "**", "==", "!=", "<=", ">=", "&&", "||", "??", "+", "-", "*", "/", "%", "<", ">", "?",
    ":", "in", "instanceof",
)  # fmt: skip
#: What may be made with ``new``.
_MADE: Final = (
    "Set", "Map", "Date", "Array", "URL", "URLSearchParams", "Error", "RegExp", "TextDecoder", "TextEncoder",
)  # fmt: skip
#: Behind one of these a slash begins a pattern; behind anything else it divides.
_BEFORE_PATTERN: Final = (
    *(one for one in _OPERATORS if one != "."),
    *"([{,;:?!=}",
    "return",
    "typeof",
)
#: What leads to a function that makes functions of texts.
_MAKING: Final = ("constructor", "__proto__", "prototype")
#: Where a name ends, node's own meaning of it is there again: these reach what writes.
_NODES: Final = (
    "eval", "Function", "globalThis", "global", "module", "exports", "fs", "child_process", "vm", "repl",
    "worker_threads", "cluster", "inspector", "require",
)  # fmt: skip
#: Behind one of these, and a line's end, nothing is called, divided or asked for a part.
_BEFORE_LINE: Final = (";", "{", "(", "[", ",")
#: Letters that stand behind a backslash for another character; before other ones it is not there.
_ESCAPES: Final = "nrtbfv"


def only_reads(code: str) -> None:
    """Raise Unclear unless a program does nothing but read and print."""
    Script(code).script()


class Script(Program):
    """A program of statements; ``known`` are the names that have a value of its own."""

    calling = (
        "map filter sort some every find findIndex findLast flatMap reduce forEach replace replaceAll on "
        "once Array.from JSON.stringify JSON.parse then catch finally setTimeout http.get https.get"
    )
    binary = _BINARY
    prefixes = ("!", "-", "+", "...", "typeof", "await", "void")

    def __init__(self, code: str) -> None:
        super().__init__(JAVASCRIPT, _tokens(code))
        modules = self.language.modules.split()
        roots = {name.partition(".")[0] for name in [*self.values, *self.functions]}
        self.roots = roots - set(modules)
        self.own: set[str] = set()
        for place, token in enumerate(self.tokens):
            if token == "function" and self.tokens[place + 2 : place + 3] == ["("]:
                self._names_own(self.tokens[place + 1])

    def _names_own(self, name: str) -> None:
        """Note a function of the program's own: what stands in it is read where it stands."""
        if name in (*self.roots, *self.known, *_NODES) or not name.isidentifier():
            raise Unclear(f"it gives {name} another meaning")
        self.own.add(name)

    def script(self) -> None:
        while self.next:
            self.statement()

    def statement(self) -> None:
        kinds = {
            "if": self._if,
            "for": self._for,
            "try": self._try,
            "{": self._block,
            "function": self._function,
        }
        if self.next in kinds:
            kinds[self.next]()
            return
        if self.next == "return":
            self.take()
            if self.next not in (";", "}", ""):
                self.expression()
        elif self.next in self.language.declaring.split():
            self._declared()
        elif self.next != ";":
            self._effect()
        if self.next not in ("", ";", "}"):
            raise Unclear(f"it has {self.next}")
        if self.next == ";":
            self.take()

    def _block(self) -> None:
        self.take("{")
        while self.next != "}":
            if not self.next:
                raise Unclear("it has no end")
            self.statement()
        self.take()

    def _if(self) -> None:
        self.take()
        self.take("(")
        self._listed(")")
        self.statement()
        if self.next == "else":
            self.take()
            self.statement()

    def _for(self) -> None:
        self.take()
        self.take("(")
        if self.next not in self.language.declaring.split():
            raise Unclear("it has a loop that is not understood")
        self.take()
        self._names(("of", "in"))
        self.take()
        self.expression()
        self.take(")")
        self.statement()

    def _try(self) -> None:
        self.take()
        self._block()
        while self.next in ("catch", "finally"):
            self.take()
            if self.next == "(":
                self.take()
                self._names((")",))
                self.take()
            self._block()

    def _names(self, ends: tuple[str, ...]) -> None:
        """Take new names, as they stand before ``=``, ``of`` or ``=>``, also those of parts of a value."""
        while self.next not in ends:
            name = self.take()
            if name and name in ",[]{}:":
                continue
            taken = name in (*self.roots, *self.own, *_NODES, *_MAKING)
            if not name.isidentifier() or (taken and not self._names_fs(name)):
                raise Unclear(f"it gives {name or 'nothing'} another meaning")
            self.known.add(name)

    def _names_fs(self, name: str) -> bool:
        return name == "fs" and self.tokens[self.place : self.place + 3] == ["=", "require", "("]

    def _declared(self) -> None:
        self.take()
        while True:
            start, before = self.place, set(self.known)
            self._names(("=",))
            name = self.tokens[start]
            self.take("=")
            if self._function():
                self.known = (self.known - {name}) | before
                self._names_own(name)
            elif not self._module(name):
                self.expression()
            if self.next != ",":
                return
            self.take()

    def _module(self, name: str) -> bool:
        """Take ``require`` of a listed module that a name now stands for."""
        tokens = self.tokens[self.place : self.place + 5]
        module = tokens[2][1:] if tokens[:2] == ["require", "("] and tokens[3:4] == [")"] else ""
        ends = tokens[4:5] in ([], [";"], [","])
        if module not in self.language.modules.split() or not ends or not name.isidentifier():
            return False
        self.place += 4
        self.known.discard(name)
        self.modules[name] = module.removeprefix("node:")
        return True

    def _effect(self) -> None:
        """Take an expression, or what gives a name of the program's own another value."""
        following = self.tokens[self.place + 1 : self.place + 2]
        if self.next in self.known and following in (["="], ["+="], ["-="]):
            self.place += 2
            self.expression()
        elif self.next in self.known and following in (["++"], ["--"]):
            self.place += 2
        else:
            self.expression()

    def operand(self) -> None:
        while self.next in self.prefixes:
            self.take()
        if self.next == "{":
            self._object()
            self._followed()
        elif self.next == "new":
            self.take()
            if self.take() not in _MADE:
                raise Unclear("it makes what is not known")
            self.take("(")
            self._listed(")")
            self._followed()
        else:
            super().operand()

    def _named(self) -> None:
        """Take a name; a function of the program's own may be called."""
        if self.next not in self.own:
            super()._named()
            return
        self.take()
        self.take("(")
        self._listed(")")

    def _object(self) -> None:
        self.take("{")
        while self.next != "}":
            if self.next == "...":
                self.expression()
            else:
                key = self.take()
                if key in _MAKING or not (key[:1] == "'" or key.isidentifier() or key.isdigit()):
                    raise Unclear(f"it has a part called {key}")
                if self.next == ":":
                    self.take()
                    self.expression()
                elif key not in self.known:
                    raise Unclear(f"it has {key}")
            if self.next != "}":
                self.take(",")
        self.take()

    def _subscript(self) -> None:
        start = self.place
        self.expression()
        texts = [token for token in self.tokens[start : self.place] if token[:1] == "'"]
        if texts and self.place - start > 1:
            raise Unclear("it puts the name of a part together")
        self.take("]")

    def _function(self) -> bool:
        """Take ``x => …``, ``(x, y) => …`` or ``function (x) {…}`` where one stands here."""
        if self.next == "function":
            self.take()
            if self.next in self.own:
                self.take()
            self.take("(")
            self._names((")",))
            self.take()
            self._block()
            return True
        end = self._closing() if self.next == "(" else self.place
        if self.tokens[end + 1 : end + 2] != ["=>"]:
            return False
        if self.next == "(":
            self.take()
            self._names((")",))
            self.take()
        else:
            self._names(("=>",))
        self.take("=>")
        if self.next == "{":
            self._block()
        else:
            self._effect()
        return True

    def _closing(self) -> int:
        """Return the place of the mark that closes the one here."""
        depth = 0
        for place in range(self.place, len(self.tokens)):
            depth += (self.tokens[place] in "([{") - (self.tokens[place] in ")]}")
            if depth == 0:
                return place
        return self.place


def _tokens(code: str) -> list[str]:
    """Return words, marks, and texts and patterns with a quote before them."""
    found: list[str] = []
    place = 0
    while place < len(code):
        start, character = place, code[place]
        if character in "'\"":
            place = _behind(code, start, character)
            found.append(_text(code[start + 1 : place - 1]))
        elif character == "`":
            place = _behind(code, start, "`")
            found += _template(code[start + 1 : place - 1])
        elif character in WORD:
            while place < len(code) and code[place] in WORD:
                place += 1
            found.append(code[start:place])
        elif code.startswith(("//", "/*"), start):
            raise Unclear("it has a remark")
        elif character == "/" and (not found or found[-1] in _BEFORE_PATTERN):
            place = _behind(code, start, "/")
            found.append("'/")
            while code[place : place + 1].isalpha():
                place += 1
        else:
            mark = next((one for one in _OPERATORS if code.startswith(one, place)), character)
            if not mark.isspace() and mark not in (*_OPERATORS, *"()[]{},;?:=!"):
                raise Unclear(f"it has a {mark}")
            place += len(mark)
            if mark == "\n":
                mark = _line_end(code[place:], found)
            found += [] if mark.isspace() else [mark]
    return found


def _line_end(rest: str, found: list[str]) -> str:
    """Return what a line's end stands for, where the next line does not go on with the expression."""
    if rest.lstrip()[:1] in tuple("([/`") and not (found and found[-1] in _BEFORE_LINE):
        raise Unclear("a line goes on with the one before")
    return ";"


def _behind(code: str, start: int, quote: str) -> int:
    """Return the place behind a text that begins here; ``${`` in a template is part of it."""
    place, inside = start + 1, False
    while place < len(code):
        character = code[place]
        if character == "\\":
            place += 1
        elif quote == "/" and character in "[]":
            inside = character == "["
        elif character == quote and not inside:
            return place + 1
        elif character == "\n" and quote != "`":
            break
        place += 1
    raise Unclear("it has a text without an end")


def _text(text: str) -> str:
    escaped = [piece[:1] for piece in text.replace("\\\\", "").split("\\")[1:]]
    odd = any(one == "\n" or (one in WORD and one not in _ESCAPES) for one in escaped)
    if odd or text in _MAKING:
        raise Unclear(f"it has {text}")
    return "'" + text


def _template(text: str) -> list[str]:
    """Return a template as a sum of its texts and values."""
    found = ["(", "'"]
    pieces = text.split("${")
    _text(pieces[0])
    for piece in pieces[1:]:
        value, end, after = piece.partition("}")
        if not end or "{" in value:
            raise Unclear("it has a text that is not understood")
        _text(after)
        found += ["+", "(", *_tokens(value), ")", "+", "'"]
    return [*found, ")"]
