"""What a shell command of an agent would write, told without running it.

The question is asked before the commands of somebody who does not hold the stick: what only
reads passes, what writes is refused, and so is, with its reason, what cannot be understood.
This guards against haste, not against malice. An expansion that is not known counts as an
operand where a program only reads it, and no program on PATH is taken for another than its name.
"""

from __future__ import annotations

from stickhooks.shell import allowed, programs, variables
from stickhooks.shell.answer import Writes
from stickhooks.shell.grammar import Unclear, assigned, is_of_file, is_written, statements
from stickhooks.shell.runners import SHELLS
from stickhooks.shell.state import Call, Found, Outcome, State, merged, unheld
from stickhooks.shell.words import UNKNOWN, Expansion, as_typed, has_glob, is_known, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Final

    from stickhooks.shell.grammar import Node
    from stickhooks.shell.state import Alias

STEPS_LIMIT: Final = 2000
SCRIPTS_LIMIT: Final = 12
ITEMS_LIMIT: Final = 16
PASSES: Final = 3
GIVEN: Final = ("HOME", "PWD", "OLDPWD")  # set in every shell


def writes(
    command: str,
    cwd: str,
    env: Mapping[str, str] | None = None,
    reads: tuple[str, ...] = (),
    alias: Alias | None = None,
) -> Writes:
    """Tell what a command would write that is run in the absolute folder ``cwd``.

    ``env`` is asked for HOME, TMPDIR, PYTHONPATH and CDPATH alone. Never raises: it is ``unclear`` then.
    """
    env = env or {}
    known = {name: env.get(name, "") for name in ("TMPDIR", "PYTHONPATH", "CDPATH")}
    known |= {"HOME": env["HOME"]} if env.get("HOME") else {}
    found = Found(cwd, frozenset({*known, *GIVEN}), reads, alias)
    return _judged(found, known, lambda walk, state: walk.script(command, state))


def only_read(words: list[str]) -> bool:
    """Tell whether a command that is given as words writes nothing, wherever it is run."""

    def again(walk: _Walk, state: State) -> object:
        return walk.again(walk.call(state, tuple(words)), words)

    return _judged(Found("/", frozenset(GIVEN)), {}, again).nothing


def _judged(found: Found, known: dict[str, str], judge: Callable[[_Walk, State], object]) -> Writes:
    state, walk, trouble = State((found.start,), known), _Walk(found), ""
    try:
        judge(walk, state)
        walk.never_called(state)
    except Unclear as reason:
        trouble = str(reason)
    except RecursionError:
        trouble = "the command is nested too deeply"
    except (LookupError, TypeError, AttributeError) as error:
        trouble = f"a syntax tree of an unknown shape: {error!r}"
    if trouble:  # in any of its words
        found.nobody_knows(trouble, state, [UNKNOWN])
    return found.writes()


