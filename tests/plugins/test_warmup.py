"""What the plugin brings, for which settings, and that it costs the start nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from blockbuster import blockbuster_ctx

from tests.plugins.quiet_house import EMMA, HEART, Fixed, House, warming
from wyoming_kokoro import ConfigError, MemoryPressure, Phrase, WarmupStrategy
from wyoming_kokoro.api.observations import SegmentFinished
from wyoming_kokoro_warmup import Warming
from wyoming_kokoro_warmup.service import Listening, Warmup


def named(plugin: Warming) -> list[str]:
    return [strategy.name for strategy in plugin.kokoro_warmup_strategies()]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"phrase": ["x"]}, "plugins.warmup.phrase: unknown key; did you mean phrases?"),
        ({"devices": {"ligth": ["x"]}}, "plugins.warmup.devices.ligth: unknown key; did you mean light?"),
        ({"devices": {"light": "Kitchen"}}, "plugins.warmup.devices.light"),
        ({"devices": {"light": [""]}}, "plugins.warmup.devices.light"),
        ({"devices": ["Kitchen"]}, "plugins.warmup.devices"),
        ({"phrases": [""]}, "plugins.warmup.phrases"),
        ({"temperature_unit": "K"}, "plugins.warmup.temperature_unit: must be one of C, F"),
        ({"processor_percent": 0}, "plugins.warmup.processor_percent"),
        ({"processor_percent": 101}, "plugins.warmup.processor_percent"),
        ({"minutes_a_day": -1}, "plugins.warmup.minutes_a_day"),
        ({"idle_seconds": -1}, "plugins.warmup.idle_seconds"),
        ({"celsius": 500}, "plugins.warmup.celsius"),
    ],
)
def test_a_wrong_setting_is_refused(tmp_path: Path, table: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message.replace("?", r"\?")):
        warming(tmp_path, **table)


@pytest.mark.parametrize(
    ("table", "names"),
    [
        ({}, ["home_assistant", "learned"]),
        ({"phrases": ["Dinner is ready"]}, ["announcements", "home_assistant", "learned"]),
        ({"home_assistant": False}, ["learned"]),
        ({"home_assistant": False, "learn": False}, []),
    ],
)
def test_the_strategies_are_those_that_are_wanted(tmp_path: Path, table: dict[str, Any], names: list[str]) -> None:
    assert named(warming(tmp_path, **table)) == names


def test_every_strategy_has_its_role(tmp_path: Path) -> None:
    strategies = list(warming(tmp_path, phrases=["Dinner is ready"]).kokoro_warmup_strategies())
    assert all(isinstance(strategy, WarmupStrategy) for strategy in strategies)
    for strategy in strategies:
        strategy.forget()
    assert not (tmp_path / "state").exists(), "nothing was there to forget"


def test_announcements_are_for_the_default_voice_in_the_owners_order(tmp_path: Path) -> None:
    announcements, *_ = warming(tmp_path, phrases=["Dinner is ready", "Bedtime"]).kokoro_warmup_strategies()
    found = list(announcements.phrases(EMMA))
    assert [(phrase.text, phrase.voice) for phrase in found] == [("Dinner is ready", None), ("Bedtime", None)]
    assert all(phrase.requests_per_day >= 1 for phrase in found)


def test_without_a_cache_there_is_nothing_to_do(tmp_path: Path) -> None:
    assert list(warming(tmp_path).kokoro_services(House())) == []


@pytest.mark.parametrize(("learn", "kinds"), [(True, [Listening, Warmup]), (False, [Warmup])])
def test_the_services_are_those_that_are_wanted(tmp_path: Path, learn: bool, kinds: list[type]) -> None:
    services = warming(tmp_path, learn=learn).kokoro_services(House(warmup_strategies=[Fixed([])]))
    assert [type(service) for service in services] == kinds


def spoken(text: str) -> SegmentFinished:
    return SegmentFinished(text, "af_heart", cached=False, seconds=1.0)


@pytest.mark.parametrize("learn", [True, False])
async def test_what_is_said_is_learned_only_if_that_is_wanted(tmp_path: Path, learn: bool) -> None:
    plugin = warming(tmp_path, learn=learn, minutes_a_day=0)
    with blockbuster_ctx(["wyoming_kokoro_warmup"]):
        for service in plugin.kokoro_services(House(warmup_strategies=[Fixed([Phrase("Hello")])])):
            async with service:
                for _ in range(5):
                    plugin.kokoro_observe(spoken("Mind the cat"))
    assert (tmp_path / "state" / "learned-1.sqlite").exists() is learn


def test_nothing_is_kept_in_memory_when_nobody_learns(tmp_path: Path) -> None:
    plugin = warming(tmp_path, home_assistant=False)
    for _ in range(5):
        plugin.kokoro_observe(spoken("Mind the cat"))
    (learned,) = plugin.kokoro_warmup_strategies()
    assert list(learned.phrases(HEART)) == []
    assert not (tmp_path / "state").exists()


def test_what_takes_long_is_not_imported_while_the_server_starts(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from wyoming_kokoro_warmup import Warming;"
        "from wyoming_kokoro.api.context import PluginContext; import logging;"
        "plugin = Warming(PluginContext('warmup', Path('c'), Path('s'), logging.getLogger()));"
        "list(plugin.kokoro_warmup_strategies());"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path)
    loaded = set(run.stdout.split())
    assert "wyoming_kokoro_warmup" in loaded
    assert loaded.isdisjoint({"jinja2", "home_assistant_intents", "sqlite3", "psutil"})
    assert not list(tmp_path.iterdir())


def test_it_pauses_while_memory_is_short(tmp_path: Path) -> None:
    """It is told by whoever watches the memory, and has nothing to give back."""
    plugin = warming(tmp_path)
    for level, is_short in (("raised", True), ("critical", True), ("normal", False)):
        plugin.kokoro_memory_pressure(MemoryPressure(level, "a test"))  # type: ignore[arg-type]
        assert plugin._governor.is_short_of_memory is is_short
