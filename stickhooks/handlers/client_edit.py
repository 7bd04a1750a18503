"""The pre-edit hook: what a coding client asks before it changes a file, or runs a command."""

# bundle: edit
from stickhooks.clients import CLIENTS, Client, payloads
from stickhooks.fast import bundle, json
from stickhooks.fast.os import os, standard_input
from stickhooks.gate import decision
from stickhooks.handlers import common
from stickhooks.identity import resolver
from stickhooks.system import deadline
from stickhooks.workspace import paths

PAYLOAD_LIMIT = 8 << 20
LIMIT_S = 6.0  # the entries of the clients give ten seconds


def answer(client_name: str) -> int:
    """Refuse a client's edit or command unless the caller holds the rooms of all it would write."""
    client = CLIENTS.get(client_name)
    if client is None:
        from stickhooks.text import plain

        common.say(
            f"stick: no such client: {plain(client_name, 60)}; there are {', '.join(CLIENTS)}"
        )
        return 2
    question = Question(client)
    try:
        deadline.begin(LIMIT_S, question.give_up)
        reason = question.judged(payload())
    except BaseException as error:
        reason = question.failed(error)
    deadline.end()
    if reason:
        return _reply(question.refusal(reason))
    if question.addressed:
        from stickhooks.handlers import client_notes

        client_notes.beside_a_yes(client, "pre-edit", question.addressed, question.payload)
    return 0


class Question:
    """What a client asks, as far as it was understood."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.here = _here()
        self.payload: object = None
        self.kind = decision.EDIT
        self.addressed: decision.Ruling | None = None

    def judged(self, payload: object) -> str:
        """Return why the gate refuses, ``""`` where it allows. Raises ValueError for an odd payload."""
        self.payload = payload
        request = payloads.read(payload, payloads.adapter_of(self.client))
        verdict = self._verdict(request)
        verdict.stands = request.cwd or self.here
        common.say_warnings(verdict)
        if verdict.ok:
            self.addressed = None if request.below else verdict.addressed  # they are its session's
            return ""
        from stickhooks.clients import own_program
        from stickhooks.gate import messages

        text = own_program.steps(messages.text(verdict), self.client, dict(os.environ))
        return text + self._how_to_be_known(request.session)

    def _verdict(self, request: payloads.Request) -> decision.Verdict:
        env, caller = dict(os.environ), (self.client, request.session, request.below)
        base = request.cwd or self.here
        if request.command is not None:
            self.kind = decision.SHELL
            bundle.more("command")
            from stickhooks.handlers import client_command

            own = [*(request.own or [self.here]), *payloads.projects(env)]
            found = client_command.verdict(request.command, base, caller, env, own)
            if self.client.hookless and found.ok:
                from stickhooks.operations import own_moves

                for one in {ruling.workspace.git_dir for ruling in found.allowed}:
                    own_moves.note(one, request.command)
            return found
        if request.foreign is not None:
            self.kind = decision.FOREIGN
            from stickhooks.handlers import client_foreign

            own = [*(request.own or [self.here]), *payloads.projects(env)]
            return client_foreign.verdict(request.foreign, base, caller, env, own)
        targets = []
        for path in request.paths or []:
            found_there = paths.targets(path, base, git_dirs=True)
            folder = "" if found_there else paths.hidden(path, base)
            if folder:
                from stickhooks.gate import shut

                return shut.verdict(decision.EDIT, folder)
            targets += found_there
        if not targets:
            return decision.Verdict(decision.EDIT)
        return common.settled(targets, decision.EDIT, resolver.look(env, caller), env)

    def failed(self, error: BaseException) -> str:
        """Return the refusal for what went wrong, ``""`` where no room is near: it must not be closed."""
        near = [self.here, *payloads.projects(dict(os.environ)), *payloads.places(self.payload)]
        if not any(map(_has_room_at, near)):
            return ""
        from stickhooks.gate import messages

        told = f"the hook's payload is not understood: {error}"
        if isinstance(error, deadline.OutOfTime):
            told = f"the hook gave up after {LIMIT_S:.0f} s: {common.WAITED_FOR}"
        elif not isinstance(error, ValueError):
            told = common.fault(error)
        return f"stick: {messages.HEADS[self.kind]}  {told}\n       {common.WAY_OUT}"

    def give_up(self) -> None:
        """End this process with a refusal: the exception that should have done it was swallowed."""
        reason = self.failed(deadline.OutOfTime())
        code = _reply(self.refusal(reason)) if reason else 0
        os._exit(code)

    def refusal(self, reason: str) -> "tuple[int, str, str]":
        try:
            return payloads.adapter_of(self.client).refusal(reason)  # type: ignore[no-any-return]
        except Exception:  # an adapter that cannot be loaded
            return payloads.refused(reason, payloads.anybodys(reason))

    def _how_to_be_known(self, session: str) -> str:
        """Where a client's shell tells nothing of its session, return what makes it tell."""
        from stickhooks.text import plain, word

        if not self.client.app or self.client.marks:
            return ""
        return f"\n       first:   export STICK_SESSION_ID={plain(word(session))}"


def _has_room_at(place: str) -> bool:
    try:
        real = paths.real(place, os.path.sep)
    except (ValueError, OSError):
        return False
    workspace = paths.workspace_of(real)
    return workspace is not None and workspace.has_room()


def payload() -> object:
    """Read the hook's payload from standard input. Raises ValueError where it is none."""
    data = standard_input(PAYLOAD_LIMIT)
    if len(data) > PAYLOAD_LIMIT:
        raise ValueError(f"it is larger than {PAYLOAD_LIMIT >> 20} MiB")
    return json.read(data.decode(), floats=True)


def _reply(answer: "tuple[int, str, str]") -> int:
    code, out, err = answer
    os.write(1, out.encode("utf-8", "backslashreplace"))
    os.write(2, err.encode("utf-8", "backslashreplace"))
    return int(code)


def _here() -> str:
    try:
        return os.path.realpath(os.getcwd())
    except OSError:  # the folder we were started in is gone
        return os.path.sep
