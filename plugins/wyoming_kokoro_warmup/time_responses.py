"""Contexts of responses about times, dates, timers, temperatures and the weather."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from wyoming_kokoro_warmup.template_contexts import (
    DeviceState,
    Household,
    TemplateContext,
    bell_curve,
    make_context,
    normalize,
    sensor_readings,
    weigh_by_rank,
)

MINUTES_PER_DAY = 24 * 60
# A question for the time in the next minutes has one of ten answers, so these have a higher rate than all others.
SOON_MINUTES = 10
SOON_REQUESTS_PER_DAY = 20.0
TIME_REQUESTS_PER_DAY = 4.0
NIGHT_SHARE = 0.05
WAKING_MINUTES = range(7 * 60, 23 * 60)
DAYS_AHEAD = 7

# Usual durations of timers, the most frequent first.
TIMER_MINUTES = (10, 5, 15, 20, 30, 3, 2, 1, 12, 8, 25, 45, 7, 4, 6, 40, 60, 50, 35, 9, 11, 90)
TIMER_SECONDS = (30, 45, 10, 20, 90, 15, 5, 60, 40, 50)
TIMER_HOURS = (1, 2, 3, 4, 8, 6, 5, 12, 10, 7, 9, 24)
CHANGE_MINUTES = (5, 1, 2, 10, 15, 3, 30, 20)

WEATHER = {
    "sunny": 0.2, "cloudy": 0.2, "partlycloudy": 0.2, "rainy": 0.15, "clear-night": 0.1, "fog": 0.03, "pouring": 0.04,
    "windy": 0.02, "snowy": 0.02, "snowy-rainy": 0.01, "lightning-rainy": 0.02, "windy-variant": 0.01,
}  # fmt: skip


def time_contexts() -> Iterator[TemplateContext]:
    """Return one context for each minute of the day."""
    for minute in range(MINUTES_PER_DAY):
        yield make_context(1.0, {"time": time(*divmod(minute, 60))})


def time_requests_per_day(moment: time, now: datetime) -> float:
    """Return the rate of the answer `moment` to a question for the time.

    Of two equally likely times the earlier one gets the higher rate, since it is needed sooner.
    """
    minute = moment.hour * 60 + moment.minute
    ahead = (minute - now.hour * 60 - now.minute) % MINUTES_PER_DAY
    if ahead <= SOON_MINUTES:
        return SOON_REQUESTS_PER_DAY - ahead
    is_waking = minute in WAKING_MINUTES
    minutes = len(WAKING_MINUTES) if is_waking else MINUTES_PER_DAY - len(WAKING_MINUTES)
    share = 1 - NIGHT_SHARE if is_waking else NIGHT_SHARE
    return TIME_REQUESTS_PER_DAY * share / minutes * (1.5 - ahead / MINUTES_PER_DAY)


def date_contexts(today: date) -> Iterator[TemplateContext]:
    """Return the contexts of today and the next days."""
    for ahead in range(DAYS_AHEAD + 1):
        yield make_context(1.0 if ahead == 0 else 0.1 / ahead, {"date": today + timedelta(days=ahead)})


def timer_contexts(household: Household, key: str) -> Iterator[TemplateContext]:  # noqa: ARG001 a ContextFactory
    """Return the contexts of starting a timer."""
    minutes = dict.fromkeys(range(1, 61), 0.01) | dict(weigh_by_rank(TIMER_MINUTES))
    for count, share in normalize(minutes).items():
        yield make_context(0.7 * share, {"minutes": str(count)})
    for count, share in normalize(dict(weigh_by_rank(TIMER_SECONDS))).items():
        yield make_context(0.08 * share, {"seconds": str(count)})
    for count, share in normalize(dict(weigh_by_rank(TIMER_HOURS))).items():
        yield make_context(0.1 * share, {"hours": str(count)})
        if count <= 3:
            for more, part in {"30": 0.5, "15": 0.2, "45": 0.1, "20": 0.1, "10": 0.05, "5": 0.05}.items():
                yield make_context(0.08 * share * part, {"hours": str(count), "minutes": more})
    for count, share in bell_curve(range(1, 11), 2, 2).items():
        yield make_context(0.04 * share, {"minutes": str(count), "seconds": "30"})


def timer_change_contexts(household: Household, key: str) -> Iterator[TemplateContext]:  # noqa: ARG001
    """Return the contexts of extending or shortening a timer."""
    for count, share in normalize(dict(weigh_by_rank(CHANGE_MINUTES))).items():
        yield make_context(0.9 * share, {"minutes": str(count)})
    for seconds in ("30", "10", "15"):
        yield make_context(0.02, {"seconds": seconds})
    yield make_context(0.04, {"hours": "1"})


def timer_cancel_contexts(household: Household, key: str) -> Iterator[TemplateContext]:
    """Return the contexts of canceling all timers."""
    for count, share in {1: 0.4, 2: 0.3, 0: 0.2, 3: 0.07, 4: 0.02, 5: 0.01}.items():
        yield make_context(share, {"canceled": count})
        for area in household.areas if "area" in key else ():
            yield make_context(share / len(household.areas), {"canceled": count, "area": area})


def timer_status_contexts(household: Household, key: str) -> Iterator[TemplateContext]:  # noqa: ARG001
    """Return the contexts of asking for the remaining time of timers, which Home Assistant rounds."""
    yield make_context(0.1, {"timers": []})
    yield make_context(0.05, {"timers": [_timer(0, 5, 0) | {"is_active": False}]})
    left = {(0, 0, count): 1 / count for count in (*range(1, 10), *range(10, 51, 10))}
    left |= {(0, count, half): 4 / (count + 3) / (2 if half else 1) for count in range(1, 61) for half in (0, 30)}
    left |= {(count, half, 0): 0.5 / count / (2 if half else 1) for count in range(1, 13) for half in (0, 30)}
    for rounded, share in normalize(left).items():
        yield make_context(0.8 * share, {"timers": [_timer(*rounded)]})
    for start in TIMER_MINUTES[:5]:
        for minutes in (1, 2, 3, 5, 8, 10):
            if minutes < start:
                next_timer = _timer(0, minutes, 0) | {"start_minutes": start}
                yield make_context(0.001, {"timers": [next_timer, _timer(0, 55, 0)]})


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


def thermostat_contexts(household: Household, key: str) -> Iterator[TemplateContext]:  # noqa: ARG001
    """Return the contexts of asking for the temperature of a thermostat."""
    for text, share in _thermostat_readings(household).items():
        value = float(text) if "." in text else int(text)
        attributes = {"current_temperature": value, "temperature": value}
        yield make_context(share, {}, [DeviceState("", "climate", "heat", attributes=attributes)])


def temperature_setting_contexts(household: Household, key: str) -> Iterator[TemplateContext]:  # noqa: ARG001
    """Return the contexts of setting a temperature, in whole and half degrees."""
    whole = bell_curve(range(55, 91), 70, 8) if household.fahrenheit else bell_curve(range(15, 31), 21, 4)
    for value, share in whole.items():
        yield make_context(0.7 * share, {"temperature": str(value)})
        yield make_context(0.3 * share, {"temperature": f"{value}.5"})


def _thermostat_readings(household: Household) -> dict[str, float]:
    """Return readings with their shares. Thermostats report tenths, halves (as 21.0) or whole degrees (as 21)."""
    if household.fahrenheit:
        return sensor_readings(range(55, 91), 70, 8)
    degrees = {f"{step / 10:.1f}": 0.3 * share for step, share in bell_curve(range(190, 241), 213, 13).items()}
    for step, share in bell_curve(range(30, 61), 42, 8).items():
        half = f"{step / 2:.1f}"
        degrees[half] = degrees.get(half, 0.0) + 0.4 * share
    return degrees | {text: 0.3 * share for text, share in sensor_readings(range(15, 31), 21, 4).items()}


def weather_contexts(household: Household, key: str) -> Iterator[TemplateContext]:
    """Return the contexts of the weather. Only whole degrees: with tenths there are too many phrases."""
    unit = "°F" if household.fahrenheit else "°C"
    degrees = bell_curve(range(15, 100), 60, 18) if household.fahrenheit else bell_curve(range(-10, 36), 13, 9)
    if key != "default":
        yield make_context(1.0)
    for condition, probability in WEATHER.items():
        for value, share in degrees.items():
            attributes = {"temperature": value, "temperature_unit": unit}
            state = DeviceState("", "weather", condition, "", attributes)
            yield make_context(0.4 * probability * share, {}, [state])
