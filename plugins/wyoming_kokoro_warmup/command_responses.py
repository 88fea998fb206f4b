"""Contexts of responses to commands."""

from __future__ import annotations

from collections.abc import Iterator

from wyoming_kokoro_warmup.template_contexts import (
    DeviceState,
    Household,
    TemplateContext,
    make_context,
    normalize,
    weigh_by_rank,
)

SWITCHED_DOMAINS = {"light": 0.55, "switch": 0.2, "fan": 0.1, "media_player": 0.1, "climate": 0.05}
DOMAINS = (
    "alarm_control_panel", "automation", "button", "camera", "climate", "fan", "humidifier", "input_boolean",
    "input_button", "lawn_mower", "light", "media_player", "remote", "siren", "switch", "vacuum", "water_heater",
)  # fmt: skip
COVER_CLASSES = ("blind", "curtain", "garage door", "shutter", "shade", "window", "door", "gate", "awning")
MAX_TARGETS = 4
# The most frequent items first.
SHOPPING_ITEMS = (
    "milk", "eggs", "bread", "butter", "bananas", "cheese", "coffee", "toilet paper", "chicken", "apples", "tomatoes",
    "potatoes", "onions", "yogurt", "rice", "pasta", "sugar", "flour", "salt", "orange juice", "lettuce", "carrots",
    "paper towels", "dish soap", "dog food", "cat food", "tea", "water", "cereal", "ground beef", "bacon", "lemons",
    "garlic", "avocados", "strawberries", "olive oil", "honey", "laundry detergent", "shampoo", "toothpaste",
    "trash bags", "batteries", "light bulbs", "beer", "wine", "chips", "cookies", "chocolate", "ice cream", "cream",
    "mushrooms", "peppers", "cucumbers", "broccoli", "spinach", "fish", "ham",
)  # fmt: skip


def switch_contexts(household: Household, key: str) -> Iterator[TemplateContext]:
    """Return the contexts of `HassTurnOn` and `HassTurnOff`."""
    yield make_context(0.3)
    if key == "default":
        for domain in DOMAINS:
            share = SWITCHED_DOMAINS.get(domain, 0.01)
            yield make_context(share / 2, {}, [DeviceState(domain=domain)])
            for name, weight in weigh_by_rank(household.names.get(domain, ())):
                yield make_context(share * weight / 2, {"name": name}, [DeviceState(name, domain)])
    elif "device_class" in key:
        yield from _cover_classes(household)
    else:
        for name, weight in weigh_by_rank(household.names.get(key, ())):
            yield make_context(0.3 * weight, {"name": name}, [DeviceState(name, key)])
        yield from area_contexts(household, key)


def _cover_classes(household: Household) -> Iterator[TemplateContext]:
    for word, weight in weigh_by_rank(household.words.get("cover_classes", COVER_CLASSES)):
        yield make_context(0.1 * weight, {"device_class": word})


def area_contexts(household: Household, key: str) -> Iterator[TemplateContext]:  # noqa: ARG001 a ContextFactory
    """Return one context for each area."""
    for area, weight in weigh_by_rank(household.areas):
        yield make_context(0.3 * weight, {"area": area, "floor": area})


def position_contexts(household: Household, key: str) -> Iterator[TemplateContext]:
    """Return the contexts of commands that set a brightness, color, position, speed or volume."""
    yield make_context(0.5)
    if "device_class" in key:
        yield from _cover_classes(household)
    percents = {percent: 1.0 if percent % 50 == 0 else 0.5 for percent in range(10, 101, 10)}
    lights = weigh_by_rank(household.names.get("light", ())[:MAX_TARGETS])
    areas = weigh_by_rank(household.areas[:MAX_TARGETS])
    named = [({"name": name}, weight) for name, weight in lights]
    named += [({"area": area}, weight) for area, weight in areas]
    for slots, weight in [({}, 1.0), *named]:
        for percent, share in normalize(percents).items():
            number = dict.fromkeys(("brightness", "percentage", "position", "volume_level"), str(percent))
            yield make_context(0.2 * share * weight, {**slots, **number})
        for color, share in weigh_by_rank(household.words.get("color", ())):
            yield make_context(0.02 * share * weight, {**slots, "color": color})


def shopping_contexts(household: Household, key: str) -> Iterator[TemplateContext]:  # noqa: ARG001 a ContextFactory
    """Return the contexts of adding an item to a list."""
    for item, weight in weigh_by_rank(household.words.get("shopping_items", ())):
        yield make_context(weight, {"item": item})
