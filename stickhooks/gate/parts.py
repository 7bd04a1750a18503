"""The gate in a room with parts: whose each path is. Loaded only where somebody has a lease of paths.

A path's keeper is the part that it lies in, else the rest of the room. What may be a folder asks for
the parts below it as well, and what names no path for all of them.
"""

# bundle: parts
from stickhooks.gate import decision
from stickhooks.identity import resolver
from stickhooks.protocol import phases

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from stickhooks.gate.decision import Ruling
    from stickhooks.identity.resolver import Sighting
    from stickhooks.store.reader import Survey

REST = -1
FEW = 8  # paths that are looked for one by one
_OF_A_PART = ("lease", "reservation", "letter")


def view_of(raw: "Mapping[str, Any]", part: "Mapping[str, Any]") -> "dict[str, Any]":
    """Return the state of a part as that of a room with these ``of_paths`` alone."""
    view = {key: value for key, value in raw.items() if key not in ("parts", "asks")}
    view.update((key, part.get(key)) for key in _OF_A_PART)
    view["turn_id"], view["pending"] = part["turn_id"], part.get("pending", False)
    view["of_paths"] = part["paths"]
    return view | {"asks": part["asks"]} if part.get("asks") else view


class Parts:
    """The parts of one room, to be asked of many paths: each costs a look a folder above it."""

    def __init__(self, survey: "Survey", rest: "Ruling") -> None:
        found = survey.load(rest.room) if rest.raw and "partial" in rest.raw else None
        raw: Any = found[0] if found else rest.raw
        self.raw = raw
        self.rest = rest
        self.rulings: dict[int, Ruling] = {REST: rest}
        self.parts: list[Any] = raw["parts"]
        self.folds = any("folds" in part for part in self.parts)
        self.exact = {path: n for n, part in enumerate(self.parts) for path in part["paths"]}
        if self.folds:
            self.exact = {phases.folded(path): n for path, n in self.exact.items()}
        self._below: dict[str, list[int]] | None = None
        self._times = 0

    def keepers(self, path: "str | None") -> "list[int]":
        """Return the parts that a write asks for, and ``REST`` for the rest: each once.

        The rest comes last: what a refusal by a part says to wait for is all of it.
        """
        if path is None:
            return [*range(len(self.parts)), REST]
        key = phases.folded(path) if self.folds else path
        around = phases.governing(self.exact, key)
        first = REST if around is None else self.exact[around]
        return list(dict.fromkeys([*self._lying_below(key), first]))

    def _lying_below(self, key: str) -> "list[int]":
        """Return the parts that have a path below one. Who asks often is answered from a list."""
        self._times += 1
        if self._times <= FEW:
            start = f"{key}/" if key else ""
            return [number for path, number in self.exact.items() if path.startswith(start)]
        if self._below is None:
            self._below = {}
            for path, number in self.exact.items():
                while path:
                    path = path.rpartition("/")[0]
                    self._below.setdefault(path, []).append(number)
        return self._below.get(key, [])

    def asked(
        self, gate: "decision._Gate", sighting: "Sighting", path: "str | None"
    ) -> "list[Ruling]":
        """Return what the gate says of all that a write to a path asks for.

        What it says of the rest holds for the parts alike where that is a bypass, or a state that
        cannot be used.
        """
        if decision.BYPASS in self.rest.due or self.rest.ground not in ("", "not holder"):
            return [self.rest]
        numbers = self.keepers(path)
        asked = [self._ruling(gate, sighting, number, path) for number in numbers]
        if self.raw["policy"].get("idle_after") and all(one.code == "ok" for one in asked):
            more = self._asked_for(asked[0].agent_id, numbers)
            asked += [self._ruling(gate, sighting, number, path) for number in more]
        return asked

    def _asked_for(self, agent: "str | None", but: "list[int]") -> "list[int]":
        """Return the other turns of a member that somebody asks for: who works in one is idle in none."""
        every = [*enumerate(self.parts), (REST, self.raw)]
        asked = [(n, one["lease"]) for n, one in every if one.get("asks") and one.get("lease")]
        return [n for n, lease in asked if lease["holder"] == agent and n not in but]

    def _ruling(
        self, gate: "decision._Gate", sighting: "Sighting", number: int, path: "str | None"
    ) -> "Ruling":
        if number in self.rulings:
            return self.rulings[number]
        rest = self.rest
        ruling = decision.Ruling(rest.workspace, rest.room)
        ruling.exempt, ruling.now, ruling.wall = rest.exempt, rest.now, rest.wall
        ruling.alone, ruling.person = rest.alone, rest.person
        ruling.due = [due for due in rest.due if due == decision.PROGRAM]
        view = ruling.raw = view_of(self.raw, self.parts[number])
        view["wanted"] = path
        ruling.caller, ruling.agent_id = rest.caller, rest.agent_id
        if sighting.lease:  # the lease id of a part proves its holder
            ruling.caller = resolver.caller_in(view, sighting, gate.said)
            ruling.agent_id = ruling.caller.agent_id if ruling.caller.proof else rest.agent_id
        assert ruling.caller is not None
        self.rulings[number] = gate.rule_by_state(ruling, view, ruling.caller)
        return self.rulings[number]
