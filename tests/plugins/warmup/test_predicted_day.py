"""The share of a day's responses that the plugin predicts.

The responses are written by hand and drawn with other weights than the plugin assumes, so the test checks its guesses.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Sequence

import pytest

from tests.helpers.warmup_fakes import HEART, FakeLocalTime
from wyoming_kokoro_warmup.home_assistant import HomeAssistantResponses
from wyoming_kokoro_warmup.settings import Devices, Settings

LIGHTS = ("Living room lamp", "Kitchen lights", "Bedroom lamp", "Porch light", "Office light", "Bathroom light")
LOCKS = ("Front door", "Back door")
COVERS = ("Garage door", "Living room blinds", "Bedroom curtains")
SWITCHES = ("Coffee machine", "Christmas tree")
WINDOWS = ("Kitchen window", "Bedroom window")
ROOMS = ("Living room temperature", "Bedroom temperature")
PEOPLE = ("Tom", "Lisa")
SETTINGS = Settings(
    devices=Devices(
        light=LIGHTS,
        lock=LOCKS,
        cover=COVERS,
        switch=SWITCHES,
        window=WINDOWS,
        fan=("Ceiling fan",),
        media_player=("TV", "Radio"),
        climate=("Thermostat",),
        temperature=ROOMS,
        humidity=("Bathroom humidity",),
        motion=("Hallway motion",),
        person=PEOPLE,
    )
)
NAME_COUNT = sum(len(getattr(SETTINGS.devices, kind)) for kind in Devices.__dataclass_fields__)


def choose_by_rank(dice: random.Random, choices: Sequence[str]) -> str:
    return dice.choices(choices, [1 / rank for rank in range(1, len(choices) + 1)])[0]


def draw_state(dice: random.Random) -> str:
    kinds = ((LIGHTS, ("on", "off")), (LOCKS, ("locked", "unlocked")), (COVERS, ("open", "closed")))
    names, states = dice.choice((*kinds, (SWITCHES, ("on", "off")), (WINDOWS, ("open", "closed"))))
    name = choose_by_rank(dice, names)
    return f"{name[0]}{name[1:].lower()} is {dice.choice(states)}"


def draw_sensor_value(dice: random.Random) -> str:
    if dice.random() < 0.2:
        return f"Bathroom humidity is {dice.randint(40, 65)} %"
    return f"{choose_by_rank(dice, ROOMS)} is {dice.gauss(21, 1.2):.1f} °C"


def draw_list(dice: random.Random) -> str:
    names = sorted(name for name in dice.choice((LIGHTS, LOCKS, COVERS)) if dice.random() < 0.3)
    if not names:
        return dice.choice(("Not any", "No"))
    text = " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0]
    return dice.choice((text, f"Yes, {text}"))


def draw_confirmation(dice: random.Random) -> str:
    frequent = ("Turned on the light", "Turned off the light", "Turned on the lights", "Turned off the lights")
    occasional = ("Brightness set", "Paused", "Opening", "Closing", "Volume set", "Locking", "Activated")
    rare = ("Turned on the switch", "Turned off the fan", "Turned on the media player", "Color set", "Started")
    return choose_by_rank(dice, (*frequent, *occasional, "Playing next", *rare))


def draw_answer(dice: random.Random) -> str:
    yes_or_no = ("Yes", "No, off", "No, on", "No, unlocked", "No, closed", "No, open")
    where = tuple(f"{name} is at home" for name in PEOPLE)
    return dice.choice((*yes_or_no, *where, "2", "0", "Sorry, I couldn't understand that"))


def draw_device_response(dice: random.Random) -> str:
    kinds = (draw_confirmation, draw_answer, draw_state, draw_sensor_value, draw_list)
    draw: Callable[[random.Random], str] = dice.choices(kinds, (50, 15, 20, 10, 5))[0]
    return draw(dice)


def draw_time(dice: random.Random) -> str:
    hour, minute = dice.randint(7, 22), dice.randint(0, 59)
    return f"{(hour - 1) % 12 + 1}:{minute:02d} {'AM' if hour < 12 else 'PM'}"


def draw_timer(dice: random.Random) -> str:
    minutes = dice.choice((1, 2, 3, 4, 5, 5, 5, 6, 7, 8, 9, 10, 10, 10, 12, 15, 15, 20, 25, 30, 40, 45))
    duration = f"{minutes} minute{'s' if minutes > 1 else ''}"
    half = dice.choice(("", " and 30 seconds"))
    started = f"Timer set for {duration}"
    return dice.choice((started, started, f"{duration}{half} left.", "Timer cancelled"))


def draw_temperature(dice: random.Random) -> str:
    if dice.random() < 0.3:
        return f"Temperature set to {dice.choice((18, 19, 19.5, 20, 20.5, 21, 21.5, 22, 23))} degrees"
    return f"{dice.choice((17.5, 18, 18.5, 19, 19.5, 20, 20.5, 21, 21.5, 22, 22.5, 23, 24))} degrees"


def draw_time_response(dice: random.Random) -> str:
    draw: Callable[[random.Random], str] = dice.choice((draw_time, draw_timer, draw_temperature))
    return draw(dice)


def hit_rate(drawn: Sequence[str], phrases: Sequence[str]) -> float:
    # Upper and lower case sound the same.
    known = {text.lower() for text in phrases}
    return sum(text.lower() in known for text in drawn) / len(drawn)


@pytest.fixture(scope="module")
def phrases() -> list[str]:
    predicted = HomeAssistantResponses(SETTINGS, FakeLocalTime(), logging.getLogger()).phrases(HEART)
    return [phrase.text for phrase in sorted(predicted, key=lambda phrase: -phrase.requests_per_day)]


@pytest.mark.parametrize(
    ("count", "device_rate", "time_rate"),
    [
        pytest.param(1100, 0.92, 0.75, id="15 minutes at half speed"),
        pytest.param(2000, 0.97, 0.98, id="15 minutes at full speed"),
        pytest.param(5000, 0.99, 0.99, id="30 minutes"),
    ],
)
def test_most_responses_of_a_day_are_predicted(
    phrases: list[str], count: int, device_rate: float, time_rate: float
) -> None:
    dice = random.Random(20260103)
    assert NAME_COUNT == 25
    assert hit_rate([draw_device_response(dice) for _ in range(4000)], phrases[:count]) >= device_rate
    assert hit_rate([draw_time_response(dice) for _ in range(2000)], phrases[:count]) >= time_rate


def test_predicted_phrases_fit_into_the_cache(phrases: list[str]) -> None:
    """A second of speech has about 15 characters and takes 30 kB as FLAC."""
    assert len(phrases) < 4000
    assert sum(map(len, phrases)) / 15 * 30_000 < 120_000_000
