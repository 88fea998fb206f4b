"""Patience with a busy machine."""

from __future__ import annotations

import pytest

from wyoming_kokoro_phrase_cache import database, sqlite_tier


@pytest.fixture(autouse=True)
def patient_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for other connections, and for the end of writes, as long as it takes."""
    monkeypatch.setattr(database, "BUSY_TIMEOUT_SECONDS", 60.0)
    monkeypatch.setattr(sqlite_tier, "CLOSE_TIMEOUT_SECONDS", 60.0)
