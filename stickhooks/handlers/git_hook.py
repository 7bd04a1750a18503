"""The frame of git's hooks: whose tree it is, the gate, what git is told, and the exit code."""

from stickhooks.errors import Refusal
from stickhooks.fast.os import os
from stickhooks.gate import decision
from stickhooks.handlers import common
from stickhooks.identity import resolver
from stickhooks.store import layout, reader
from stickhooks.workspace import paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    #: What the gate said to a hook, or the exit code where it was not asked.
    Ruled = decision.Verdict | int

#: Commands that were refused too late may have taken uncommitted work before.
TAKING = frozenset(
    (
        "reset",
        "checkout",
        "switch",
        "restore",
        "cherry-pick",
        "revert",
        "rebase",
        "stash",
        "merge",
        "pull",
        "am",
    )
)
#: Of a hook that refuses. 1 is what Python ends with when the gate itself cannot run.
REFUSED = 3


class GitHook:
    """One question of one git process, about the working tree that it works in.

    ``verdict`` is what the gate said last: all that is told or noted is told of that one.
    """

    __slots__ = ("env", "git_pid", "kind", "name", "verdict", "whole", "workspace")

    def __init__(self, name: str, kind: str, git_pid: str = "") -> None:
        self.name, self.kind, self.git_pid = name, kind, git_pid
        self.env = dict(os.environ)
        self.workspace: paths.Workspace | None = None
        self.whole = False  # one room governs all of the tree alike
        self.verdict = decision.Verdict(kind)

    def answer(self, rule: "Callable[[GitHook, paths.Workspace], Ruled]", where: str = "") -> int:
        """Find the tree, have ``rule`` judge, say what comes of it, and return the exit code.

        ``where`` is the tree's folder, if it is not the one that git names.
        """
        try:
            self.workspace = paths.workspace_of(where) if where else workspace_of(self.env)
            ruled = rule(self, self.workspace) if self.workspace else 0
            if isinstance(ruled, int):
                return ruled
        except Exception as error:
            from stickhooks.gate import messages

            head = messages.HEADS[self.kind]
            common.say(f"stick: {head}  {common.fault(error)}\n       {common.WAY_OUT}")
            return REFUSED
        self.verdict = ruled
        return self.concluded()

    def judged_whole(self, narrow: "Callable[[], list[paths.Target]]") -> decision.Verdict:
        """Judge the tree as such where one room governs it all, else what ``narrow`` returns."""
        assert self.workspace is not None
        self.whole = is_one_whole(self.workspace)
        return self.judged([paths.Target(self.workspace, None)] if self.whole else narrow())

    def judged(self, targets: "list[paths.Target]") -> decision.Verdict:
        self.verdict = common.settled(targets, self.kind, resolver.look(self.env), self.env)
        return self.verdict

    def every_room(self) -> decision.Verdict:
        """Judge all rooms of the tree; nothing is written down."""
        assert self.workspace is not None
        return self.judged_only(every_room(self.workspace))

    def judged_only(self, targets: "list[paths.Target]") -> decision.Verdict:
        """Judge some targets; nothing is written down."""
        self.verdict = decision.judge(targets, self.kind, resolver.look(self.env), self.env)
        return self.verdict

    def concluded(self) -> int:
        """Say what the gate said, and return the exit code."""
        common.say_warnings(self.verdict)
        if self.verdict.ok:
            self.leave_pass()
            return 0
        from stickhooks.gate import cache, messages

        if self.workspace and self.git_pid:
            cache.refuse(self.workspace.git_dir, self.git_pid, self.name)
        common.say(messages.text(self.verdict))
        try:
            self.tell_late()
        except (OSError, Refusal) as error:
            told = common.fault(error)
            common.say(f"       what git has done already could not be found out: {told}")
        return REFUSED

    def leave_pass(self) -> None:
        """Spare the later hooks of this git process the question."""
        if self.whole:
            from stickhooks.gate import cache

            cache.leave(self.verdict, self.git_pid, self.env)

    def tell_late(self) -> None:
        """Say what a refused command has done already and the way back, and note it for the holders."""
        from stickhooks.gate import whereabouts
        from stickhooks.handlers import ways_back

        assert self.workspace is not None
        command, git_dir = self.command(), self.workspace.git_dir or ""
        lost = self.lost()
        late = ways_back.told(self.workspace.root, git_dir, command, self.env, kept=bool(lost))
        if late is None and not lost:
            return
        root = self.workspace.root
        lines = late.lines(whereabouts.leading(self.kind, root, root)) if late else []
        for line in [*lines, *([f"kept:    {lost}"] if lost else [])]:
            common.say(f"       {line}")
        if late is None:
            self.tell_holders(f"refused too late: {lost}")
            return
        ways_back.remember(git_dir, command, self.caller())
        self.tell_holders(f"{late.deed()}; {lost}" if lost else late.deed())

    def lost(self) -> str:
        """Return what of uncommitted work the command has taken already, ``""`` for nothing that is known."""
        from stickhooks.handlers import undo_hints
        from stickhooks.operations import losses_told

        assert self.workspace is not None
        command = self.command()
        if undo_hints.verb_of(command) not in TAKING:
            return ""
        try:
            return losses_told.after(self.workspace, undo_hints.shown(command))
        except (OSError, Refusal):
            return ""  # the way back is told all the same

    def tell_holders(self, deed: str) -> None:
        """Note for the holders what a refused command did to their tree: told at their next verb."""
        from stickhooks.handlers import undo_hints
        from stickhooks.store.activity import OUTSIDE

        did = f"{undo_hints.shown(self.command())}: {deed}"
        for ruling in self.rooms_refused():
            common.note(ruling, OUTSIDE, sparing=True, kind="git", did=did, paths=[])

    def rooms_refused(self) -> "list[decision.Ruling]":
        """Return one ruling of each room that refuses, however many have parts of it."""
        rooms = {(one.workspace.root, one.room): one for one in self.verdict.refusals}
        return list(rooms.values())

    def caller(self) -> str:
        """Return the name of who was refused, ``""`` where nobody is known."""
        return next((r.caller.name for r in self.verdict.refusals if r.caller), "")

    def command(self) -> "list[str]":
        """Return the command line of the git that asks, ``[]`` where it cannot be seen."""
        from stickhooks.handlers import undo_hints

        return undo_hints.command_of(self.git_pid)


