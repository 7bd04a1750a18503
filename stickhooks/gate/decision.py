"""The gate: may this caller write here? Asked by every hook, the editors, and ``stick check``.

It decides by reading alone, path by path; one refusal refuses all. What an answer makes
due (to renew a lease, to claim a free stick) is told in the verdict and done by ``settle``.
Its imports are the poorest of all: it stands before every edit.
"""

from stickhooks.errors import EXIT, Refusal
from stickhooks.identity import resolver
from stickhooks.protocol import phases
from stickhooks.store import reader
from stickhooks.system import clock
from stickhooks.workspace import paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from stickhooks.gate.describe import Standing

EDIT = "edit"
SHELL = "shell"
READING = "reading"  # a shell command that may only read: a refusal here needs no words
EDITOR = "editor"
COMMIT = "commit"
REFS = "refs"
PUSH = "push"
BY_HAND = "check"
BYPASS_VARIABLE = "STICK_BYPASS"
BYPASS_LIMIT = 500

RENEW = "renew"
CLAIM = "claim"
BIND = "bind"
BYPASS = "bypass"
PROGRAM = "program"  # of a member asked: noted beside what it did


class Target:
    """One thing to be written: a path below a workspace, or (``path`` None) the workspace as such.

    ``ours`` marks what belongs to stickhooks or to git, wherever it lies.
    """

    __slots__ = ("ours", "path", "workspace")

    def __init__(self, workspace: paths.Workspace, path: "str | None", ours: bool = False) -> None:
        self.workspace = workspace
        self.path = path
        self.ours = ours


class Ruling:
    """What the gate says of one room. ``due`` is what must be written down if it is allowed.

    With ``must`` the answer is no if that cannot be written.
    """

    __slots__ = (
        "agent_id", "caller", "code", "due", "exempt", "lines", "must", "next", "raw", "room",
        "standing", "why", "workspace", "wrote",
    )  # fmt: skip

    def __init__(self, workspace: paths.Workspace, room: str) -> None:
        self.workspace = workspace
        self.room = room
        self.code = "ok"
        self.lines: list[str] = []
        self.next: list[str] = []
        self.due: list[str] = []
        self.must = False
        self.wrote = False  # the state was written after it was read here
        self.why = ""
        self.agent_id: str | None = None
        self.exempt: list[str] = []
        self.raw: dict[str, object] | None = None
        self.caller: resolver.Caller | None = None
        self.standing: Standing | None = None  # only of a refusal

    @property
    def shown(self) -> str:
        root = self.workspace.root
        return f"{root}/{self.room}" if self.room else root

    def refuse(self, code: str, lines: "list[str]", next: "list[str]") -> "Ruling":
        self.code, self.lines, self.next = code, lines, next
        return self


