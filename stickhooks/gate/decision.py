"""The gate: may this caller write here? Asked by every hook, the editors, and ``stick check``.

It decides by reading alone, path by path; one refusal refuses all. A verdict holds facts and no
words: those are made of it once, by ``gate.messages``, where somebody reads them. What an answer
makes due (to renew a lease, to claim a free stick) is done by ``operations.obligations``.
Its imports are the poorest of all: it stands before every edit.
"""

from stickhooks.errors import EXIT, Refusal
from stickhooks.fast import bundle
from stickhooks.identity import resolver
from stickhooks.protocol import phases
from stickhooks.store import reader
from stickhooks.system import clock
from stickhooks.workspace import paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

    from stickhooks.gate import parts

    #: Why a room is refused; ``gate.messages`` has the words for each.
    Ground = Literal[
        "", "not holder", "our files", "not begun", "unreadable", "other side", "not settled"
    ]

EDIT = "edit"
SHELL = "shell"
FOREIGN = "foreign"  # a tool of another server: see ``clients.foreign``
EDITOR = "editor"
COMMIT = "commit"
REFS = "refs"
PUSH = "push"
SEND = "send"  # a push, asked in the clone that it leaves from
BY_HAND = "check"
BY_CLIENT = (EDIT, SHELL, FOREIGN)  # whose yes may carry a note
BYPASS_VARIABLE = "STICK_BYPASS"
BYPASS_LIMIT = 500

RENEW = "renew"
CLAIM = "claim"
BIND = "bind"
BYPASS = "bypass"
PROGRAM = "program"  # of a member asked: noted beside what it did


class Ruling:
    """What the gate says of one room. ``due`` is what must be written down if it is allowed.

    With ``must`` the answer is no if that cannot be written. A refusal has a ``code`` and a ``ground``,
    with the ``fault`` that was met, if any. ``now`` is room time, ``wall`` the same moment outside.
    """

    __slots__ = (
        "addressed", "agent_id", "alone", "caller", "code", "due", "exempt", "fault", "ground", "must", "now",
        "person", "raw", "room", "shown", "wall", "why", "workspace", "wrote",
    )  # fmt: skip

    def __init__(self, workspace: paths.Workspace, room: str) -> None:
        self.workspace = workspace
        self.room = room
        self.shown = f"{workspace.root}/{room}" if room else workspace.root
        self.code = "ok"
        self.ground: Ground = ""
        self.fault: Refusal | None = None
        self.due: list[str] = []
        self.must = False
        self.wrote = False  # the state was written after it was read here
        self.why = ""
        self.agent_id: str | None = None
        self.exempt: list[str] = []
        self.raw: dict[str, object] | None = None
        self.caller: resolver.Caller | None = None
        self.person = False
        self.alone = True  # no other room is in the workspace
        self.addressed = False  # has the caller notes that it was not shown: ``operations.notes``
        self.now = self.wall = 0

    def refuse(self, code: str, ground: "Ground", fault: "Refusal | None" = None) -> "Ruling":
        self.code, self.ground, self.fault = code, ground, fault
        return self


class Verdict:
    """What the gate says to a caller: the first refusal, or that all may be written.

    ``kind`` is what was asked for, ``passed`` are the paths that may be written, also where others
    may not; ``prefix`` is where in the tree git was called. ``foreign`` are folders of rooms that
    are none of ours, ``addressed`` a room with notes that the caller has not read. ``because`` is
    what the asking hook found out beside the paths, ``stands`` the folder that the caller types in,
    ``""`` where the hook does not know it; ``again`` how often an agent got this answer in this turn.
    """

    __slots__ = (
        "addressed", "again", "allowed", "because", "foreign", "kind", "passed", "path", "prefix", "refusals",
        "stands", "unanchored",
    )  # fmt: skip

    def __init__(self, kind: str, prefix: str = "") -> None:
        self.kind = kind
        self.prefix = prefix
        self.again = 0
        self.because = self.stands = ""
        self.allowed: list[Ruling] = []
        self.passed: list[str] = []
        self.refusals: list[Ruling] = []
        self.path: str | None = None
        self.addressed: Ruling | None = None
        self.unanchored: paths.Workspace | None = None  # whose rooms its git dir should be told of
        self.foreign: list[str] = []

    @property
    def ok(self) -> bool:
        return not self.refusals

    @property
    def refused(self) -> "Ruling | None":
        return self.refusals[0] if self.refusals else None

    @property
    def code(self) -> str:
        return self.refused.code if self.refused else "ok"

    @property
    def exit(self) -> int:
        return EXIT[self.code]


