"""The tables that are made from the code are on their pages as the code has them now."""

from __future__ import annotations

import pytest

from stickhooks.clients import CLIENTS
from stickhooks.protocol import moment, rules
from stickhooks.setup.clients import PLACES
from tests.documents import generated
from tests.support.documents import page

HOW = "python -m tests.documents.generated --write"


@pytest.mark.parametrize(("name", "place"), generated.TABLES)
def test_a_generated_table_is_what_the_code_says(name: str, place: str) -> None:
    text = page(name)
    assert text == generated.filled(text, place, generated.TABLES[name, place]()), HOW


def test_another_rule_is_another_page(monkeypatch: pytest.MonkeyPatch) -> None:
    other = {**rules.RULES[moment.OTHER], "owned": rules.RULES[moment.OTHER]["idle"]}
    monkeypatch.setattr(rules, "RULES", {**rules.RULES, moment.OTHER: other})
    text = page("reference/rules")
    for place, table in (("rules", generated.turns), ("verbs", generated.verbs)):
        assert text != generated.filled(text, place, table())


def test_every_phase_and_role_is_in_the_tables() -> None:
    shown = {phase for alike in generated.PHASES.values() for phase in alike}
    assert shown == {phase for row in rules.RULES.values() for phase in row}
    assert {*generated.ROLES, moment.BARRED} == set(rules.RULES)


def test_every_client_is_in_the_table() -> None:
    assert set(CLIENTS) == {place.name for place in PLACES if place.kind != "line"}
