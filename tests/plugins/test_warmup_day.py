"""An ordinary day in an ordinary house: how much of what is said was there before.

Everything here is written down by hand, as a person hears it from Home Assistant, and drawn with other weights than
the plugin has: so it tells whether the plugin's guesses are any good for a house that it does not know.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Sequence

import pytest

from tests.plugins.quiet_house import HEART, Clock
from wyoming_kokoro_warmup.home_assistant import HomeAssistant
from wyoming_kokoro_warmup.settings import Devices, Settings

LIGHTS = ("Living room lamp", "Kitchen lights", "Bedroom lamp", "Porch light", "Office light", "Bathroom light")
LOCKS = ("Front door", "Back door")
COVERS = ("Garage door", "Living room blinds", "Bedroom curtains")
SWITCHES = ("Coffee machine", "Christmas tree")
WINDOWS = ("Kitchen window", "Bedroom window")
ROOMS = ("Living room temperature", "Bedroom temperature")
PEOPLE = ("Tom", "Lisa")
HOUSE = Settings(
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
NAMES = sum(len(getattr(HOUSE.devices, kind)) for kind in Devices.__dataclass_fields__)


def often_first(dice: random.Random, choices: Sequence[str]) -> str:
    return dice.choices(choices, [1 / place for place in range(1, len(choices) + 1)])[0]


def state_of_one(dice: random.Random) -> str:
    kinds = ((LIGHTS, ("on", "off")), (LOCKS, ("locked", "unlocked")), (COVERS, ("open", "closed")))
    names, states = dice.choice((*kinds, (SWITCHES, ("on", "off")), (WINDOWS, ("open", "closed"))))
    name = often_first(dice, names)
    return f"{name[0]}{name[1:].lower()} is {dice.choice(states)}"


def reading(dice: random.Random) -> str:
    if dice.random() < 0.2:
        return f"Bathroom humidity is {dice.randint(40, 65)} %"
    return f"{often_first(dice, ROOMS)} is {dice.gauss(21, 1.2):.1f} °C"


def listed(dice: random.Random) -> str:
    names = sorted(name for name in dice.choice((LIGHTS, LOCKS, COVERS)) if dice.random() < 0.3)
    if not names:
        return dice.choice(("Not any", "No"))
    every = " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0]
    return dice.choice((every, f"Yes, {every}"))


def done(dice: random.Random) -> str:
    usual = ("Turned on the light", "Turned off the light", "Turned on the lights", "Turned off the lights")
    seldom = ("Brightness set", "Paused", "Opening", "Closing", "Volume set", "Locking", "Activated", "Playing next")
    rare = ("Turned on the switch", "Turned off the fan", "Turned on the media player", "Color set", "Started")
    return often_first(dice, (*usual, *seldom, *rare))


def answered(dice: random.Random) -> str:
    yes_or_no = ("Yes", "No, off", "No, on", "No, unlocked", "No, closed", "No, open")
    where = tuple(f"{name} is at home" for name in PEOPLE)
    return dice.choice((*yes_or_no, *where, "2", "0", "Sorry, I couldn't understand that"))


def devices(dice: random.Random) -> str:
    kinds = (done, answered, state_of_one, reading, listed)
    said: Callable[[random.Random], str] = dice.choices(kinds, (50, 15, 20, 10, 5))[0]
    return said(dice)


def time_of_day(dice: random.Random) -> str:
    hour, minute = dice.randint(7, 22), dice.randint(0, 59)
    return f"{(hour - 1) % 12 + 1}:{minute:02d} {'AM' if hour < 12 else 'PM'}"


def timer(dice: random.Random) -> str:
    minutes = dice.choice((1, 2, 3, 4, 5, 5, 5, 6, 7, 8, 9, 10, 10, 10, 12, 15, 15, 20, 25, 30, 40, 45))
    what = f"{minutes} minute{'s' if minutes > 1 else ''}"
    half = dice.choice(("", " and 30 seconds"))
    return dice.choice((f"Timer set for {what}", f"Timer set for {what}", f"{what}{half} left.", "Timer cancelled"))


def temperature(dice: random.Random) -> str:
    if dice.random() < 0.3:
        return f"Temperature set to {dice.choice((18, 19, 19.5, 20, 20.5, 21, 21.5, 22, 23))} degrees"
    return f"{dice.choice((17.5, 18, 18.5, 19, 19.5, 20, 20.5, 21, 21.5, 22, 22.5, 23, 24))} degrees"


def everyday(dice: random.Random) -> str:
    said: Callable[[random.Random], str] = dice.choice((time_of_day, timer, temperature))
    return said(dice)


def share_of(drawn: Sequence[str], phrases: Sequence[str]) -> float:
    known = {text.lower() for text in phrases}  # which is all the same to the voice
    return sum(text.lower() in known for text in drawn) / len(drawn)


@pytest.fixture(scope="module")
def phrases() -> list[str]:
    found = HomeAssistant(HOUSE, Clock(), logging.getLogger()).phrases(HEART)
    return [phrase.text for phrase in sorted(found, key=lambda phrase: -phrase.requests_per_day)]


@pytest.mark.parametrize(
    ("made", "of_devices", "of_everyday"),
    [
        pytest.param(1100, 0.92, 0.75, id="a quarter of an hour at half speed"),
        pytest.param(2000, 0.97, 0.98, id="a quarter of an hour at full speed"),
        pytest.param(5000, 0.99, 0.99, id="half an hour"),
    ],
)
def test_most_of_a_day_is_there_before(phrases: list[str], made: int, of_devices: float, of_everyday: float) -> None:
    dice = random.Random(20260103)
    assert NAMES == 25
    assert share_of([devices(dice) for _ in range(4000)], phrases[:made]) >= of_devices
    assert share_of([everyday(dice) for _ in range(2000)], phrases[:made]) >= of_everyday


def test_a_day_is_small_enough_to_be_kept(phrases: list[str]) -> None:
    """About 15 characters are a second, and a second is 30 kB."""
    assert len(phrases) < 4000
    assert sum(map(len, phrases)) / 15 * 30_000 < 120_000_000
