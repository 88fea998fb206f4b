"""How often voice assistants answer with each response. The rates are guesses; learned phrases correct them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from wyoming_kokoro_warmup import command_responses, time_responses
from wyoming_kokoro_warmup.state_responses import state_contexts
from wyoming_kokoro_warmup.template_contexts import (
    ContextFactory,
    Household,
    TemplateContext,
    empty_context,
    make_context,
    normalize,
    weigh_by_rank,
)

# The rate of intents and errors without an entry.
DEFAULT_REQUESTS_PER_DAY = 0.1

INTENT_REQUESTS_PER_DAY = {
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

# The weight of a response among the responses of its intent; 1 without an entry.
RESPONSE_WEIGHTS = {
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

ERROR_REQUESTS_PER_DAY = {"no_intent": 2.0, "handle_error": 0.3, "timer_not_found": 0.2}

# Responses of an intent without an entry have no variables.
CONTEXT_FACTORIES: dict[str, ContextFactory] = {
    "HassCancelAllTimers": time_responses.timer_cancel_contexts,
    "HassClimateGetTemperature": time_responses.thermostat_contexts,
    "HassClimateSetTemperature": time_responses.temperature_setting_contexts,
    "HassDecreaseTimer": time_responses.timer_change_contexts,
    "HassFanSetSpeed": command_responses.position_contexts,
    "HassGetState": state_contexts,
    "HassGetWeather": time_responses.weather_contexts,
    "HassIncreaseTimer": time_responses.timer_change_contexts,
    "HassLightSet": command_responses.position_contexts,
    "HassListAddItem": command_responses.shopping_contexts,
    "HassSetPosition": command_responses.position_contexts,
    "HassSetVolume": command_responses.position_contexts,
    "HassShoppingListAddItem": command_responses.shopping_contexts,
    "HassStartTimer": time_responses.timer_contexts,
    "HassTimerStatus": time_responses.timer_status_contexts,
    "HassTurnOff": command_responses.switch_contexts,
    "HassTurnOn": command_responses.switch_contexts,
    "HassVacuumCleanArea": command_responses.area_contexts,
}

FAN_MODES = ("auto", "low", "medium", "high", "on", "off")
MISSING_DOMAINS = ("light", "fan", "media_player", "cover", "switch", "lock", "climate", "vacuum")
MISSING_CLASSES = ("window", "door", "blind", "curtain", "shutter", "garage", "motion", "temperature")
WRONG_STATES = ("on", "off", "open", "closed", "locked", "unlocked")


def response_rates(intent: str, keys: Collection[str]) -> dict[str, float]:
    """Return the requests per day of each response of `intent`."""
    shares = normalize({key: RESPONSE_WEIGHTS.get(key, 1.0) for key in keys})
    rate = INTENT_REQUESTS_PER_DAY.get(intent, DEFAULT_REQUESTS_PER_DAY)
    return {key: rate * share for key, share in shares.items()}


def response_contexts(household: Household, intent: str, key: str) -> Iterator[TemplateContext]:
    """Return the contexts of the response `key` of `intent`."""
    if intent == "HassClimateSetFanMode":
        return (make_context(weight, {"fan_mode": mode}) for mode, weight in weigh_by_rank(FAN_MODES))
    if intent == "HassMediaSearchAndPlay":
        return iter((make_context(0.8, {"media": {"title": "it"}}), make_context(0.2, {"media": None})))
    return iter(CONTEXT_FACTORIES.get(intent, empty_context)(household, key))


def error_contexts(household: Household) -> Iterator[TemplateContext]:
    """Return the contexts of errors. Unknown device names cannot be predicted."""
    yield TemplateContext(1.0)
    for state, weight in weigh_by_rank(WRONG_STATES):
        yield TemplateContext(0.1 * weight, {"state": state})
    for name, missing in (("domain", MISSING_DOMAINS), ("device_class", MISSING_CLASSES)):
        for word, weight in weigh_by_rank(missing):
            yield TemplateContext(0.05 * weight, {name: word})
            for area, area_weight in weigh_by_rank(household.areas):
                yield TemplateContext(0.02 * weight * area_weight, {name: word, "area": area})
