"""The text filters, one row a rule: what is written and what is said."""

from __future__ import annotations

import itertools
import logging
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro import ConfigError, PluginContext
from wyoming_kokoro_text import FILTERS, Text


def context(folder: Path, **table: Any) -> PluginContext:
    return PluginContext("text", folder, folder, logging.getLogger("text"), table)


def say(text: str, language: str = "en") -> str:
    for item in sorted(FILTERS, key=lambda item: item.order):
        if not item.languages or language in item.languages:
            text = item.apply(text)
    return text


MARKUP = [
    ("The forecast is **mostly sunny** today", "The forecast is mostly sunny today"),
    ("It is *really* ***very*** warm", "It is really very warm"),
    ("__Note__ that _this_ counts", "Note that this counts"),
    ("**Bold that opens here", "Bold that opens here"),
    ("and closes here.** Fine", "and closes here. Fine"),
    ("# Weather", "Weather"),
    ("### Weather ###", "Weather"),
    ("- milk", "milk"),
    ("* milk\n* eggs", "milk eggs"),
    ("• milk", "milk"),
    ("- [x] water the plants", "water the plants"),
    ("1. Milk", "1. Milk"),
    ("2) Eggs", "2. Eggs"),
    ("> quoted", "quoted"),
    ("See [the manual](https://example.com/a_(b)?c=1 'Title')", "See the manual"),
    ("![A lamp](lamp.png) is on", "A lamp is on"),
    ("As [said][1] before", "As said before"),
    ("It rained [1] a lot[^2].", "It rained a lot."),
    ("Use `light.turn_on` now", "Use light.turn on now"),
    ("```yaml", ""),
    ("---", ""),
    ("| Room | Temperature |", "Room, Temperature"),
    ("|---|:---:|", ""),
    ("~~wrong~~ right", "wrong right"),
    ("Done.<|endoftext|>", "Done."),
    ("<b>Hot</b> and<br/>humid", "Hot and humid"),
    ("Tom &amp; Jerry&#39;s", "Tom & Jerry's"),
    (r"a \*star\*", "a star"),
    ("living_room_lamp", "living room lamp"),
    ("Good morning 🌤️ sunshine", "Good morning sunshine"),
    ("Done ✅!", "Done!"),
    ("👨‍👩‍👧 🇩🇪 ❤️", ""),
    ("Fine :-) thanks", "Fine thanks"),
    ("  two\n lines \t here ", "two lines here"),
    ("zero\u200bwidth", "zerowidth"),
]

