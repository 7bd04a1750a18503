"""What was measured, and how it is told: medians of rounds, with their spread."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Cost:
    """What one run of a program cost: seconds on the wall, and seconds of processor."""

    wall: float
    cpu: float


@dataclass
class Series:
    """The costs of one thing, a round each."""

    costs: list[Cost] = field(default_factory=list)

    @property
    def wall(self) -> float:
        return statistics.median(cost.wall for cost in self.costs)

    @property
    def cpu(self) -> float:
        return statistics.median(cost.cpu for cost in self.costs)


@dataclass(frozen=True)
class Row:
    """One line of the table. ``goal`` is met if ``need goal`` holds of ``value``."""

    name: str
    value: float
    spread: tuple[float, float]
    need: str = ""
    goal: float = 0.0
    unit: str = ""
    cpu: float | None = None
    note: str = ""

    @property
    def met(self) -> str:
        if not self.need:
            return ""
        fits = self.value <= self.goal if self.need == "<=" else self.value >= self.goal
        return "met" if fits else "MISSED"

    def cells(self) -> list[str]:
        low, high = self.spread
        return [
            self.name,
            f"{self.need} {_short(self.goal)}{self.unit}" if self.need else "",
            f"{_short(self.value)}{self.unit}",
            f"{_short(low)}..{_short(high)}",
            "" if self.cpu is None else _short(self.cpu),
            self.met,
            self.note,
        ]


def interleaved(
    rounds: int, acts: Mapping[str, Callable[[], Cost]], warm: int = 2
) -> dict[str, Series]:
    """Do everything once a round, for so many rounds, after some that are not counted."""
    found = {name: Series() for name in acts}
    for count in range(warm + rounds):
        for name, act in acts.items():
            cost = act()
            if count >= warm:
                found[name].costs.append(cost)
    return found


def spread(values: Sequence[float]) -> tuple[float, float]:
    """Return the first and the third quartile."""
    if len(values) < 2:
        return values[0], values[0]
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, high


def ratio(
    name: str,
    above: Series,
    below: Series,
    need: str = "",
    goal: float = 0.0,
    *,
    base: Series | None = None,
    times: float = 1.0,
    note: str = "",
) -> Row:
    """Return the row of a ratio of medians. ``base`` is taken off both; ``times`` divides what is left.

    The spread is that of the ratios of the rounds.
    """

    def one(kind: str) -> float:
        off = getattr(base, kind) if base else 0.0
        under = (getattr(below, kind) - off) * times
        return (getattr(above, kind) - off) / under if under else float("nan")

    off = base.wall if base else 0.0
    each = [
        (a.wall - off) / ((b.wall - off) * times)
        for a, b in zip(above.costs, below.costs, strict=True)
        if b.wall != off
    ]
    told = note or f"{above.wall * 1000:.2f} ms, CPU {above.cpu * 1000:.2f}"
    return Row(name, one("wall"), spread(each), need, goal, cpu=one("cpu"), note=told)


def table(rows: Sequence[Row]) -> str:
    """Return the rows as text in columns."""
    head = ["", "goal", "measured", "quartiles", "CPU", "", ""]
    cells = [head, *(row.cells() for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(head) - 1)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) for cell, width in zip(line, [*widths, 0], strict=True)
        ).rstrip()
        for line in cells
    )


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
