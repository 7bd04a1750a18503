"""Two clones whose clocks are wrong: by hours, and by up to a fifth of their rate. Nobody takes over while
the other may still write; and clocks that are more wrong than that are seen to break it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.store.test_engine import TTL, Clone
from tests.support.memory_engine import MemoryEngine
from tests.support.world import HOUR

STEPS = 45  # of the lease's time


class Wrong(Clone):
    """A clone whose monotonic clock runs at a rate, and whose wall clock is off."""

    rate, off = 1.0, 0

    def clock(self) -> tuple[int, int, str]:
        wall, monotonic, boot = super().clock()
        return wall + self.off, monotonic, boot

    def live(self, milliseconds: int) -> None:
        self.pass_time(round(milliseconds * self.rate))


def taken_over(tmp_path: Path, ada_rate: float, bob_rate: float, off: int) -> tuple[float, bool]:
    """Have ada be cut off, and bob take over as soon as he may. Return when that was, in true time as parts
    of the lease's, and whether ada was allowed to write then."""
    engine = MemoryEngine()
    ada, bob = Wrong(engine, tmp_path / "ada", "ada"), Wrong(engine, tmp_path / "bob", "bob")
    ada.rate, bob.rate, ada.off, bob.off = ada_rate, bob_rate, off, -off
    ada.join()
    bob.join(pid=7)
    ada.take()
    for step in range(1, 3 * STEPS):
        for clone in (ada, bob):
            clone.live(TTL // STEPS)
        if bob.take()["status"] == "takeover_available":
            bob.rooms.takeover("bob", bob.room_id, "cut off", 1)
            assert bob.allowed
            return step / STEPS, ada.allowed
    raise AssertionError("nobody was ever let in")


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("ada", "bob"), [(1.0, 1.0), (0.82, 1.18), (1.18, 0.82)])
@pytest.mark.parametrize("off", [HOUR, -HOUR], ids=["ahead", "behind"])
def test_no_two_write_by_clocks_up_to_a_fifth_wrong(
    tmp_path: Path, ada: float, bob: float, off: int
) -> None:
    when, both = taken_over(tmp_path, ada, bob, off)
    assert not both
    assert 1 / bob <= when + 1 / STEPS
    assert when <= 1 / bob + 3 / STEPS


def test_clocks_that_are_more_wrong_are_seen(tmp_path: Path) -> None:
    assert taken_over(tmp_path, 0.6, 1.4, 0)[1]