ENGLISH = [
    ("It is 21.5 °C", "It is 21.5 degrees Celsius"),
    ("47 °F and raining", "47 degrees Fahrenheit and raining"),
    ("1 °C", "1 degree Celsius"),
    ("-5 °C", "minus 5 degrees Celsius"),
    ("−5.5°C", "minus 5.5 degrees Celsius"),
    ("18–21°C", "18 to 21 degrees Celsius"),
    ("5-10 °C", "5 to 10 degrees Celsius"),
    ("between -5 and +3 °C", "between minus 5 and plus 3 degrees Celsius"),
    ("turn it 90°", "turn it 90 degrees"),
    ("Humidity is 45%.", "Humidity is 45 percent."),
    ("10–20% chance", "10 to 20 percent chance"),
    ("3.2 kWh", "3.2 kilowatt hours"),
    ("1 kWh", "1 kilowatt hour"),
    ("a 60W bulb", "a 60 watts bulb"),
    ("230 V and 2 A", "230 volts and 2 amps"),
    ("350 lx", "350 lux"),
    ("45 dB", "45 decibels"),
    ("1,013.2 hPa", "1,013.2 hectopascals"),
    ("12 km/h", "12 kilometers per hour"),
    ("3 m/s", "3 meters per second"),
    ("0.4 mm/h", "0.4 millimeters per hour"),
    ("8 μg/m³", "8 micrograms per cubic meter"),
    ("8 µg/m³", "8 micrograms per cubic meter"),
    ("412 ppm CO2", "412 parts per million C O 2"),
    ("5 min", "5 minutes"),
    ("30 s left", "30 seconds left"),
    ("1 h", "1 hour"),
    ("a 4K film from the 1990s", "a 4K film from the 1990s"),
    ("Light A and 2 more", "Light A and 2 more"),
    ("It is 6:31 PM", "It is 6 31 PM"),
    ("at 6:05 am", "at 6 oh 5 AM"),
    ("at 6:00 p.m. today", "at 6 PM today"),
    ("at 6 pm", "at 6 PM"),
    ("at 18:31", "at 18 31"),
    ("at 18:00", "at 18 hundred"),
    ("at 7:00", "at 7 o'clock"),
    ("at 00:07", "at 0 oh 7"),
    ("on 2026-01-03", "on January 3, 2026"),
    ("January 3rd, 2026", "January 3rd, 2026"),
    ("call 555-1234", "call 555-1234"),
    ("1990-1995", "1990 to 1995"),
    ("It costs $5", "It costs 5 dollars"),
    ("$1", "1 dollar"),
    ("$5.50", "5 dollars and 50 cents"),
    ("£0.99", "99 pence"),
    ("$3.5 million", "3.5 million dollars"),
    ("12,50 is not 12.50 €", "12,50 is not 12 euros and 50 cents"),
    ("-$20", "minus 20 dollars"),
    ("Dr. Smith and Mrs. Jones", "Doctor Smith and Missus Jones"),
    ("12 Main St. is near St. John", "12 Main Street is near Saint John"),
    ("fruit, e.g. apples", "fruit, for example, apples"),
    ("apples, pears, etc.", "apples, pears, et cetera."),
    ("No. 5, but no. I did", "number 5, but no. I did"),
    ("in the U.S. today", "in the U S today"),
    ("J. R. Smith", "J R Smith"),
    ("https://www.example.com/a/b?c=1", "example dot com"),
    ("me@example.com", "me at example dot com"),
    ("192.168.1.5", "192 dot 168 dot 1 dot 5"),
    ("salt & pepper", "salt and pepper"),
    ("option #2", "option number 2"),
    ("5 + 3 = 8", "5 plus 3 equals 8"),
    ("9 - 4", "9 minus 4"),
    ("3 x 4", "3 by 4"),
    ("~5 minutes", "about 5 minutes"),
    ("2½ cups and ½ cup", "2 and a half cups and one half cup"),
    ("on/off and/or dimmed", "on or off and or dimmed"),
    ("well-known state-of-the-art", "well-known state-of-the-art"),
    ("Yes, Light A, Light B, Light C and 2 more", "Yes, Light A, Light B, Light C and 2 more"),
    (
        "Timer set for 1 hour, 5 minutes and 30 seconds named pizza",
        "Timer set for 1 hour, 5 minutes and 30 seconds named pizza",
    ),
]


@pytest.mark.parametrize(("written", "said"), MARKUP)
def test_markup_is_not_said(written: str, said: str) -> None:
    """Markdown, HTML, model tokens and emoji leave only their text, in every language."""
    assert say(written, "xx") == said


@pytest.mark.parametrize(("written", "said"), ENGLISH)
def test_english(written: str, said: str) -> None:
    """English text is said as a person would read it out."""
    assert say(written) == said


def test_other_languages_keep_their_words() -> None:
    """Rules of English do not touch text of another language."""
    assert say("Hace 21 °C, el **St.** 5 %", "es") == "Hace 21 °C, el St. 5 %"


@given(st.text(alphabet=st.sampled_from(list("ab 1.:-–$°%*_`#[]()<>|&\n")) | st.characters(), max_size=60))
def test_any_text_passes(text: str) -> None:
    """No text makes a filter fail or leaves whitespace at its ends."""
    assert say(text) == say(text).strip()


@given(st.lists(st.sampled_from(["turn", "Light", "on", "the", "lamp.", "now,", "yes!", "3"]), min_size=1))
def test_plain_text_stays(words: list[str]) -> None:
    """Text with nothing to rewrite comes out as it went in."""
    assert say(" ".join(words)) == " ".join(words)


def test_orders_are_distinct() -> None:
    """Every filter has a place of its own, with room before and behind it for those of other plugins."""
    orders = sorted(item.order for item in FILTERS)
    assert all(after - before >= 5 for before, after in itertools.pairwise(orders))


def test_plugin_brings_all_filters(tmp_path: Path) -> None:
    """The plugin hands over the table."""
    assert tuple(Text(context(tmp_path)).kokoro_text_filters()) == FILTERS


def test_unknown_setting_is_refused(tmp_path: Path) -> None:
    """A misspelt key is an error, as in every plugin."""
    with pytest.raises(ConfigError, match="emojis"):
        Text(context(tmp_path, emojis="drop"))
