"""What people ask a voice assistant for, and how often: a guess at an ordinary house, which learning corrects."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

from wyoming_kokoro_warmup.command_responses import in_areas, positions, switched
from wyoming_kokoro_warmup.shopping import added
from wyoming_kokoro_warmup.state_responses import states
from wyoming_kokoro_warmup.template_contexts import Grammar, Household, TemplateContext, context, plain, ranked, spread
from wyoming_kokoro_warmup.time_responses import (
    cancelled,
    new_timers,
    room_temperatures,
    set_temperatures,
    timer_changes,
    timer_status,
    weather,
)

SELDOM = 0.1
"""Times a day, of an intent or an error that is not listed."""

INTENTS: Mapping[str, float] = MappingProxyType(
    {
        "HassTurnOn": 10.0,
        "HassTurnOff": 10.0,
        "HassGetState": 6.0,
        "HassStartTimer": 2.5,
        "HassLightSet": 2.0,
        "HassClimateGetTemperature": 1.5,
        "HassTimerStatus": 1.0,
        "HassSetVolume": 1.0,
        "HassSetVolumeRelative": 1.0,
        "HassGetWeather": 0.7,
        "HassClimateSetTemperature": 0.7,
        "HassCancelTimer": 0.7,
        "HassMediaPause": 0.7,
        "HassMediaUnpause": 0.7,
        "HassMediaNext": 0.5,
        "HassSetPosition": 0.5,
        "HassShoppingListAddItem": 0.5,
        "HassNevermind": 0.5,
        "HassGetCurrentDate": 0.5,
        "HassBroadcast": 0.3,
        "HassCancelAllTimers": 0.2,
    }
)
"""Times a day."""

KEYS: Mapping[str, float] = MappingProxyType(
    {
        "default": 4.0,
        "lights_area": 3.0,
        "one": 3.0,
        "one_yesno": 3.0,
        "brightness": 3.0,
        "how_many": 0.5,
        "cover_device_class": 0.3,
        "lights_floor": 0.3,
        "area": 0.2,
        "valve": 0.2,
        "command": 0.1,
    }
)
"""How often an intent is answered with this response, beside its others; those that are not listed count one."""

ERRORS: Mapping[str, float] = MappingProxyType({"no_intent": 2.0, "handle_error": 0.3, "timer_not_found": 0.2})

GRAMMARS: Mapping[str, Grammar] = MappingProxyType(
    {
        "HassCancelAllTimers": cancelled,
        "HassClimateGetTemperature": room_temperatures,
        "HassClimateSetTemperature": set_temperatures,
        "HassDecreaseTimer": timer_changes,
        "HassFanSetSpeed": positions,
        "HassGetState": states,
        "HassGetWeather": weather,
        "HassIncreaseTimer": timer_changes,
        "HassLightSet": positions,
        "HassListAddItem": added,
        "HassSetPosition": positions,
        "HassSetVolume": positions,
        "HassShoppingListAddItem": added,
        "HassStartTimer": new_timers,
        "HassTimerStatus": timer_status,
        "HassTurnOff": switched,
        "HassTurnOn": switched,
        "HassVacuumCleanArea": in_areas,
    }
)
"""By intent; an intent that is not listed has only what it always says."""

FAN_MODES = ("auto", "low", "medium", "high", "on", "off")
MISSING_DOMAINS = ("light", "fan", "media_player", "cover", "switch", "lock", "climate", "vacuum")
MISSING_CLASSES = ("window", "door", "blind", "curtain", "shutter", "garage", "motion", "temperature")
WRONG_STATES = ("on", "off", "open", "closed", "locked", "unlocked")


def rates(intent: str, keys: Collection[str]) -> dict[str, float]:
    """Return how many times a day each of the responses of `intent` is given."""
    shares = spread({key: KEYS.get(key, 1.0) for key in keys})
    return {key: INTENTS.get(intent, SELDOM) * share for key, share in shares.items()}


def scenes(household: Household, intent: str, key: str) -> Iterator[TemplateContext]:
    """Return the scenes of the response `key` of `intent`."""
    if intent == "HassClimateSetFanMode":
        return (context(share, {"fan_mode": mode}) for mode, share in ranked(FAN_MODES))
    if intent == "HassMediaSearchAndPlay":
        return (context(share, {"media": media}) for media, share in (({"title": "it"}, 0.8), (None, 0.2)))
    return iter(GRAMMARS.get(intent, plain)(household, key))


def mistakes(household: Household) -> Iterator[TemplateContext]:
    """Return the scenes of errors. Names that the house does not have cannot be known."""
    yield TemplateContext(1.0)
    for state, share in ranked(WRONG_STATES):
        yield TemplateContext(0.1 * share, {"state": state})
    for name, missing in (("domain", MISSING_DOMAINS), ("device_class", MISSING_CLASSES)):
        for word, share in ranked(missing):
            yield TemplateContext(0.05 * share, {name: word})
            for area, often in ranked(household.areas):
                yield TemplateContext(0.02 * share * often, {name: word, "area": area})