def workspace_of(env: "dict[str, str]") -> "paths.Workspace | None":
    """Return the workspace that a git hook was called for: that of the git dir git names."""
    here = os.path.realpath(os.getcwd())
    found = paths.workspace_of(here)
    named = env.get("GIT_DIR")
    git_dir = os.path.realpath(os.path.join(here, named)) if named else None
    if git_dir is None or (found and found.git_dir == git_dir):
        return found
    root = paths.tree_of(git_dir)
    if root is None and os.path.lexists(layout.anchor_of(git_dir)):
        # A submodule's, or one put elsewhere. Without a tree it has a room that cannot be found.
        root = reader.tree_of(git_dir) or git_dir
    return paths.Workspace(root, git_dir) if root else found


def every_room(workspace: paths.Workspace) -> "list[paths.Target]":
    """Return all rooms of a workspace, for what names no paths."""
    survey = reader.Survey(workspace.root, workspace.git_dir)
    survey.close()
    return [paths.Target(workspace, room or None) for room in survey.rooms]


def is_one_whole(workspace: paths.Workspace) -> bool:
    """Tell whether one room governs all alike. What cannot be read is the gate's to refuse."""
    try:
        survey = reader.Survey(workspace.root, workspace.git_dir)
    except Refusal:
        return True
    try:
        found = survey.load("", signs=list) if survey.rooms == [""] else None
    except Refusal:
        return True
    finally:
        survey.close()
    if found is None or "parts" in found[0]:
        return False
    return not found[0]["policy"]["exempt"]  # type: ignore[index]
