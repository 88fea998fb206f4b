from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import pairwise

import pytest

from tests.helpers.warmup_fakes import HEART, FakeLocalTime
from wyoming_kokoro_warmup.home_assistant import HomeAssistantResponses
from wyoming_kokoro_warmup.settings import Devices, Settings
from wyoming_kokoro_warmup.template_contexts import make_context
from wyoming_kokoro_warmup.templates import TemplateRenderer

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
SETTINGS = Settings(devices=DEVICES, areas=("Kitchen", "Study"))
LANGUAGES = ("en-US", "en-GB", "es", "fr-FR", "hi", "it", "pt-BR", "ja", "zh-CN")


def requests_per_day(settings: Settings = SETTINGS, language: str = "en-US") -> dict[str, float]:
    strategy = HomeAssistantResponses(settings, FakeLocalTime(), LOG)
    phrases = list(strategy.phrases(replace(HEART, language=language)))
    assert {phrase.voice for phrase in phrases} <= {None}
    rates = {phrase.text: phrase.requests_per_day for phrase in phrases}
    assert len(rates) == len(phrases), "duplicate text"
    return rates


@pytest.fixture(scope="module")
def english() -> dict[str, float]:
    return requests_per_day()


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
def test_english_responses_are_predicted(english: dict[str, float], text: str) -> None:
    assert english[text] > 0


def test_english_responses_have_no_gaps(english: dict[str, float]) -> None:
    for text in english:
        assert text == " ".join(text.split()) != ""
        assert "None" not in text
        assert "{" not in text
        assert "called ." not in text
        assert not text.endswith((" is", " called", " and", " the"))


def test_times_of_the_next_minutes_have_the_highest_rates(english: dict[str, float]) -> None:
    soon = [f"6:{minute} PM" for minute in range(31, 42)]
    assert sorted(english, key=lambda text: -english[text])[: len(soon)] == soon


def test_highest_rates_follow_the_clock_across_midnight() -> None:
    clock = FakeLocalTime()
    strategy = HomeAssistantResponses(SETTINGS, clock, LOG)
    next(iter(strategy.phrases(HEART)))
    clock.now = datetime(2026, 1, 4, 23, 55, tzinfo=timezone(timedelta(hours=-5)))
    rates = {phrase.text: phrase.requests_per_day for phrase in strategy.phrases(HEART)}
    best = sorted(rates, key=lambda text: -rates[text])
    assert best[:7] == ["11:55 PM", "11:56 PM", "11:57 PM", "11:58 PM", "11:59 PM", "12:00 AM", "12:01 AM"]
    assert "January 4th, 2026" in rates
    assert "January 3rd, 2026" not in rates


def is_descending(rates: dict[str, float], texts: Iterable[str]) -> bool:
    return all(rates[before] > rates[after] for before, after in pairwise(texts))


def test_rates_follow_name_order_habits_and_time_of_day(english: dict[str, float]) -> None:
    assert is_descending(english, ["Kitchen is on", "Desk lamp is on", "Porch is on"])
    assert is_descending(english, ["Yes, Kitchen", "Yes, Desk Lamp", "Desk Lamp, Kitchen and Porch"])
    assert is_descending(english, ["Timer set for 10 minutes", "Timer set for 30 minutes", "Timer set for 37 minutes"])
    assert is_descending(english, ["21 degrees", "25 degrees", "30 degrees"])
    assert is_descending(english, ["Yes", "Kitchen is on", "9:41 PM", "3:12 AM"])
    assert is_descending(english, ["Turned on the light", "Turned on the switch", "Turned on the siren"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_with_voices_has_responses(language: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, LOG.name)
    rates = requests_per_day(language=language)
    assert len(rates) > 1000
    assert not any("None" in text or "{" in text or not text.strip() for text in rates)
    # Only templates that need a name which cannot be predicted are skipped.
    unknown = re.compile(
        r"Response template skipped: "
        r"(?:'\w+' is undefined|.* has no attribute '(?:area|color|item|name|search_query)')"
    )
    assert not [record.message for record in caplog.records if not unknown.fullmatch(record.message)]


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
def test_translated_responses_are_predicted(language: str, texts: list[str]) -> None:
    rates = requests_per_day(language=language)
    assert [text for text in texts if text not in rates] == []


@pytest.mark.parametrize("language", ["xx", "eo-001"])
def test_unknown_language_has_no_phrases(language: str) -> None:
    assert requests_per_day(language=language) == {}


def test_language_follows_the_default_voice() -> None:
    strategy = HomeAssistantResponses(SETTINGS, FakeLocalTime(), LOG)
    first = {phrase.text for phrase in strategy.phrases(HEART)}
    second = {phrase.text for phrase in strategy.phrases(replace(HEART, language="it"))}
    assert "Turned on the lights" in first - second
    assert "Sono le 18:31" in second - first


def test_fahrenheit_replaces_celsius() -> None:
    rates = requests_per_day(replace(SETTINGS, temperature_unit="F"))
    assert {"70 degrees", "Temperature set to 68 degrees", "60 °F and sunny"} <= rates.keys()
    assert "Living room temperature is 70.3 °F" in rates
    assert not any("°C" in text for text in rates)


def test_without_names_the_general_responses_remain(english: dict[str, float]) -> None:
    rates = requests_per_day(Settings())
    assert {"Turned on the lights", "Yes", "Not any", "21 degrees", "Timer set for 5 minutes"} <= rates.keys()
    assert rates.keys() < english.keys()


def render(source: str) -> list[str]:
    contexts = [make_context(1.0, {"name": "Lamp"}), make_context(1.0)]
    return [text for text, _ in TemplateRenderer(LOG).render(source, contexts)]


@pytest.mark.parametrize(
    ("source", "rendered"),
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
def test_template_renders_the_contexts_that_fit(source: str, rendered: list[str]) -> None:
    """Contexts that fail are skipped, and so are unsafe expressions."""
    assert render(source) == rendered


def test_skipped_template_is_logged_for_debugging(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    render("{{ slots.gone }}")
    assert [record.levelname for record in caplog.records] == ["DEBUG"]
    assert "gone" in caplog.text


def test_english_shopping_items_are_predicted_in_order_of_frequency(english: dict[str, float]) -> None:
    assert is_descending(english, ["Added milk", "Added coffee", "Added mushrooms"])
    assert not [text for text in requests_per_day(language="fr-FR") if "milk" in text]
