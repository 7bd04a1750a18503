"""The verbs as whole processes, beside the published figures of the reference."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from .figures import Cost, Row, interleaved, ratio
from .ground import Ground, bare

#: What the reference's commands take, as multiples of B0; it cannot be run here.
PUBLISHED = {"join": 7.0, "take": 7.4, "release": 7.7}


def whole(ground: Ground, rounds: int) -> Iterator[Row]:
    _, agent = ground.held("verbs")
    stick = partial(agent.run, ground.stick)
    put_down = ("release", "--status", "half of it", "--next", "the other half")
    acts: dict[str, Callable[[], Cost]] = {
        "bare": lambda: agent.run(*bare(ground.python)),
        "join": lambda: stick("join"),
        "status": lambda: stick("status"),
        "check": lambda: stick("check", "--path", "app.py"),
        "release": lambda: stick(*put_down),
        "take": lambda: stick("take"),
        "take again": lambda: stick("take"),
    }
    found = interleaved(rounds, acts)
    base = found["bare"]
    for verb, published in PUBLISHED.items():
        yield ratio(
            f"stick {verb} / the reference's {published} B0 (published, not run here)",
            found[verb], base, "<=", 0.4, times=published,
        )  # fmt: skip
    yield ratio("stick take by the holder / B0", found["take again"], base, "<=", 2.4)
    for verb in (*PUBLISHED, "status", "check"):
        yield ratio(f"stick {verb} / B0", found[verb], base)