def judge(
    targets: "list[paths.Target]",
    kind: str,
    sighting: resolver.Sighting,
    env: "dict[str, str]",
    said: str = "",
) -> Verdict:
    """Return whether the caller may write all targets, as of now."""
    gate = _Gate(kind, sighting, env, said)
    try:
        for target in targets:
            gate.weigh(target)
            if not gate.verdict.ok and kind not in (COMMIT, REFS):
                break  # a commit goes on: its refusal tells which part would pass
    finally:
        gate.close()
    return gate.verdict


class _Gate:
    """One question to the gate: each workspace is surveyed once, each room ruled on once."""

    def __init__(
        self, kind: str, sighting: resolver.Sighting, env: "dict[str, str]", said: str
    ) -> None:
        self.kind = kind
        self.sighting = sighting
        self.env = env
        self.said = said
        self.verdict = Verdict(kind, env.get("GIT_PREFIX", ""))
        self.surveys: dict[str, reader.Survey] = {}
        self.layouts: dict[str, paths.Layout] = {}
        self.listed: set[Ruling] = set()  # in the verdict: lists are slow to look through
        self.rulings: dict[tuple[str, str], Ruling] = {}
        self.parts: dict[Ruling, parts.Parts] = {}
        self.reading = clock.read()

    def close(self) -> None:
        for survey in self.surveys.values():
            survey.close()

    def weigh(self, target: paths.Target) -> None:
        workspace, path = target.workspace, target.path
        ours = path is not None and paths.is_ours(workspace.root, path)
        if ours and self.kind in (EDITOR, BY_HAND):
            return
        if target.ours:
            self._refused(Ruling(workspace, "").refuse("held", "our files"), path)
            return
        try:
            survey = self._survey(workspace)
            if not survey.rooms:
                self._pass_without_room(survey)
                return
        except Refusal as refusal:
            if target.strict:
                return
            ruling = Ruling(workspace, "")
            if self._bypasses(ruling):
                self.verdict.allowed.append(ruling)
            else:
                self._refused(self._unreadable(ruling, refusal), path)
            return
        if ours and self.kind in (EDIT, SHELL, FOREIGN):
            self._refused(Ruling(workspace, "").refuse("held", "our files"), path)
            return
        layout = self.layouts[workspace.root]
        spelled = layout.spelled(path or "")
        room = layout.governing(spelled)
        if room is None:
            return
        ruling = self._ruling(workspace, survey, room)
        if ruling.addressed:
            self.verdict.addressed = ruling
        if self.kind == FOREIGN and _passes_foreign(ruling, strict=target.strict):
            return
        some = bool(ruling.exempt) and path is not None
        exempt = some and paths.is_among(ruling.exempt, workspace.root, spelled)
        asked = [ruling]
        if ruling.raw is not None and "parts" in ruling.raw and not exempt:
            asked = self._of_parts(survey, ruling, None if path is None else spelled)
        for one in (refused := [one for one in asked if one.code != "ok" and not exempt]):
            self._refused(one, path)
        if refused:
            return
        if path is not None:
            self.verdict.passed.append(path)
        for one in () if exempt else asked:
            if one not in self.listed:
                self.listed.add(one)
                self.verdict.allowed.append(one)

    def _of_parts(self, survey: reader.Survey, rest: Ruling, path: "str | None") -> "list[Ruling]":
        """Return the rulings of the parts, and of the rest, that a write asks for."""
        from stickhooks.gate import parts

        if rest not in self.parts:
            self.parts[rest] = parts.Parts(survey, rest)
        return self.parts[rest].asked(self, self.sighting, path)

    def _refused(self, ruling: Ruling, path: "str | None") -> None:
        if self.verdict.ok:
            self.verdict.path = path
        if ruling not in self.listed:
            self.listed.add(ruling)
            self.verdict.refusals.append(ruling)

    def _survey(self, workspace: paths.Workspace) -> reader.Survey:
        if workspace.root not in self.surveys:
            survey = reader.Survey(workspace.root, workspace.git_dir)
            self.surveys[workspace.root] = survey
            if survey.engine is not None:
                bundle.more("mirror")
            if survey.unanchored:
                self.verdict.unanchored = workspace
            self.layouts[workspace.root] = paths.Layout(workspace.root, survey.rooms)
        return self.surveys[workspace.root]

    def _pass_without_room(self, survey: reader.Survey) -> None:
        """No room of ours: what came with a clone or a copy opens nothing and closes nothing."""
        if survey.git_dir is None and survey.trouble:
            raise Refusal("state_corrupt", what=f"{survey.path}: {survey.trouble}")
        if survey.foreign or survey.trouble:
            self.verdict.foreign.append(survey.path)

    def _ruling(self, workspace: paths.Workspace, survey: reader.Survey, room: str) -> Ruling:
        key = workspace.root, room
        if key not in self.rulings:
            self.rulings[key] = self._rule(survey, Ruling(workspace, room))
        return self.rulings[key]

    def _rule(self, survey: reader.Survey, ruling: Ruling) -> Ruling:
        """Rule by what can be about the caller; for all but a plain yes by everything."""
        found = self._rule_by(survey, Ruling(ruling.workspace, ruling.room), self._signs)
        plainly = found.code == "ok" and not found.due
        if plainly or found.raw is None or "partial" not in found.raw:
            return found
        return self._rule_by(survey, ruling, None)

    def _signs(self) -> "list[bytes]":
        """Return what stands in the line of every member that the caller may be."""
        from stickhooks.store import crowd

        return crowd.signs_of(self.sighting, self.said)

    def _rule_by(
        self, survey: reader.Survey, ruling: Ruling, signs: "Callable[[], list[bytes]] | None"
    ) -> Ruling:
        """Go down the table of the gate; the first line that fits is the answer."""
        unreadable, found = None, None
        ruling.alone = len(survey.rooms) == 1
        try:
            found = survey.load(ruling.room, signs=signs)
        except Refusal as refusal:
            unreadable = refusal
            if survey.engine is not None:
                from stickhooks.gate import mirrored

                unreadable = mirrored.unreadable(refusal)
        if found is not None:
            raw = ruling.raw = found[0]
            ruling.exempt = raw["policy"]["exempt"]  # type: ignore[index]
            ruling.now, ruling.wall = self._room_now(raw), self.reading[0]
            caller = ruling.caller = resolver.caller_in(raw, self.sighting, self.said)
            ruling.agent_id = caller.agent_id if caller.proof else self._by_program(ruling, raw)
        if self._bypasses(ruling):
            return ruling
        if unreadable:
            return self._unreadable(ruling, unreadable)
        if found is None:
            return ruling.refuse("free", "not begun")
        side = raw.get("side")
        if side and (side["dev"] != survey.device or side["boot"] != self.reading[2]):  # type: ignore[index]
            trouble = self._side_trouble(survey, ruling)
            if trouble:
                return ruling.refuse(trouble.code, "other side", trouble)
        ruled = self.rule_by_state(ruling, raw, caller)
        if survey.engine is not None or "mirror" in raw:
            from stickhooks.gate import mirrored

            only = self.kind == BY_HAND
            return mirrored.confirm(ruled, survey, raw, self.reading, self.said, reads=only)
        return ruled

    def _side_trouble(self, survey: reader.Survey, ruling: Ruling) -> "Refusal | None":
        """Return why locks taken here are not seen by those that the room belongs to, if so."""
        from stickhooks.store import sides

        if survey.folder is None or ruling.raw is None:
            return None
        return sides.trouble(ruling.raw, survey.folder, survey.device, ruling.workspace.root)

    def _by_program(self, ruling: Ruling, raw) -> "str | None":  # type: ignore[no-untyped-def]
        """Return whose program asks, where a person said so: for git's hooks and editors alone."""
        if self.kind in (EDIT, SHELL, FOREIGN, BY_HAND) or ruling.caller is None:
            return None
        if not any("programs" in member for member in raw["members"]):
            return None
        from stickhooks.identity import programs

        owner = programs.owner_of(raw["members"], ruling.caller, self.env)
        if owner and self.kind != EDITOR:
            ruling.due.append(PROGRAM)
        return owner

    def _bypasses(self, ruling: Ruling) -> bool:
        """Let a person past who says why, and have it noted."""
        why = self.env.get(BYPASS_VARIABLE, "").strip()
        if not why or not self._is_person(ruling.caller):
            return False
        ruling.due.append(BYPASS)
        ruling.why = why[:BYPASS_LIMIT]
        return True

    def _is_person(self, caller: "resolver.Caller | None") -> bool:
        """Tell whether a person asks. Where no member can be read, a session variable is believed."""
        if caller is None:
            return resolver.is_person(self.sighting, self.sighting.session)
        return caller.person

    def rule_by_state(self, ruling: Ruling, raw, caller: resolver.Caller) -> Ruling:  # type: ignore[no-untyped-def]
        now, me, lease, policy = ruling.now, ruling.agent_id, raw["lease"], raw["policy"]
        if me and self.kind in BY_CLIENT:
            ruling.addressed = _has_unread(raw["members"], me)
        if me and lease and lease["holder"] == me and not raw["closed"]:
            if phases.is_over(now, lease["expires_at"]):
                ruling.due.append(RENEW)
                ruling.must = True
            elif phases.renewal_due(
                now, lease["expires_at"], policy["owner_lease_ttl"],
                policy.get("idle_after", 0) if "asks" in raw else 0,
            ):  # fmt: skip
                ruling.due.append(RENEW)
            if caller.succeeds:
                ruling.due.append(BIND)
            return ruling
        foreign_letter = raw["pending"] and raw["letter"]["author"] != me
        free = not (raw["closed"] or lease or raw["reservation"])
        known = me or caller.agent_id is None  # who has not joined is joined by this
        if known and free and policy["on_idle"] == "claim" and not foreign_letter:
            ruling.due.append(CLAIM)
            ruling.must = True
            return ruling
        if raw["closed"]:
            return ruling.refuse("room_closed", "not holder")
        promised = "held" if lease else "reserved" if raw["reservation"] else "free"
        return ruling.refuse(promised, "not holder")

    def _room_now(self, raw) -> int:  # type: ignore[no-untyped-def]
        clock_set = raw["clock"]
        return phases.room_time(
            *self.reading, clock_set["boot"], clock_set["offset"], clock_set.get("shift", 0)
        )

    def _unreadable(self, ruling: Ruling, refusal: Refusal) -> Ruling:
        ruling.person = self._is_person(ruling.caller)
        return ruling.refuse(refusal.code, "unreadable", refusal)


def _has_unread(members: "list[dict[str, object]]", me: str) -> bool:
    """Tell whether a member has unread notes: they are written only where there are some."""
    return any(member["agent_id"] == me and "unread" in member for member in members)


def _passes_foreign(ruling: Ruling, *, strict: bool) -> bool:
    """Tell whether a room does not ask for a tool of another server, by its policy ``mcp``."""
    mode = ruling.raw["policy"].get("mcp", "judge") if ruling.raw else "judge"  # type: ignore[attr-defined]
    return bool(mode == "allow" or (strict and mode != "refuse"))
