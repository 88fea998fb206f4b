"""Contexts of responses about the states of devices."""

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
    make_context,
    normalize,
    sensor_readings,
    weigh_by_rank,
)

# The share of the questions that are about the first device of a kind.
FIRST_DEVICE_SHARE = 0.3
# Responses list at most three devices; longer lists are rare and have too many combinations.
LIST_SIZES = (1, 2, 3)
MAX_DEVICES_OF_PAIRS, MAX_DEVICES_OF_TRIPLES = 6, 4
MAX_COUNT = 10


@dataclass(frozen=True, slots=True)
class DeviceKind:
    """Devices with the same questions."""

    domain: str
    states: Mapping[str, float]
    """Each state in the wording of Home Assistant, with its share."""
    unit: str = ""
    share: float = FIRST_DEVICE_SHARE
    words: Sequence[str] = ()
    """States in questions about all devices, such as "is everything closed"."""


ON_OFF = {"on": 0.5, "off": 0.5}
OPEN_CLOSED = {"closed": 0.5, "open": 0.4, "opening": 0.05, "closing": 0.05}
# The state of a window sensor is "on"; older versions of Home Assistant say "open".
OPENING = {"closed": 0.35, "open": 0.25, "off": 0.2, "on": 0.2}
PRESENCE = {"clear": 0.3, "detected": 0.3, "off": 0.2, "on": 0.2}
CLIMATE = {"heat": 0.4, "off": 0.3, "auto": 0.1, "cool": 0.1, "heat_cool": 0.05, "dry": 0.05}
PLAYER = {"playing": 0.4, "paused": 0.2, "idle": 0.2, "off": 0.15, "on": 0.05}
LOCATIONS = {"home": 0.5, "not_home": 0.4, "Work": 0.05, "School": 0.05}


def device_kinds(fahrenheit: bool) -> dict[str, DeviceKind]:
    """Return the kinds of devices by their keys in `[plugins.warmup.devices]`."""
    sensor_share = FIRST_DEVICE_SHARE / 2
    center, width, unit = (70, 4, "°F") if fahrenheit else (21, 2, "°C")
    tenths = range(10 * (center - 3 * width), 10 * (center + 3 * width) + 1)
    temperatures = sensor_readings((tenth / 10 for tenth in tenths), center, width)
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
        "person": DeviceKind("person", LOCATIONS, words=("home",)),
        "temperature": DeviceKind("sensor", temperatures, unit, sensor_share),
        "humidity": DeviceKind("sensor", sensor_readings(range(20, 91), 50, 12), "%", sensor_share),
        "battery": DeviceKind("sensor", sensor_readings(range(101), 80, 40), "%", sensor_share),
    }


def state_contexts(household: Household, key: str) -> Iterator[TemplateContext]:
    """Return the contexts of `HassGetState`, by the words in the response key."""
    for part, contexts in CONTEXTS_BY_KEY_PART.items():
        if part in key:
            return contexts(household)
    return iter((make_context(1.0),))


def _named_kinds(household: Household) -> Iterator[tuple[DeviceKind, Sequence[str]]]:
    for name, kind in device_kinds(household.fahrenheit).items():
        if household.names.get(name):
            yield kind, household.names[name]


def _single_device(household: Household) -> Iterator[TemplateContext]:
    for kind, names in _named_kinds(household):
        for name, weight in weigh_by_rank(names):
            for word, share in kind.states.items():
                state = DeviceState(name, kind.domain, word, kind.unit)
                yield make_context(kind.share * weight * share, {"name": name}, [state])


def _yes_or_no(household: Household) -> Iterator[TemplateContext]:
    for kind, names in _named_kinds(household):
        for name, weight in weigh_by_rank(names if kind.domain != "sensor" else ()):
            slots = {"name": name}
            for word, state_share in kind.states.items():
                state = DeviceState(name, kind.domain, word)
                share = FIRST_DEVICE_SHARE * weight * state_share / 2
                yield make_context(share, slots, [state])
                yield make_context(share, slots, [], [state])


def _device_lists(household: Household) -> Iterator[tuple[DeviceKind, str, Sequence[DeviceState], float]]:
    """Yield kind, state, devices in that state, and share."""
    for kind, names in _named_kinds(household):
        for word in kind.words:
            for group, share in _name_groups(names):
                devices = [DeviceState(name, kind.domain, word) for name in group]
                yield kind, word, devices, FIRST_DEVICE_SHARE * share / len(kind.words)


def _name_groups(names: Sequence[str]) -> Iterator[tuple[Sequence[str], float]]:
    weights = dict(weigh_by_rank(names))
    yield (), 1.0
    max_devices = (len(names), MAX_DEVICES_OF_PAIRS, MAX_DEVICES_OF_TRIPLES)
    for size, count in zip(LIST_SIZES, max_devices, strict=True):
        for group in combinations(names[:count], size):
            yield group, prod(weights[name] for name in group) / 2


def _any_device(household: Household) -> Iterator[TemplateContext]:
    yield make_context(0.1)
    for kind, word, devices, share in _device_lists(household):
        unmatched = () if devices else [DeviceState("", kind.domain, word)]
        yield make_context(share, {"state": word}, devices, unmatched)


def _all_devices(household: Household) -> Iterator[TemplateContext]:
    yield make_context(0.1)
    for _, word, devices, share in _device_lists(household):
        yield make_context(share, {"state": word}, [], devices)


def _device_counts(household: Household) -> Iterator[TemplateContext]:  # noqa: ARG001 same signature as its neighbors
    counts = normalize({count: 1 / (count + 1) for count in range(MAX_COUNT + 1)})
    for count, share in counts.items():
        yield make_context(share, {}, [DeviceState(domain="light", state="on")] * count)


def _locations(household: Household) -> Iterator[TemplateContext]:
    for name, weight in weigh_by_rank(household.names.get("person", ())):
        for word, share in LOCATIONS.items():
            for state_class in (DeviceState, ComparableState):
                yield make_context(weight * share / 2, {"name": name}, [state_class(name, "person", word)])


# The first part that occurs in the key counts. Some languages have keys of their own, such as `cover_any`.
CONTEXTS_BY_KEY_PART = {
    "one_yesno": _yes_or_no,
    "how_many": _device_counts,
    "which": _any_device,
    "where": _locations,
    "any": _any_device,
    "all": _all_devices,
    "one": _single_device,
    "default": _single_device,
}
