"""What Home Assistant says when it was told to do something."""

from __future__ import annotations

from collections.abc import Iterator

from wyoming_kokoro_warmup.template_contexts import DeviceState, Household, TemplateContext, context, ranked, spread

SWITCHED = {"light": 0.55, "switch": 0.2, "fan": 0.1, "media_player": 0.1, "climate": 0.05}
"""What one turns on and off by name."""
DOMAINS = (
    "alarm_control_panel", "automation", "button", "camera", "climate", "fan", "humidifier", "input_boolean",
    "input_button", "lawn_mower", "light", "media_player", "remote", "siren", "switch", "vacuum", "water_heater",
)  # fmt: skip
OPENED_CLASSES = ("blind", "curtain", "garage door", "shutter", "shade", "window", "door", "gate", "awning")
OPTIONS = 4
"""So many lights and rooms are told apart by what they are set to."""


def switched(household: Household, key: str) -> Iterator[TemplateContext]:
    """Return the scenes of `HassTurnOn` and `HassTurnOff`."""
    yield context(0.3)
    if key == "default":
        yield from _turned(household)
    elif "device_class" in key:
        yield from _classes(household)
    else:
        yield from _by_name(household, key)
        yield from in_areas(household, key)


def _turned(household: Household) -> Iterator[TemplateContext]:
    for domain in DOMAINS:
        yield context(SWITCHED.get(domain, 0.01) / 2, {}, [DeviceState(domain=domain)])
        for name, often in ranked(household.names.get(domain, ())):
            yield context(SWITCHED.get(domain, 0.01) * often / 2, {"name": name}, [DeviceState(name, domain)])


def _by_name(household: Household, key: str) -> Iterator[TemplateContext]:
    for name, often in ranked(household.names.get(key, ())):
        yield context(0.3 * often, {"name": name}, [DeviceState(name, key)])


def _classes(household: Household) -> Iterator[TemplateContext]:
    for word, often in ranked(household.words.get("cover_classes", OPENED_CLASSES)):
        yield context(0.1 * often, {"device_class": word})


def in_areas(household: Household, key: str) -> Iterator[TemplateContext]:  # noqa: ARG001 a grammar is asked with both
    """Return a scene an area."""
    for area, often in ranked(household.areas):
        yield context(0.3 * often, {"area": area, "floor": area})


def positions(household: Household, key: str) -> Iterator[TemplateContext]:
    """Return the scenes of what is set: brightness, colour, position, speed, volume."""
    yield context(0.5)
    if "device_class" in key:
        yield from _classes(household)
    percents = {percent: 1.0 if percent % 50 == 0 else 0.5 for percent in range(10, 101, 10)}
    whom: list[tuple[dict[str, object], float]] = [({}, 1.0)]
    whom += [({"name": name}, often) for name, often in ranked(household.names.get("light", ())[:OPTIONS])]
    whom += [({"area": area}, often) for area, often in ranked(household.areas[:OPTIONS])]
    for slots, often in whom:
        for percent, share in spread(percents).items():
            number = dict.fromkeys(("brightness", "percentage", "position", "volume_level"), str(percent))
            yield context(0.2 * share * often, {**slots, **number})
        for color, share in ranked(household.words.get("color", ())):
            yield context(0.02 * share * often, {**slots, "color": color})