class _Walk:
    """One way through a syntax tree. Each method takes a state and returns the outcome."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self.functions: dict[str, list[Node]] = {}
        self.called: set[str] = set()
        self.running: list[str] = []
        self.steps = 0
        self.depth = 0
        self.wrapped = 0  # commands around this one that may give it another environment
        self.kinds: dict[str, Callable[[Node, State], Outcome]] = {
            "CallExpr": self.command,
            "BinaryCmd": self.binary,
            "IfClause": self.condition,
            "WhileClause": self.repeat,
            "ForClause": self.each,
            "CaseClause": self.case,
            "Block": lambda node, state: self.sequence(node["Stmts"], state),
            "Subshell": self.subshell,
            "FuncDecl": self.function,
            "DeclClause": self.declaration,
            **dict.fromkeys(("TimeClause", "CoprocClause"), self.inner_statement),
            **dict.fromkeys(("ArithmCmd", "TestClause", "LetClause"), self.expression),
        }

    def script(self, text: str, state: State, language: str = "bash") -> Outcome:
        self.depth += 1
        if self.depth > SCRIPTS_LIMIT:
            raise Unclear("scripts within scripts, too deeply")
        try:
            return self.sequence(statements(text, language), state)
        finally:
            self.depth -= 1

    def sequence(self, nodes: list[Node], state: State) -> Outcome:
        outcome = Outcome(state, state)
        for node in nodes:
            outcome = self.statement(node, outcome.any(state))
            state = outcome.any(state)
        return outcome

    def statement(self, node: Node, state: State) -> Outcome:
        self.steps += 1
        if self.steps > STEPS_LIMIT:
            raise Unclear("the command has too many steps to follow")
        stdin = self.redirections(node.get("Redirs", []), state)
        body = node.get("Cmd")
        if body is None:
            return Outcome(state, state)
        body = {**body, "stdin": stdin, "files": any(map(is_of_file, node.get("Redirs", [])))}
        run = self.kinds.get(body["Type"])
        if run is None:
            raise Unclear(f"a kind of command that is not known: {body['Type']}")
        outcome = run(body, state)
        if node.get("Negated"):
            outcome = Outcome(outcome.failure, outcome.success)
        if node.get("Background") or node.get("Coprocess"):
            outcome = Outcome(state, state)
        return outcome

    # --- words -------------------------------------------------------------------------

    def expansion(self, state: State) -> Expansion:
        cwd = state.cwds[0] if len(state.cwds) == 1 else UNKNOWN
        known = {"PWD": cwd, **state.variables}
        return Expansion(
            known,
            state.variables.get("HOME"),
            lambda nodes: programs.output(self._words_of(nodes, state), cwd, known),
        )

    def _words_of(self, nodes: list[Node], state: State) -> list[str]:
        """Return the words of a substituted command, where it is a simple one, and no function."""
        body = nodes[0].get("Cmd") if len(nodes) == 1 else None
        if not body or body["Type"] != "CallExpr":
            return []
        words = [word for arg in body.get("Args", []) for word in self.expansion(state).words(arg)]
        return words if words and words[0] not in self.functions else []

    def substitutions(self, node: object, state: State) -> None:
        """Judge every command that is run to expand something, wherever it stands in there."""
        todo = [node]
        while todo:
            one = todo.pop()
            if isinstance(one, list):
                todo += one[::-1]
            elif isinstance(one, dict) and one.get("Type") in ("CmdSubst", "ProcSubst"):
                self.sequence(one.get("Stmts", []), state)
            elif isinstance(one, dict):
                self._expanded(one, state)
                todo += list(one.values())[::-1]

    def _expanded(self, node: Node, state: State) -> None:
        """Judge an expansion that runs a command in a text, or gives a variable a value."""
        kind, name = node.get("Type"), node.get("Param", {}).get("Value", "")
        expression = node.get("Exp") or {}
        word = self.expansion(state).word(expression.get("Word")) if expression else ""
        if kind == "ParamExp" and expression.get("Op") in ("=", ":="):
            variables.judge(self.setting(state, word), name, word, exported=True)
        if kind == "ParamExp" and expression.get("Op") == "@" and word == "P":
            self.found.nobody_knows("${…@P} runs the commands that stand in its text", state)
        if kind == "ArithmExp" and variables.counts_a_command(node):
            self.found.nobody_knows("an expression runs a command in a subscript", state)

    def redirections(self, nodes: list[Node], state: State) -> str | None:
        """Note what is written through redirections; return what is read from a here-document."""
        stdin = None
        for node in nodes:
            self.substitutions(node, state)
            operator, expansion = node.get("Op"), self.expansion(state)
            if operator in ("<<", "<<-"):
                stdin = expansion.here_document(node)
                continue
            word = expansion.word(node.get("Word"))
            if operator == "<<<":
                stdin = word
            elif is_written(str(operator), word):
                self.found.path(word, state)
        return stdin

    def assignments(self, nodes: list[Node], state: State, exported: bool) -> State:
        """Return the state in which variables have their new values."""
        for node in nodes:
            self.substitutions(node, state)
            name = node.get("Name", {}).get("Value", "")
            if not name and node.get("Value"):
                state = self._worded(self.expansion(state).word(node["Value"]), state)
            if not name:
                continue
            if node.get("Naked"):
                state = state.knowing(name, state.variables.get(name, UNKNOWN))
                continue
            odd = any(key in node for key in ("Append", "Array", "Index"))
            value = UNKNOWN if odd else self.expansion(state).word(node.get("Value"))
            variables.judge(self.setting(state, value), name, value, exported)
            state = state.knowing(name, value)
        return state

    def _worded(self, word: str, state: State) -> State:
        """Judge a word of ``export`` or ``declare`` that becomes an assignment when it is expanded."""
        name, equals, value = as_typed(word).partition("=")
        if equals:
            variables.judge(self.setting(state, word), name, value, exported=True)
        elif name.startswith("-") and "n" in name:
            self.found.nobody_knows("a variable that stands for another by its name", state)
        if equals and is_known(name):
            return state.knowing(name, value)
        return state if is_known(name) else state.forgetting(self.found.given)

    def setting(self, state: State, value: str) -> Call:
        """Return the call that gives a variable a value: what it changes may be any later command."""
        return self.call(state, (value, UNKNOWN))

    # --- commands ----------------------------------------------------------------------

    def command(self, node: Node, state: State) -> Outcome:
        arguments = node.get("Args", [])
        within = self.assignments(node.get("Assigns", []), state, bool(arguments))
        if not arguments:
            return Outcome(within, within)
        self.substitutions(arguments, state)
        expansion = self.expansion(state)
        words = [word for argument in arguments for word in expansion.words(argument)]
        if not words:
            return Outcome(state, state)
        if self.found.reads and self._is_allowed(node, words, state):
            return Outcome(state, state)
        around = (*assigned(node, within.variables).values(), *words)
        self.wrapped += (wraps := "Assigns" in node or words[0] not in SHELLS)
        call = self.call(state, around, node["stdin"]).with_variables(
            assigned(node, within.variables)
        )
        outcome = self.again(call, words)
        self.wrapped -= wraps
        return outcome or Outcome(state, state)

    def _is_allowed(self, node: Node, words: list[str], state: State) -> bool:
        """Tell whether the room's people call a command harmless; a path means the same one only here."""
        own = words[0] in self.functions or self.wrapped or not allowed.is_plain(node)
        if own or not allowed.may_run(words, state, self.found):
            return False
        self.found.ran[" ".join(map(plain, words))] = None
        return True

    def call(self, state: State, around: tuple[str, ...], stdin: str | None = None) -> Call:
        return Call("", [], state, self.found, stdin, self.script, self.again, around)

    def again(self, call: Call, words: list[str]) -> Outcome | None:
        """Judge a simple command by its words."""
        self.steps += 1
        if self.steps > STEPS_LIMIT:
            raise Unclear("the command has too many steps to follow")
        name = words[0]
        if not is_known(name) or has_glob(name):
            call.nobody_knows(f"an expansion in a command's name: {plain(name)}")
            return None
        call = call.renamed(plain(name), words[1:])
        if call.name in self.functions:
            return self.call_function(call)
        return programs.judge(call)

    def call_function(self, call: Call) -> Outcome:
        self.called.add(call.name)
        state = call.state
        if call.name in self.running:
            return Outcome(state, state)
        for place, word in enumerate(call.words, 1):
            state = state.knowing(str(place), word)
        self.running.append(call.name)
        outcomes = [self.statement(body, state) for body in self.functions[call.name]]
        self.running.pop()
        if programs.is_program(call.name):  # where it is not defined, the program is meant
            programs.judge(call)
        after = call.state
        for outcome in outcomes:
            after = merged(after, outcome.any(after)) or after
        return Outcome(after, after)

    def function(self, node: Node, state: State) -> Outcome:
        self.functions.setdefault(node.get("Name", {}).get("Value", ""), []).append(node["Body"])
        return Outcome(state, state)

    def never_called(self, state: State) -> None:
        """Judge the functions that nobody called: they may be meant for a program's use."""
        for name in self.functions.keys() - self.called:
            self.running.append(name)
            for body in self.functions[name]:
                self.statement(body, state)

    def declaration(self, node: Node, state: State) -> Outcome:
        exported = node.get("Variant", {}).get("Value") in ("export", "declare", "typeset")
        after = self.assignments(node.get("Args", []), state, exported)
        return Outcome(after, after)

    def expression(self, node: Node, state: State) -> Outcome:
        self.substitutions(node, state)
        if variables.counts_a_command(node):
            self.found.nobody_knows("an expression runs a command in a subscript", state)
        return Outcome(state, state)

    def inner_statement(self, node: Node, state: State) -> Outcome:
        inner = node.get("Stmt")
        outcome = self.statement(inner, state) if inner else Outcome(state, state)
        return outcome if node["Type"] == "TimeClause" else Outcome(state, state)

    # --- what joins commands -----------------------------------------------------------

    def binary(self, node: Node, state: State) -> Outcome:
        first = self.statement(node["X"], state)
        operator = node.get("Op")
        if operator == "&&":
            second = self.statement(node["Y"], first.success or state)
            return Outcome(second.success, merged(first.failure, second.failure))
        if operator == "||":
            second = self.statement(node["Y"], first.failure or unheld(first.success, state))
            return Outcome(merged(first.success, second.success), second.failure)
        if operator not in ("|", "|&"):
            raise Unclear(f"commands joined by {operator}")
        # In zsh, and with bash's lastpipe, the last one is run by this very shell.
        last = merged(state, self.statement(node["Y"], state).any(state))
        return Outcome(last, last)

    def subshell(self, node: Node, state: State) -> Outcome:
        self.sequence(node.get("Stmts", []), state)
        return Outcome(state, state)

    def condition(self, node: Node | None, state: State) -> Outcome:
        if node is None:
            return Outcome(state, None)
        if not node.get("Cond"):
            return self.sequence(node.get("Then", []), state)
        tested = self.sequence(node["Cond"], state)
        one = self.sequence(node["Then"], tested.success or state)
        other = self.condition(node.get("Else"), tested.failure or state)
        return Outcome(merged(one.success, other.success), merged(one.failure, other.failure))

    def repeat(self, node: Node, state: State) -> Outcome:
        def once(here: State) -> State:
            tested = self.sequence(node.get("Cond", []), here)
            entered = tested.failure if node.get("Until") else tested.success
            return self.sequence(node.get("Do", []), entered or here).any(here)

        return self.loop(once, state)

    def each(self, node: Node, state: State) -> Outcome:
        loop, name = node["Loop"], node["Loop"].get("Name", {}).get("Value", "")
        self.substitutions(loop, state)
        expansion = self.expansion(state)
        items = [word for item in loop.get("Items", []) for word in expansion.words(item)]
        if loop.get("Type") != "WordIter" or not 0 < len(items) <= ITEMS_LIMIT:
            items = [UNKNOWN]
        for item in items:
            variables.judge(self.setting(state, item), name, item, exported=True)
            state = self._one_item(node, state.knowing(name, item) if name else state, item)
        return Outcome(state, state)

    def _one_item(self, node: Node, state: State, item: str) -> State:
        def once(here: State) -> State:
            return self.sequence(node.get("Do", []), here).any(here)

        if is_known(item) and not has_glob(item):
            return once(state)
        return self.loop(once, state).any(state)

    def loop(self, once: Callable[[State], State], state: State) -> Outcome:
        """Go round until nothing new is seen; a folder that keeps changing is not known."""
        for _ in range(PASSES):
            links = self.found.links.sources()
            after = merged(state, once(state)) or state
            if after == state and links == self.found.links.sources():
                return Outcome(state, state)
            state = after
        state = State((), {}, None)
        once(state)
        return Outcome(state, state)

    def case(self, node: Node, state: State) -> Outcome:
        self.substitutions(node.get("Word"), state)
        after = state
        for item in node.get("Items", []):
            self.substitutions(item.get("Patterns", []), state)
            after = merged(after, self.sequence(item.get("Stmts", []), state).any(state)) or after
        return Outcome(after, after)
