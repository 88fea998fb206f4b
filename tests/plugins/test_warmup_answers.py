"""What Home Assistant says: rendered from its own templates, for a house with names."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import pairwise

import pytest

from tests.plugins.quiet_house import EVENING, HEART, Clock
from wyoming_kokoro_warmup.home_assistant import HomeAssistant
from wyoming_kokoro_warmup.scenes import scene
from wyoming_kokoro_warmup.settings import Devices, Settings
from wyoming_kokoro_warmup.templates import Templates

LOG = logging.getLogger("wyoming_kokoro.plugins.warmup")
DEVICES = Devices(
    light=("Kitchen", "Desk Lamp", "Porch"),
    fan=("Attic fan",),
    cover=("Blinds",),
    lock=("Front door", "Back door"),
    window=("Bathroom window",),
    motion=("Hallway motion",),
    climate=("Thermostat",),
    media_player=("TV",),
    temperature=("Living room temperature",),
    humidity=("Cellar humidity",),
    person=("Anna", "Ben"),
)
HOUSE = Settings(devices=DEVICES, areas=("Kitchen", "Study"))
LANGUAGES = ("en-US", "en-GB", "es", "fr-FR", "hi", "it", "pt-BR", "ja", "zh-CN")


def answers(settings: Settings = HOUSE, language: str = "en-US", now: datetime = EVENING) -> dict[str, float]:
    found = list(HomeAssistant(settings, Clock(now), LOG).phrases(replace(HEART, language=language)))
    assert {phrase.voice for phrase in found} <= {None}
    worth = {phrase.text: phrase.requests_per_day for phrase in found}
    assert len(worth) == len(found), "a text comes once"
    return worth


@pytest.fixture(scope="module")
def english() -> dict[str, float]:
    return answers()


@pytest.mark.parametrize(
    "text",
    [
        "Turned on the lights",
        "Turned off the light",
        "Turned on the media player",
        "Turned off all of the lights",
        "Turned off the fans",
        "Brightness set",
        "Opening",
        "Closing the garage door",
        "Opening the curtains",
        "Locking",
        "Activated",
        "Started",
        "Done",
        "Volume set",
        "Playing next",
        "6:31 PM",
        "6:32 PM",
        "12:00 AM",
        "9:05 AM",
        "January 3rd, 2026",
        "January 4th, 2026",
        "January 10th, 2026",
        "Timer set for 5 minutes",
        "Timer set for 1 minute",
        "Timer set for 30 seconds",
        "Timer set for 1 hour and 30 minutes",
        "Timer set for 2 minutes and 30 seconds",
        "Timer cancelled",
        "Timer paused",
        "Canceled 1 timer.",
        "No timers.",
        "10 minutes left.",
        "1 minute left.",
        "7 minutes and 30 seconds left.",
        "40 seconds left.",
        "1 hour and 30 minutes left.",
        "2 running timers. 5 minutes left on 10 minute timer.",
        "5 minutes added to timer",
        "10 minutes removed from timer",
        "21 degrees",
        "21.5 degrees",
        "21.0 degrees",
        "20.7 degrees",
        "Temperature set to 21 degrees",
        "Temperature set to 19.5 degrees",
        "13 °C and sunny",
        "Front door is locked",
        "Back door is unlocked",
        "Desk lamp is on",
        "Blinds is closed",
        "Bathroom window is open",
        "Hallway motion is clear",
        "Thermostat is heat",
        "Tv is playing",
        "Living room temperature is 21.3 °C",
        "Cellar humidity is 51 %",
        "Yes",
        "No, unlocked",
        "No, off",
        "Yes, Kitchen",
        "Yes, Back door and Front door",
        "Desk Lamp, Kitchen and Porch",
        "Not any",
        "No, Porch is not off",
        "No, Back door and Front door are not locked",
        "3",
        "Anna is at home",
        "Ben is away",
        "Ben is at not_home",
        "Sorry, I couldn't understand that",
        "Sorry, no device is on",
        "Sorry, I am not aware of any media player",
        "Sorry, I am not aware of any fan in the Study area",
        "Sorry, I couldn't find that timer",
        "Cleaning Kitchen",
        "Hello from Home Assistant.",
    ],
)
def test_english_has(english: dict[str, float], text: str) -> None:
    assert english[text] > 0


def test_nothing_is_half_said(english: dict[str, float]) -> None:
    """Nothing is empty, has a hole where a name should be, or says what Home Assistant does not know."""
    for text in english:
        assert text == " ".join(text.split()) != ""
        assert "None" not in text
        assert "{" not in text
        assert "called ." not in text
        assert not text.endswith((" is", " called", " and", " the"))


def test_the_next_minutes_are_worth_most(english: dict[str, float]) -> None:
    soon = [f"6:{minute} PM" for minute in range(31, 42)]
    assert sorted(english, key=lambda text: -english[text])[: len(soon)] == soon


def test_the_minutes_that_come_are_worth_most_at_any_time() -> None:
    """Also across midnight, and by a strategy that was asked before."""
    clock = Clock()
    strategy = HomeAssistant(HOUSE, clock, LOG)
    next(iter(strategy.phrases(HEART)))
    clock.now = datetime(2026, 1, 4, 23, 55, tzinfo=timezone(timedelta(hours=-5)))
    worth = {phrase.text: phrase.requests_per_day for phrase in strategy.phrases(HEART)}
    best = sorted(worth, key=lambda text: -worth[text])
    assert best[:7] == ["11:55 PM", "11:56 PM", "11:57 PM", "11:58 PM", "11:59 PM", "12:00 AM", "12:01 AM"]
    assert "January 4th, 2026" in worth
    assert "January 3rd, 2026" not in worth


def falls(worth: dict[str, float], texts: Iterable[str]) -> bool:
    return all(worth[before] > worth[after] for before, after in pairwise(texts))


def test_what_is_asked_more_is_worth_more(english: dict[str, float]) -> None:
    """By the order of the names, by what is usual, and by day and night."""
    assert falls(english, ["Kitchen is on", "Desk lamp is on", "Porch is on"])
    assert falls(english, ["Yes, Kitchen", "Yes, Desk Lamp", "Desk Lamp, Kitchen and Porch"])
    assert falls(english, ["Timer set for 10 minutes", "Timer set for 30 minutes", "Timer set for 37 minutes"])
    assert falls(english, ["21 degrees", "25 degrees", "30 degrees"])
    assert falls(english, ["Yes", "Kitchen is on", "9:41 PM", "3:12 AM"])
    assert falls(english, ["Turned on the light", "Turned on the switch", "Turned on the siren"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_with_voices_is_rendered(language: str, caplog: pytest.LogCaptureFixture) -> None:
    """Hundreds of answers, all times of the day, and the same whatever the hour."""
    caplog.set_level(logging.INFO)
    worth = answers(language=language)
    assert len(worth) > 1000
    assert not any("None" in text or "{" in text or not text.strip() for text in worth)
    assert not caplog.records


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("es", ["Luces encendidas", "Son las 7 menos 29 de la tarde", "El dispositivo Front door está locked"]),
        ("fr-FR", ["Allumé", "Il est 18:31", "Front door est locked", "Nous sommes le 3 janvier 2026"]),
        (
            "it",
            ["Ho acceso Kitchen", "Sono le 18:31", "Ho acceso le luci in Study", "Temperatura impostata a 21 gradi"],
        ),
        ("pt-BR", ["Luzes acesas", "Temperatura definida para 21 graus"]),
        ("hi", ["लाइट चालू कर दी", "शाम 6:31 बजे"]),
        ("ja", ["ライトがオンになりました", "午後6時31分です"]),
        ("zh-CN", ["Kitchen已打开", "现在温度是21度", "Front door是locked"]),
    ],
)
def test_languages_have(language: str, texts: list[str]) -> None:
    worth = answers(language=language)
    assert [text for text in texts if text not in worth] == []


@pytest.mark.parametrize("language", ["xx", "eo-001"])
def test_a_language_without_data_has_nothing(language: str) -> None:
    assert answers(language=language) == {}


def test_the_language_follows_the_voice() -> None:
    strategy = HomeAssistant(HOUSE, Clock(), LOG)
    first = {phrase.text for phrase in strategy.phrases(HEART)}
    second = {phrase.text for phrase in strategy.phrases(replace(HEART, language="it"))}
    assert "Turned on the lights" in first - second
    assert "Sono le 18:31" in second - first


def test_fahrenheit() -> None:
    worth = answers(replace(HOUSE, temperature_unit="F"))
    assert {"70 degrees", "Temperature set to 68 degrees", "60 °F and sunny"} <= worth.keys()
    assert "Living room temperature is 70.3 °F" in worth
    assert not any("°C" in text for text in worth)


def test_a_house_without_names_has_what_needs_none(english: dict[str, float]) -> None:
    worth = answers(Settings())
    assert {"Turned on the lights", "Yes", "Not any", "21 degrees", "Timer set for 5 minutes"} <= worth.keys()
    assert worth.keys() < english.keys()


def texts(source: str) -> list[str]:
    return [text for text, _ in Templates(LOG).texts(source, [scene(1.0, {"name": "Lamp"}), scene(1.0)])]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("  Done\n now ", ["Done now", "Done now"]),
        ("{{ slots.name }} is on", ["Lamp is on"]),
        ("{{ slots.name | default('it') }}", ["Lamp", "it"]),
        ("{{ {}.get(slots.name) }} is on", []),
        ("", []),
        ("{% if %}", []),
        ("{{ 1 / 0 }}", []),
        ("{{ slots.name | no_such_filter }}", []),
        ("{{ ''.__class__.__mro__ }}", []),
    ],
)
def test_a_template_says_what_it_can(source: str, said: list[str]) -> None:
    """What it cannot is left out, and so is what reaches for more than templates may have."""
    assert texts(source) == said


def test_a_response_that_is_left_out_is_told_for_debugging(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    texts("{{ slots.gone }}")
    assert [record.levelname for record in caplog.records] == ["DEBUG"]
    assert "gone" in caplog.text
