"""What Home Assistant says about the states of a house's devices, by their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import prod

from wyoming_kokoro_warmup.template_contexts import (
    ComparableState,
    DeviceState,
    Household,
    TemplateContext,
    bell,
    context,
    plain,
    ranked,
    spread,
)

ASKED = 0.3
"""How often the first device of a kind is asked about, of all the times that a device is."""
LISTED = (1, 2, 3)
"""So many devices are listed by their names; more are rare, and there are too many ways."""
PAIRED, TOGETHER = 6, 4
"""So many of the first devices of a kind are listed by twos, and by threes."""
MOST_COUNTED = 10


@dataclass(frozen=True, slots=True)
class DeviceKind:
    """Devices that are asked about in the same way."""

    domain: str
    states: Mapping[str, float]
    """Each state as Home Assistant words it, with its share."""
    unit: str = ""
    asked: float = ASKED
    words: Sequence[str] = ()
    """What is asked for by name, as in "is everything closed"."""


ON_OFF = {"on": 0.5, "off": 0.5}
OPEN_CLOSED = {"closed": 0.5, "open": 0.4, "opening": 0.05, "closing": 0.05}
# A sensor of a window is "on" to Home Assistant; "open" is what it was said as for years.
OPENING = {"closed": 0.35, "open": 0.25, "off": 0.2, "on": 0.2}
PRESENCE = {"clear": 0.3, "detected": 0.3, "off": 0.2, "on": 0.2}
CLIMATE = {"heat": 0.4, "off": 0.3, "auto": 0.1, "cool": 0.1, "heat_cool": 0.05, "dry": 0.05}
PLAYER = {"playing": 0.4, "paused": 0.2, "idle": 0.2, "off": 0.15, "on": 0.05}
WHEREABOUTS = {"home": 0.5, "not_home": 0.4, "Work": 0.05, "School": 0.05}


def kinds(fahrenheit: bool) -> dict[str, DeviceKind]:
    """Return the kinds of devices, by the names that they have in the configuration."""
    return {
        "light": DeviceKind("light", ON_OFF, words=("on", "off")),
        "switch": DeviceKind("switch", ON_OFF, words=("on", "off")),
        "fan": DeviceKind("fan", ON_OFF, words=("on", "off")),
        "cover": DeviceKind("cover", OPEN_CLOSED, words=("closed", "open")),
        "lock": DeviceKind("lock", {"locked": 0.6, "unlocked": 0.4}, words=("locked", "unlocked")),
        "valve": DeviceKind("valve", {"closed": 0.6, "open": 0.4}),
        "door": DeviceKind("binary_sensor", OPENING, words=("closed", "open")),
        "window": DeviceKind("binary_sensor", OPENING, words=("closed", "open")),
        "motion": DeviceKind("binary_sensor", PRESENCE),
        "climate": DeviceKind("climate", CLIMATE),
        "media_player": DeviceKind("media_player", PLAYER),
        "vacuum": DeviceKind("vacuum", {"docked": 0.5, "cleaning": 0.3, "returning": 0.1, "idle": 0.1}),
        "person": DeviceKind("person", WHEREABOUTS, words=("home",)),
        "temperature": _temperature(fahrenheit),
        "humidity": DeviceKind("sensor", _numbers(range(20, 91), 50, 12), "%", ASKED / 2),
        "battery": DeviceKind("sensor", _numbers(range(101), 80, 40), "%", ASKED / 2),
    }


def _temperature(fahrenheit: bool) -> DeviceKind:
    middle, width, unit = (70.0, 4.0, "°F") if fahrenheit else (21.0, 2.0, "°C")
    steps = range(round((middle - 3 * width) * 10), round((middle + 3 * width) * 10) + 1)
    shares = bell((step / 10 for step in steps), middle, width)
    return DeviceKind("sensor", {f"{value:.1f}": share for value, share in shares.items()}, unit, ASKED / 2)


def _numbers(values: range, middle: float, width: float) -> dict[str, float]:
    return {f"{value:.0f}": share for value, share in bell(values, middle, width).items()}


def states(household: Household, key: str) -> Iterator[TemplateContext]:
    """Return the scenes of `HassGetState`, by what the key of the response has in it."""
    for part, grammar in STATES.items():
        if part in key:
            return grammar(household)
    return plain(household, key)


def _known(household: Household) -> Iterator[tuple[DeviceKind, Sequence[str]]]:
    for name, kind in kinds(household.fahrenheit).items():
        if household.names.get(name):
            yield kind, household.names[name]


def _one(household: Household) -> Iterator[TemplateContext]:
    for kind, names in _known(household):
        for name, often in ranked(names):
            for word, share in kind.states.items():
                state = DeviceState(name, kind.domain, word, kind.unit)
                yield context(kind.asked * often * share, {"name": name}, [state])


def _yes_or_no(household: Household) -> Iterator[TemplateContext]:
    for kind, names in _known(household):
        for name, often in ranked(names if kind.domain != "sensor" else ()):
            slots = {"name": name}
            for word, share in kind.states.items():
                state = DeviceState(name, kind.domain, word)
                yield context(ASKED * often * share / 2, slots, [state])
                yield context(ASKED * often * share / 2, slots, [], [state])


def _several(household: Household) -> Iterator[tuple[DeviceKind, str, Sequence[DeviceState], float]]:
    """Return the devices of a kind that are in a state, as lists, each with the word that was asked for."""
    for kind, names in _known(household):
        for word in kind.words:
            for group, share in _groups(names):
                found = [DeviceState(name, kind.domain, word) for name in group]
                yield kind, word, found, ASKED * share / len(kind.words)


def _groups(names: Sequence[str]) -> Iterator[tuple[Sequence[str], float]]:
    often = dict(ranked(names))
    yield (), 1.0
    for size, among in zip(LISTED, (len(names), PAIRED, TOGETHER), strict=True):
        for group in combinations(names[:among], size):
            yield group, prod(often[name] for name in group) / 2


def _which(household: Household) -> Iterator[TemplateContext]:
    yield context(0.1)
    for kind, word, found, share in _several(household):
        other = () if found else [DeviceState("", kind.domain, word)]
        yield context(share, {"state": word}, found, other)


def _all(household: Household) -> Iterator[TemplateContext]:
    yield context(0.1)
    for _, word, found, share in _several(household):
        yield context(share, {"state": word}, [], found)


def _how_many(household: Household) -> Iterator[TemplateContext]:  # noqa: ARG001 any house has so many
    counts = spread({count: 1 / (count + 1) for count in range(MOST_COUNTED + 1)})
    for count, share in counts.items():
        yield context(share, {}, [DeviceState(domain="light", state="on")] * count)


def _where(household: Household) -> Iterator[TemplateContext]:
    for name, often in ranked(household.names.get("person", ())):
        for word, share in WHEREABOUTS.items():
            for kind in (DeviceState, ComparableState):
                yield context(often * share / 2, {"name": name}, [kind(name, "person", word)])


STATES = {
    "one_yesno": _yes_or_no,
    "how_many": _how_many,
    "which": _which,
    "where": _where,
    "any": _which,
    "all": _all,
    "one": _one,
    "default": _one,
}
"""By a part of the response's key; the first that fits counts. Languages have keys of their own: `cover_any`."""
