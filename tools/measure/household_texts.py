"""The requests of a household in a day: responses of Home Assistant, announcements, and texts of a language model.

The responses are rendered from the templates of `home_assistant_intents`, with untranslated states (`on`, `not_home`)
and collapsed whitespace, as Home Assistant does. A seeded generator draws them. Lists begin with the most frequent
item; the n-th item is drawn 1/n times as often as the first.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from types import MappingProxyType
from typing import Any, Literal, TypeVar

import jinja2
from home_assistant_intents import get_intents

T = TypeVar("T")
Share = Literal["answers", "times", "announcements", "free"]
Variables = Mapping[str, Any]

SHARES: Mapping[Share, int] = MappingProxyType({"answers": 180, "times": 60, "announcements": 30, "free": 30})
"""Requests per day of each share."""

LIGHTS = "Kitchen light, Living room lamp, Bedroom lamp, Hall light, Desk lamp, Bathroom light, Porch light"
DEVICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "light": (*LIGHTS.split(", "), "Stairs light", "Attic light"),
        "switch": ("Coffee machine", "Heated blanket", "Garden pump"),
        "lock": ("Front door", "Back door"),
        "cover": ("Living room blinds", "Garage door", "Bedroom curtains"),
        "door": ("Patio door", "Cellar door"),
        "window": ("Bathroom window", "Attic window"),
        "climate": ("Hallway thermostat",),
        "media_player": ("Living room speaker",),
        "vacuum": ("Rosie",),
        "person": ("Anna",),
        "temperature": ("Living room temperature",),
    }
)
AREAS = ("Kitchen", "Living room", "Bedroom", "Hallway", "Bathroom", "Garage", "Garden")
STATES: Mapping[str, str] = MappingProxyType(
    {
        "light": "off off on",
        "switch": "off on",
        "lock": "locked locked locked unlocked",
        "cover": "closed open open",
        "door": "off off off on",
        "window": "off off on",
        "climate": "heat heat off",
        "media_player": "off idle playing paused",
        "vacuum": "docked docked docked cleaning",
        "person": "home home not_home Work",
    }
)
"""The states of each kind, repeated by frequency. Doors and windows are `on` when they are open."""
GROUPS = "light on on, window open on, lock locked locked, door closed off, cover open open, light off off"
"""Questions about all devices of a kind: kind, spoken state, stored state."""
ITEMS = "milk, eggs, bread, coffee, bananas, butter, toilet paper, olive oil, cat food, onions, rye flour, dish soap"
UNKNOWN = ("fairy lights", "aquarium", "guest lamp", "humidifier", "the thing in the corner", "bedroom light")
"""Names without a device."""
TIMER_NAMES = ("pizza", "laundry", "tea", "bread")

ANNOUNCEMENTS = (
    "The washing machine has finished.",
    "A visitor is at the front door.",
    "Dinner is ready, please come to the kitchen.",
    "The garage door has been open for ten minutes.",
    "It is time for bed. Please brush your teeth.",
    "The dryer is done. The laundry can be folded.",
    "Good morning! The coffee is ready.",
    "The paper bin is collected tomorrow.",
    "The freezer door is not closed.",
    "Rain is coming. Please close the attic window.",
)

QUESTIONS = (
    "HassTurnOn.default HassTurnOff.default HassTurnOff.lights_area HassTurnOn.lights_area HassLightSet.brightness"
    " HassGetState.one HassGetState.one_yesno HassTurnOff.cover HassTurnOn.cover HassMediaPause.default"
    " HassShoppingListAddItem.item_added HassSetVolumeRelative.default HassGetState.any HassTurnOn.lock"
    " HassTurnOff.light_all errors.no_intent HassMediaNext.default HassMediaUnpause.default HassGetState.all"
    " HassLightSet.color HassVacuumStart.default HassSetVolume.default HassTurnOff.lock errors.no_entity"
    " HassGetState.which HassSetPosition.default HassMediaSearchAndPlay.default HassTurnOff.cover_device_class"
    " HassTurnOn.scene HassGetState.where HassVacuumReturnToBase.default HassTurnOn.cover_device_class"
    " HassLightSet.temperature HassGetState.how_many HassListAddItem.item_added HassMediaPlayerMute.default"
    " HassTurnOn.light_all errors.no_device_class_in_area HassShoppingListCompleteItem.item_completed"
    " HassMediaPrevious.default HassTurnOn.script errors.duplicate_targets HassMediaPlayerUnmute.default"
    " HassVacuumCleanArea.default errors.no_area HassBroadcast.default errors.handle_error HassRespond.hello"
)
"""Templates of answers, the most frequent first."""
TIMES: Mapping[str, int] = MappingProxyType(
    {
        "HassGetCurrentTime.default": 15,
        "HassStartTimer.default": 14,
        "HassClimateGetTemperature.default": 7,
        "HassTimerStatus.default": 6,
        "HassClimateSetTemperature.default": 6,
        "HassGetWeather.default": 4,
        "HassGetState.one": 4,
        "HassCancelTimer.default": 4,
        "HassGetCurrentDate.default": 3,
        "HassIncreaseTimer.default": 2,
        "HassDecreaseTimer.default": 1,
        "HassPauseTimer.default": 1,
        "HassCancelAllTimers.default": 1,
    }
)
"""Templates with times, timers and temperatures, with their weights."""


@dataclass(frozen=True, slots=True)
class HouseholdRequest:
    """A text to synthesize."""

    share: Share
    kind: str
    """The name of the template, or another source."""
    text: str


@dataclass(frozen=True, slots=True)
class EntityState:
    """A device as templates see it."""

    name: str
    domain: str
    state: str
    attributes: Variables = field(default_factory=dict)
    entity_id: str = ""

    @property
    def state_with_unit(self) -> str:
        """The state with its unit, if it has one."""
        return f"{self.state} {self.attributes.get('unit_of_measurement', '')}".rstrip()


class RequestGenerator:
    """Draws the requests of a household."""

    def __init__(self, choice: random.Random, environment: jinja2.Environment) -> None:
        self._choice = choice
        self._environment = environment
        self._sky = choice.choice(("cloudy", "partlycloudy", "rainy", "sunny"))
        self._today = datetime.now(timezone.utc).astimezone().date()

    def answer(self) -> HouseholdRequest:
        """Return the response to a question or a command."""
        kind = self._draw_by_rank(QUESTIONS.split())
        return HouseholdRequest("answers", kind, self._render(kind, self._answer_variables().get(kind, dict)()))

    def time(self) -> HouseholdRequest:
        """Return a response with a time, a timer or a temperature."""
        kind = self._choice.choices(list(TIMES), list(TIMES.values()))[0]
        return HouseholdRequest("times", kind, self._render(kind, self._time_variables().get(kind, dict)()))

    def announcement(self) -> HouseholdRequest:
        """Return the announcement of an automation."""
        return HouseholdRequest("announcements", "announcement", self._choice.choice(ANNOUNCEMENTS))

    def _render(self, kind: str, variables: Variables) -> str:
        return " ".join(self._environment.get_template(kind).render(**variables).split())

    def _answer_variables(self) -> Mapping[str, Callable[[], Variables]]:
        switches = ("light", "switch", "climate", "media_player", "vacuum")
        added = ("HassShoppingListAddItem.item_added", "HassListAddItem.item_added")
        items = (*added, "HassShoppingListCompleteItem.item_completed")
        groups = [f"HassGetState.{key}" for key in ("any", "all", "which", "how_many")]
        return {
            **dict.fromkeys(groups, self._group),
            **dict.fromkeys(items, lambda: {"slots": {"item": self._draw_by_rank(ITEMS.split(", "))}}),
            **dict.fromkeys(("HassTurnOn.default", "HassTurnOff.default"), lambda: {"state": self._device(*switches)}),
            **dict.fromkeys((f"HassTurn{way}.cover_device_class" for way in ("On", "Off")), self._cover_class),
            "HassGetState.one": lambda: self._named("light", "switch", "lock", "cover", "climate", "media_player"),
            "HassGetState.one_yesno": self._whether,
            "HassGetState.where": lambda: self._query("matched", self._named("person")),
            "HassMediaSearchAndPlay.default": lambda: {"slots": {"media": self._choice.random() < 0.8}},
            "HassVacuumCleanArea.default": lambda: {"slots": {"area": self._draw_by_rank(AREAS)}},
            "errors.no_entity": lambda: {"entity": self._draw_by_rank(UNKNOWN)},
            "errors.no_area": lambda: {"area": self._choice.choice(("conservatory", "office"))},
            "errors.no_device_class_in_area": lambda: {"device_class": "window", "area": self._draw_by_rank(AREAS)},
        }

    def _time_variables(self) -> Mapping[str, Callable[[], Variables]]:
        return {
            "HassGetCurrentTime.default": self._clock,
            "HassGetCurrentDate.default": lambda: {"slots": {"date": self._today}},
            "HassStartTimer.default": lambda: {"slots": self._duration() | self._timer_name()},
            "HassIncreaseTimer.default": lambda: {"slots": {"minutes": self._choice.choice(("1", "2", "5", "10"))}},
            "HassDecreaseTimer.default": lambda: {"slots": {"minutes": self._choice.choice(("1", "2", "5"))}},
            "HassCancelAllTimers.default": lambda: {"slots": {"canceled": self._choice.randint(0, 3)}},
            "HassTimerStatus.default": self._timers,
            "HassClimateGetTemperature.default": lambda: {
                "state": EntityState("", "climate", self._room_temperature())
            },
            "HassClimateSetTemperature.default": lambda: {"slots": {"temperature": self._target_temperature()}},
            "HassGetWeather.default": self._weather,
            "HassGetState.one": self._sensor,
        }

    # Devices

    def _draw_by_rank(self, items: Sequence[T]) -> T:
        return self._choice.choices(items, [1 / rank for rank in range(1, len(items) + 1)])[0]

    def _device(self, *domains: str) -> EntityState:
        domain, name = self._draw_by_rank([(domain, name) for domain in domains for name in DEVICES[domain]])
        return EntityState(name, domain, self._choice.choice(STATES[domain].split()))

    def _named(self, *domains: str) -> Variables:
        device = self._device(*domains)
        return {"slots": {"name": device.name}, "state": device}

    def _query(self, outcome: Literal["matched", "unmatched"], variables: Variables) -> Variables:
        return {**variables, "query": {"matched": [], "unmatched": [], outcome: [variables["state"]]}}

    def _whether(self) -> Variables:
        variables = self._named("lock", "light", "cover", "door", "window", "switch", "person")
        asked = self._choice.choice(STATES[variables["state"].domain].split())
        return self._query("matched" if variables["state"].state == asked else "unmatched", variables)

    def _group(self) -> Variables:
        domain, spoken, stored = self._draw_by_rank(GROUPS.split(", ")).split()
        states = [EntityState(name, domain, self._choice.choice(STATES[domain].split())) for name in DEVICES[domain]]
        matched = [state for state in states if state.state == stored]
        unmatched = [state for state in states if state.state != stored]
        return {"slots": {"state": spoken}, "query": {"matched": matched, "unmatched": unmatched}}

    def _cover_class(self) -> Variables:
        return {"slots": {"device_class": self._draw_by_rank(("blinds", "curtains", "garage door", "shutters"))}}

    # Times, timers and temperatures

    def _clock(self) -> Variables:
        hour, minute = divmod(self._choice.randint(6 * 60 + 30, 23 * 60 + 30), 60)
        return {"slots": {"time": {"hour": hour, "minute": minute}}}

    def _duration(self) -> dict[str, str]:
        hours = self._choice.choice(({"hours": "1"}, {"hours": "2"}, {"hours": "1", "minutes": "30"}))
        usual = {"minutes": self._draw_by_rank(("10", "5", "15", "20", "30"))}
        odd = {"minutes": str(self._choice.randint(1, 60))}
        return self._choice.choices((usual, odd, hours), (60, 30, 10))[0]

    def _timer_name(self) -> dict[str, str]:
        return {"name": self._draw_by_rank(TIMER_NAMES)} if self._choice.random() < 0.2 else {}

    def _timers(self) -> Variables:
        count = self._choice.choice((0, 1, 1, 1, 1, 2))
        return {"slots": {"timers": [self._timer() for _ in range(count)]}}

    def _timer(self) -> Variables:
        """Return a timer. The remaining time is rounded to half a minute, and to ten seconds in the last minute."""
        minutes = int(self._draw_by_rank(("10", "5", "15", "20", "30")))
        left = self._choice.randint(1, 60 * minutes)
        rounded = (left + 15) // 30 * 30 if left >= 60 else max(left // 10 * 10, min(left, 9))
        started = {"start_hours": 0, "start_minutes": minutes, "start_seconds": 0, "is_active": True}
        shown = {"rounded_hours_left": 0, "rounded_minutes_left": rounded // 60, "rounded_seconds_left": rounded % 60}
        return {**started, **shown, "total_seconds_left": left, "name": self._timer_name().get("name", "")}

    def _room_temperature(self) -> str:
        return f"{self._choice.randint(170, 249) / 10}"

    def _target_temperature(self) -> str:
        return f"{self._choice.randint(34, 48) / 2:g}"

    def _weather(self) -> Variables:
        attributes = {"temperature": round(self._choice.gauss(11, 2.5), 1), "temperature_unit": "°C"}
        return {"state": EntityState("Home", "weather", self._sky, attributes)}

    def _sensor(self) -> Variables:
        (name,) = DEVICES["temperature"]
        return {
            "slots": {"name": name},
            "state": EntityState(name, "sensor", self._room_temperature(), {"unit_of_measurement": "°C"}),
        }


def response_templates() -> jinja2.Environment:
    """Return the templates of Home Assistant's responses, by names such as `HassTurnOn.default`."""
    english = get_intents("en")
    assert english
    responses = english["responses"]
    intents = {**responses["intents"], "errors": responses["errors"]}
    sources = {f"{intent}.{key}": answer for intent, answers in intents.items() for key, answer in answers.items()}
    # The text is spoken, not HTML.
    environment = jinja2.Environment(loader=jinja2.DictLoader(sources), autoescape=False)
    environment.globals["state_attr"] = lambda _, __: None
    return environment


def day(seed: int, free: Sequence[str], templates: jinja2.Environment | None = None) -> list[HouseholdRequest]:
    """Return the shuffled requests of a day. Each text of `free` occurs once.

    `templates` from `response_templates` saves the time to compile them for each day.
    """
    choice = random.Random(seed)
    requests = [
        *_draw_requests(RequestGenerator(choice, templates or response_templates())),
        *(HouseholdRequest("free", "free text", text) for text in free),
    ]
    choice.shuffle(requests)
    return requests


def _draw_requests(household: RequestGenerator) -> Iterator[HouseholdRequest]:
    asks: Mapping[Share, Callable[[], HouseholdRequest]] = {
        "answers": household.answer,
        "times": household.time,
        "announcements": household.announcement,
    }
    for share, ask in asks.items():
        yield from (ask() for _ in range(SHARES[share]))
