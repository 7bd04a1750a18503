"""What tests of the setup have in common that call it in this very process."""

from __future__ import annotations

import os

import pytest


@pytest.fixture
def new_user(env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this process run with the environment of a user with nothing."""
    for name in os.environ.keys() - env.keys():
        monkeypatch.delenv(name)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
