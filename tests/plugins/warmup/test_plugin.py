from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from blockbuster import blockbuster_ctx

from tests.helpers.waiting import wait_until
from tests.helpers.warmup_fakes import EMMA, HEART, FakeWarmupServer, FixedStrategy, make_plugin
from wyoming_kokoro import ConfigError, MemoryPressure, Phrase, WarmupStrategy
from wyoming_kokoro.api.observations import LexiconChanged, SegmentFinished
from wyoming_kokoro_warmup.service import LearningService, WarmupService


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"phrase": ["x"]}, "plugins.warmup.phrase: unknown key; did you mean phrases?"),
        ({"devices": {"ligth": ["x"]}}, "plugins.warmup.devices.ligth: unknown key; did you mean light?"),
        ({"devices": {"light": "Kitchen"}}, "plugins.warmup.devices.light"),
        ({"devices": {"light": [""]}}, "plugins.warmup.devices.light"),
        ({"devices": ["Kitchen"]}, "plugins.warmup.devices"),
        ({"phrases": [""]}, "plugins.warmup.phrases"),
        ({"temperature_unit": "K"}, "plugins.warmup.temperature_unit: must be one of C, F"),
        ({"cpu_percent": 0}, "plugins.warmup.cpu_percent"),
        ({"cpu_percent": 101}, "plugins.warmup.cpu_percent"),
        ({"max_minutes_per_day": -1}, "plugins.warmup.max_minutes_per_day"),
        ({"idle_seconds": -1}, "plugins.warmup.idle_seconds"),
        ({"max_cpu_celsius": 500}, "plugins.warmup.max_cpu_celsius"),
    ],
)
def test_invalid_setting_raises_config_error(tmp_path: Path, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message.replace("?", r"\?")):
        make_plugin(tmp_path, **settings)


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({}, ["home_assistant", "learned"]),
        ({"phrases": ["Dinner is ready"]}, ["announcements", "home_assistant", "learned"]),
        ({"home_assistant": False}, ["learned"]),
        ({"home_assistant": False, "learn": False}, []),
    ],
)
def test_settings_select_the_strategies(tmp_path: Path, settings: dict[str, Any], names: list[str]) -> None:
    plugin = make_plugin(tmp_path, **settings)
    assert [strategy.name for strategy in plugin.kokoro_warmup_strategies()] == names


def test_strategies_implement_the_role_and_forgetting_creates_no_file(tmp_path: Path) -> None:
    strategies = list(make_plugin(tmp_path, phrases=["Dinner is ready"]).kokoro_warmup_strategies())
    assert all(isinstance(strategy, WarmupStrategy) for strategy in strategies)
    for strategy in strategies:
        strategy.forget()
    assert not (tmp_path / "state").exists()


def test_announcements_keep_their_order_and_use_the_default_voice(tmp_path: Path) -> None:
    announcements, *_ = make_plugin(tmp_path, phrases=["Dinner is ready", "Bedtime"]).kokoro_warmup_strategies()
    phrases = list(announcements.phrases(EMMA))
    assert [(phrase.text, phrase.voice) for phrase in phrases] == [("Dinner is ready", None), ("Bedtime", None)]


def test_without_phrase_cache_there_are_no_services(tmp_path: Path) -> None:
    assert list(make_plugin(tmp_path).kokoro_services(FakeWarmupServer())) == []


@pytest.mark.parametrize(("learn", "classes"), [(True, [LearningService, WarmupService]), (False, [WarmupService])])
def test_learning_service_follows_the_setting(tmp_path: Path, learn: bool, classes: list[type]) -> None:
    server = FakeWarmupServer(warmup_strategies=[FixedStrategy([])])
    services = make_plugin(tmp_path, learn=learn).kokoro_services(server)
    assert [type(service) for service in services] == classes


def spoken(text: str) -> SegmentFinished:
    return SegmentFinished(text, "af_heart", cached=False, seconds=1.0)


@pytest.mark.parametrize("learn", [True, False])
async def test_spoken_segments_are_saved_only_with_learning(tmp_path: Path, learn: bool) -> None:
    plugin = make_plugin(tmp_path, learn=learn, max_minutes_per_day=0)
    server = FakeWarmupServer(warmup_strategies=[FixedStrategy([Phrase("Hello")])])
    with blockbuster_ctx(["wyoming_kokoro_warmup"]):
        for service in plugin.kokoro_services(server):
            async with service:
                for _ in range(5):
                    plugin.kokoro_observe(spoken("Mind the cat"))
    assert (tmp_path / "state" / "learned-1.sqlite").exists() is learn


def test_without_service_nothing_is_learned(tmp_path: Path) -> None:
    plugin = make_plugin(tmp_path, home_assistant=False)
    for _ in range(5):
        plugin.kokoro_observe(spoken("Mind the cat"))
    (learned,) = plugin.kokoro_warmup_strategies()
    assert list(learned.phrases(HEART)) == []
    assert not (tmp_path / "state").exists()


def test_slow_modules_are_not_imported_at_startup(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from wyoming_kokoro_warmup import WarmupPlugin;"
        "from wyoming_kokoro import PluginContext; import logging;"
        "plugin = WarmupPlugin(PluginContext('warmup', Path('c'), Path('s'), logging.getLogger()));"
        "list(plugin.kokoro_warmup_strategies());"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path)
    loaded = set(run.stdout.split())
    assert "wyoming_kokoro_warmup" in loaded
    assert loaded.isdisjoint({"jinja2", "home_assistant_intents", "sqlite3", "psutil"})
    assert not list(tmp_path.iterdir())


async def test_changed_lexicon_lets_all_phrases_be_synthesized_again(tmp_path: Path) -> None:
    plugin = make_plugin(tmp_path, learn=False, cpu_percent=100)
    server = FakeWarmupServer(warmup_strategies=[FixedStrategy([Phrase("Hass is ready")])])
    (service,) = plugin.kokoro_services(server)
    async with service:
        await wait_until(lambda: server.synthesized == ["Hass is ready"])
        server.cache.clear()
        plugin.kokoro_observe(LexiconChanged())
        await wait_until(lambda: server.synthesized == ["Hass is ready"] * 2)


def test_memory_pressure_pauses_warmup_until_the_level_is_normal(tmp_path: Path) -> None:
    plugin = make_plugin(tmp_path)
    for level, is_short in (("raised", True), ("critical", True), ("normal", False)):
        plugin.kokoro_memory_pressure(MemoryPressure(level, "a test"))  # type: ignore[arg-type]
        assert plugin._throttle.is_memory_short is is_short
