"""What Home Assistant says about time, timers, temperatures and the weather."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from wyoming_kokoro_warmup.template_contexts import (
    DeviceState,
    Household,
    TemplateContext,
    bell,
    context,
    plain,
    spread,
)

MINUTES_A_DAY = 24 * 60
SOON_MINUTES = 10
SOON_WORTH = 20.0
"""Whoever asks in the next minutes hears one of ten sentences: nothing is so surely said."""
TIMES_ASKED = 4.0
"""Times a day."""
NIGHT_SHARE = 0.05
WAKING = range(7 * 60, 23 * 60)
"""The minutes of the day when people are up."""
DAYS_AHEAD = 7

FAVOURITE_MINUTES = (10, 5, 15, 20, 30, 3, 2, 1, 12, 8, 25, 45, 7, 4, 6, 40, 60, 50, 35, 9, 11, 90)
"""Timers that people set, the most frequent first."""
FAVOURITE_SECONDS = (30, 45, 10, 20, 90, 15, 5, 60, 40, 50)
FAVOURITE_HOURS = (1, 2, 3, 4, 8, 6, 5, 12, 10, 7, 9, 24)
FAVOURITE_CHANGES = (5, 1, 2, 10, 15, 3, 30, 20)

WEATHER = {
    "sunny": 0.2, "cloudy": 0.2, "partlycloudy": 0.2, "rainy": 0.15, "clear-night": 0.1, "fog": 0.03, "pouring": 0.04,
    "windy": 0.02, "snowy": 0.02, "snowy-rainy": 0.01, "lightning-rainy": 0.02, "windy-variant": 0.01,
}  # fmt: skip


def times() -> Iterator[TemplateContext]:
    """Return a scene for each minute of the day."""
    for minute in range(MINUTES_A_DAY):
        yield context(1.0, {"time": time(*divmod(minute, 60))})


def time_worth(moment: time, now: datetime) -> float:
    """Return how often a day the time may be asked for at `moment`, seen from `now`.

    Of two that are asked for as often, the one that comes sooner is worth more: the other can wait.
    """
    minute = moment.hour * 60 + moment.minute
    ahead = (minute - now.hour * 60 - now.minute) % MINUTES_A_DAY
    if ahead <= SOON_MINUTES:
        return SOON_WORTH - ahead
    awake = minute in WAKING
    minutes = len(WAKING) if awake else MINUTES_A_DAY - len(WAKING)
    share = 1 - NIGHT_SHARE if awake else NIGHT_SHARE
    return TIMES_ASKED * share / minutes * (1.5 - ahead / MINUTES_A_DAY)


def dates(today: date) -> Iterator[TemplateContext]:
    """Return the scenes of the date: today and the days that come."""
    for ahead in range(DAYS_AHEAD + 1):
        yield context(1.0 if ahead == 0 else 0.1 / ahead, {"date": today + timedelta(days=ahead)})


def new_timers(household: Household, key: str) -> Iterator[TemplateContext]:  # noqa: ARG001 a grammar is asked with both
    """Return the scenes of setting a timer."""
    minutes = dict.fromkeys(range(1, 61), 0.01) | _by_rank(FAVOURITE_MINUTES)
    for count, share in spread(minutes).items():
        yield context(0.7 * share, {"minutes": str(count)})
    for count, share in spread(_by_rank(FAVOURITE_SECONDS)).items():
        yield context(0.08 * share, {"seconds": str(count)})
    for count, share in spread(_by_rank(FAVOURITE_HOURS)).items():
        yield context(0.1 * share, {"hours": str(count)})
        if count <= 3:
            for more, part in {"30": 0.5, "15": 0.2, "45": 0.1, "20": 0.1, "10": 0.05, "5": 0.05}.items():
                yield context(0.08 * share * part, {"hours": str(count), "minutes": more})
    for count, share in bell(range(1, 11), 2, 2).items():
        yield context(0.04 * share, {"minutes": str(count), "seconds": "30"})


def timer_changes(household: Household, key: str) -> Iterator[TemplateContext]:  # noqa: ARG001
    """Return the scenes of making a timer longer or shorter."""
    for count, share in spread(_by_rank(FAVOURITE_CHANGES)).items():
        yield context(0.9 * share, {"minutes": str(count)})
    for count in ("30", "10", "15"):
        yield context(0.02, {"seconds": count})
    yield context(0.04, {"hours": "1"})


def cancelled(household: Household, key: str) -> Iterator[TemplateContext]:
    """Return the scenes of cancelling all timers."""
    for count, share in {1: 0.4, 2: 0.3, 0: 0.2, 3: 0.07, 4: 0.02, 5: 0.01}.items():
        yield context(share, {"canceled": count})
        for area in household.areas if "area" in key else ():
            yield context(share / len(household.areas), {"canceled": count, "area": area})


def timer_status(household: Household, key: str) -> Iterator[TemplateContext]:  # noqa: ARG001
    """Return the scenes of asking how long a timer still runs: as Home Assistant rounds what is left."""
    yield context(0.1, {"timers": []})
    yield context(0.05, {"timers": [_timer(0, 5, 0) | {"is_active": False}]})
    left = {(0, 0, count): 1 / count for count in (*range(1, 10), *range(10, 51, 10))}
    left |= {(0, count, half): 4 / (count + 3) / (2 if half else 1) for count in range(1, 61) for half in (0, 30)}
    left |= {(count, half, 0): 0.5 / count / (2 if half else 1) for count in range(1, 13) for half in (0, 30)}
    for rounded, share in spread(left).items():
        yield context(0.8 * share, {"timers": [_timer(*rounded)]})
    for start in FAVOURITE_MINUTES[:5]:
        for minutes in (1, 2, 3, 5, 8, 10):
            if minutes < start:
                soonest = _timer(0, minutes, 0) | {"start_minutes": start}
                yield context(0.001, {"timers": [soonest, _timer(0, 55, 0)]})


def _timer(hours: int, minutes: int, seconds: int) -> dict[str, object]:
    return {
        "is_active": True,
        "name": "",
        "area": "",
        "total_seconds_left": hours * 3600 + minutes * 60 + seconds,
        "rounded_hours_left": hours,
        "rounded_minutes_left": minutes,
        "rounded_seconds_left": seconds,
        "start_hours": 0,
        "start_minutes": 0,
        "start_seconds": 0,
    }


def room_temperatures(household: Household, key: str) -> Iterator[TemplateContext]:  # noqa: ARG001
    """Return the scenes of asking a thermostat for the temperature."""
    for text, share in _degrees(household).items():
        yield context(share, {}, [_thermostat(text)])


def set_temperatures(household: Household, key: str) -> Iterator[TemplateContext]:  # noqa: ARG001
    """Return the scenes of setting a temperature, which is said as it was heard: nobody asks for tenths."""
    whole = bell(range(55, 91), 70, 8) if household.fahrenheit else bell(range(15, 31), 21, 4)
    for value, share in whole.items():
        yield context(0.7 * share, {"temperature": str(value)})
        yield context(0.3 * share, {"temperature": f"{value}.5"})


def _thermostat(text: str) -> DeviceState:
    value = float(text) if "." in text else int(text)
    return DeviceState("", "climate", "heat", attributes={"current_temperature": value, "temperature": value})


def _degrees(household: Household) -> dict[str, float]:
    """Some thermostats tell whole degrees, some halves, some tenths; a whole one may come as 21 or as 21.0."""
    if household.fahrenheit:
        return {str(value): share for value, share in bell(range(55, 91), 70, 8).items()}
    degrees = {f"{step / 10:.1f}": 0.3 * share for step, share in bell(range(190, 241), 213, 13).items()}
    for step, share in bell(range(30, 61), 42, 8).items():
        half = f"{step / 2:.1f}"
        degrees[half] = degrees.get(half, 0.0) + 0.4 * share
    return degrees | {str(value): 0.3 * share for value, share in bell(range(15, 31), 21, 4).items()}


def weather(household: Household, key: str) -> Iterator[TemplateContext]:
    """Return the scenes of the weather: in whole degrees, for there are too many others."""
    unit = "°F" if household.fahrenheit else "°C"
    degrees = bell(range(15, 100), 60, 18) if household.fahrenheit else bell(range(-10, 36), 13, 9)
    if key != "default":
        yield from plain(household, key)
    for condition, likely in WEATHER.items():
        for value, share in degrees.items():
            now = {"temperature": value, "temperature_unit": unit}
            yield context(0.4 * likely * share, {}, [DeviceState("", "weather", condition, "", now)])


def _by_rank(values: tuple[int, ...]) -> dict[int, float]:
    return {value: 1 / place for place, value in enumerate(values, 1)}
