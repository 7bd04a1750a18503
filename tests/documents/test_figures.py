"""A figure on a page is the one in the code: limits, durations, counts.

What was measured is no constant: it stands beside its date, and beside the command that measures it.
"""

from __future__ import annotations

import re

import pytest

from stickhooks.operations import notes
from stickhooks.protocol import commands, parts
from stickhooks.protocol import notes as notes_law
from stickhooks.protocol.model import Policy
from stickhooks.recovery import files, making
from stickhooks.setup import client_places
from stickhooks.store.engine import document, etcd, etcd_place, views, vouching, watching
from stickhooks.store.engine.git_remote import SECONDS, GitRemote
from stickhooks.waking import LIMIT_S
from tests.support.documents import REPOSITORY, pages

MINUTES, DEFAULT = 60_000, Policy()
#: A page, a sentence of it in which {} is the figure, and what the code says.
FIGURES = (
    ("README", "yours for {} minutes", DEFAULT.owner_lease_ttl // MINUTES),
    ("docs/tutorial", "**lease** of {} minutes", DEFAULT.owner_lease_ttl // MINUTES),
    ("docs/reference/policy", "| `owner_lease_ttl` | `{}m`", DEFAULT.owner_lease_ttl // MINUTES),
    ("docs/reference/policy", "| `claim_ttl` | `{}m`", DEFAULT.claim_ttl // MINUTES),
    ("docs/reference/policy", "| `presence_ttl` | `{}h`", DEFAULT.presence_ttl // MINUTES // 60),
    ("docs/reference/policy", "| `gone_grace` | `{}s`", DEFAULT.gone_grace // 1000),
    ("docs/reference/policy", "| `keep_turns` | `{}`", DEFAULT.keep_turns),
    ("docs/reference/policy", "| `keep_bytes` | `{}MB`", DEFAULT.keep_bytes // 1_000_000),
    ("docs/how-to/get-work-back", "the last {} turns", DEFAULT.keep_turns),
    ("docs/how-to/get-work-back", "turns, {} MB a working tree", DEFAULT.keep_bytes // 1_000_000),
    ("docs/how-to/get-work-back", "files over {} MB", files.SIZE_LIMIT // 1_000_000),
    ("docs/how-to/get-work-back", "more than {} paths", making.PATHS),
    ("docs/how-to/notes-and-waking", "at most {} bytes", commands.NOTE_LIMIT),
    ("docs/how-to/notes-and-waking", "up to {} unread notes", notes_law.UNREAD_LIMIT),
    ("docs/how-to/notes-and-waking", "cut at {} characters", notes.CUT),
    ("docs/how-to/notes-and-waking", "the lock is busy for {} ms", int(notes.LOCK_TIMEOUT * 1000)),
    ("docs/how-to/notes-and-waking", "at most {} s", LIMIT_S),
    ("docs/how-to/notes-and-waking", "for its {} minutes", DEFAULT.claim_ttl // MINUTES),
    ("docs/how-to/paths", "at most {}.", commands.PATHS_LIMIT),
    ("docs/how-to/paths", "at most {} leases of paths", parts.LIMIT),
    ("docs/how-to/several-machines", "lease lasts {} minutes at least", GitRemote.least_ttl // MINUTES),
    ("docs/how-to/several-machines", "`stick wait` looks every {} s", int(GitRemote.poll)),
    ("docs/how-to/several-machines", "renews it there, within {} s", int(SECONDS)),
    ("docs/how-to/several-machines", "in the line every {} minutes", vouching.EVERY // MINUTES),
    ("docs/how-to/several-machines", "count a place for {} minutes", views.VOUCHED // MINUTES),
    ("docs/how-to/rooms-on-etcd", "within {} s | at once", int(GitRemote.poll)),
    ("docs/how-to/rooms-on-etcd", "| {} min | 2 s", GitRemote.least_ttl // MINUTES),
    ("docs/how-to/rooms-on-etcd", "15 min | {} s", etcd.Etcd.least_ttl // 1000),
    ("docs/how-to/rooms-on-etcd", "on an etcd lease of {} seconds", etcd_place.LASTS),
    ("docs/how-to/rooms-on-etcd", "looks every {} seconds all the same", int(watching.HINTED)),
    ("docs/how-to/rooms-on-etcd", "waits {} seconds at most for an answer", int(etcd.SECONDS)),
    ("docs/how-to/rooms-on-etcd", "a hook {} second", int(etcd.HURRIED)),
    ("docs/how-to/rooms-on-etcd", "at most {} MiB", document.LIMIT >> 20),
    ("docs/reference/clients", "took longer than {} s", client_places.EDIT_S),
)  # fmt: skip
WORDS = dict(
    enumerate(["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"])
)


@pytest.mark.parametrize(("page", "sentence", "figure"), FIGURES)
def test_a_figure_on_a_page_is_that_of_the_code(page: str, sentence: str, figure: float) -> None:
    text = " ".join((REPOSITORY / f"{page}.md").read_text("utf-8").split())
    said = {sentence.format(figure), sentence.format(f"{figure:,}")}
    if isinstance(figure, int):
        said.add(sentence.format(WORDS.get(figure, figure)))
    assert any(one in text for one in said), re.findall(
        re.escape(sentence).replace(r"\{\}", r"\S+"), text
    )


MEASURED = re.compile(
    r"times as long|\bmedian\b|\bquartiles?\b|\b\d+ instructions|took \d|costs? \d"
)


def test_what_was_measured_has_its_day_or_the_command_that_measures_it() -> None:
    bare = []
    for path in pages():
        for part in re.split(r"\n\s*\n|\n(?=\|)", path.read_text("utf-8")):
            dated = re.search(r"20\d\d\b|tests\.bench", part) or path.name == "speed.md"
            if MEASURED.search(part) and not dated:
                bare.append(f"{path.relative_to(REPOSITORY)}: {part[:100]}")
    assert not bare