class Verdict:
    """What the gate says to a caller: the first refusal, or that all may be written.

    ``passed`` are the paths that may be written, also where others may not.
    """

    __slots__ = ("allowed", "passed", "path", "refusals", "unanchored", "warnings")

    def __init__(self) -> None:
        self.allowed: list[Ruling] = []
        self.passed: list[str] = []
        self.refusals: list[Ruling] = []
        self.path: str | None = None
        self.unanchored: paths.Workspace | None = None  # whose rooms its git dir should be told of
        self.warnings: list[str] = []

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
    targets: "list[Target]",
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
    if gate.verdict.refusals and gate.verdict.passed and kind == COMMIT:
        from stickhooks.gate import messages

        messages.tell_part(gate.verdict, env)
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
        self.verdict = Verdict()
        self.surveys: dict[str, reader.Survey] = {}
        self.layouts: dict[str, paths.Layout] = {}
        self.listed: set[Ruling] = set()  # in the verdict: lists are slow to look through
        self.rulings: dict[tuple[str, str], Ruling] = {}
        self.reading = clock.read()

    def close(self) -> None:
        for survey in self.surveys.values():
            survey.close()

    def weigh(self, target: Target) -> None:
        workspace, path = target.workspace, target.path
        ours = path is not None and paths.is_ours(workspace.root, path)
        if ours and self.kind in (EDITOR, BY_HAND):
            return
        if target.ours:
            self._refuse_tools(workspace, path)
            return
        try:
            survey = self._survey(workspace)
            if not survey.rooms:
                self._pass_without_room(survey)
                return
        except Refusal as refusal:
            ruling = Ruling(workspace, "")
            if self._bypasses(ruling):
                self.verdict.allowed.append(ruling)
            else:
                self._refused(self._unreadable(ruling, refusal), path)
            return
        if ours and self.kind in (EDIT, SHELL, READING):
            self._refuse_tools(workspace, path)
            return
        layout = self.layouts[workspace.root]
        spelled = layout.spelled(path or "")
        room = layout.governing(spelled)
        if room is None:
            return
        ruling = self._ruling(workspace, survey, room)
        exempt = path is not None and _is_exempt(ruling, spelled)
        if ruling.code != "ok" and not exempt:
            self._refused(ruling, path)
            return
        if path is not None:
            self.verdict.passed.append(path)
        if not exempt and ruling not in self.listed:
            self.listed.add(ruling)
            self.verdict.allowed.append(ruling)

    def _refuse_tools(self, workspace: paths.Workspace, path: "str | None") -> None:
        from stickhooks.gate import messages

        self._refused(messages.not_by_tools(Ruling(workspace, ""), path or ""), path)

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
            if survey.unanchored:
                self.verdict.unanchored = workspace
            self.layouts[workspace.root] = paths.Layout(workspace.root, survey.rooms)
        return self.surveys[workspace.root]

    def _pass_without_room(self, survey: reader.Survey) -> None:
        """No room of ours: what came with a clone or a copy opens nothing and closes nothing."""
        if survey.git_dir is None and survey.trouble:
            raise Refusal("state_corrupt", what=f"{survey.path}: {survey.trouble}")
        if survey.foreign or survey.trouble:
            from stickhooks.gate import messages

            self.verdict.warnings.append(messages.foreign(survey.path))

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

        sighting = self.sighting
        own = [one for one in (sighting.own, sighting.leader) if one]
        seen = [*sighting.ancestors, *own]
        names = [crowd.name_sign(name) for name in (self.said, sighting.name) if name]
        session = [crowd.session_sign(sighting.session)] if sighting.session else []
        return [*names, *session, *(crowd.process_sign(one.pid) for one in seen)]

    def _rule_by(
        self, survey: reader.Survey, ruling: Ruling, signs: "Callable[[], list[bytes]] | None"
    ) -> Ruling:
        """Go down the table of the gate; the first line that fits is the answer."""
        unreadable, found = None, None
        try:
            found = survey.load(ruling.room, signs=signs)
        except Refusal as refusal:
            unreadable = refusal
        if found is not None:
            raw = ruling.raw = found[0]
            ruling.exempt = raw["policy"]["exempt"]  # type: ignore[index]
            caller = ruling.caller = self._caller(raw)
            ruling.agent_id = caller.agent_id if caller.proof else self._by_program(ruling, raw)
        if self._bypasses(ruling):
            return ruling
        if unreadable:
            return self._unreadable(ruling, unreadable)
        if found is None:
            from stickhooks.gate import messages

            return messages.not_begun(ruling)
        side = raw.get("side")
        if side and (side["dev"] != survey.device or side["boot"] != self.reading[2]):  # type: ignore[index]
            trouble = self._side_trouble(survey, ruling)
            if trouble:
                from stickhooks.gate import messages

                return messages.on_another_side(
                    ruling, trouble, self._standing(ruling, raw), caller, self.kind
                )
        return self._rule_by_state(ruling, raw, caller)

    def _side_trouble(self, survey: reader.Survey, ruling: Ruling) -> "Refusal | None":
        """Return why locks taken here are not seen by those that the room belongs to, if so."""
        from stickhooks.store import sides

        if survey.folder is None or ruling.raw is None:
            return None
        return sides.trouble(ruling.raw, survey.folder, survey.device, ruling.workspace.root)

    def _by_program(self, ruling: Ruling, raw) -> "str | None":  # type: ignore[no-untyped-def]
        """Return whose program asks, where a person said so: for git's hooks and editors alone."""
        if self.kind in (EDIT, SHELL, READING, BY_HAND) or ruling.caller is None:
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
            return not self.sighting.inside_client and not self.sighting.session
        return caller.person

    def _rule_by_state(self, ruling: Ruling, raw, caller: resolver.Caller) -> Ruling:  # type: ignore[no-untyped-def]
        now = self._room_now(raw)
        me, lease, policy = ruling.agent_id, raw["lease"], raw["policy"]
        if me and lease and lease["holder"] == me and not raw["closed"]:
            if phases.is_over(now, lease["expires_at"]):
                ruling.due.append(RENEW)
                ruling.must = True
            elif phases.renewal_due(now, lease["expires_at"], policy["owner_lease_ttl"]):
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
        if self.kind == READING:
            return ruling.refuse("held", [], [])
        from stickhooks.gate import messages

        ruling.standing = self._standing(ruling, raw)
        return messages.not_yours(ruling, ruling.standing, caller, self.kind)

    def _room_now(self, raw) -> int:  # type: ignore[no-untyped-def]
        clock_set = raw["clock"]
        return phases.room_time(
            *self.reading, clock_set["boot"], clock_set["offset"], clock_set.get("shift", 0)
        )

    def _standing(self, ruling: Ruling, raw) -> "Standing":  # type: ignore[no-untyped-def]
        from stickhooks.gate.describe import Standing

        return Standing(raw, ruling.shown, self._room_now(raw), self.reading[0])

    def _unreadable(self, ruling: Ruling, refusal: Refusal) -> Ruling:
        from stickhooks.gate import messages

        person = self._is_person(ruling.caller)
        return messages.unreadable(ruling, refusal, self.kind, person=person)

    def _caller(self, raw) -> resolver.Caller:  # type: ignore[no-untyped-def]
        lease = (raw["lease"]["holder"], raw["lease"]["lease_id"]) if raw["lease"] else None
        return resolver.resolve(
            self.sighting, resolver.bindings_of(raw["members"]), lease, self.said
        )  # fmt: skip


def _is_exempt(ruling: Ruling, path: str) -> bool:
    """Tell whether a glob of the policy matches a path; where case is ignored, in any case."""
    if any(paths.matches(glob, path) for glob in ruling.exempt):
        return True
    told = paths.folded(path)
    alike = any(paths.matches(paths.folded(glob), told) for glob in ruling.exempt)
    return alike and paths.ignores_case(ruling.workspace.root)
