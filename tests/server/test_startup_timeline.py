from __future__ import annotations

from pathlib import Path

import pytest

from wyoming_kokoro.server import startup_timeline
from wyoming_kokoro.server.startup_timeline import StartupTimeline


def test_first_mark_counts() -> None:
    timeline = StartupTimeline()
    timeline.mark("ready")
    before = timeline.moments["ready"]
    timeline.mark("ready")
    assert 0 < before == timeline.moments["ready"] <= timeline.now


def test_system_without_proc_counts_from_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup_timeline, "Path", lambda _: Path("/nowhere"))
    assert StartupTimeline().now < 10
