"""Parses the values of markup. Every function returns None for a value that it does not know."""

from __future__ import annotations

import re

MAX_PAUSE_MS = 10_000
MAX_DECIBELS = 100.0

_NUMBER = r"(?:\d{1,6}(?:\.\d{1,6})?|\.\d{1,6})"
_DURATION = re.compile(rf"\+?({_NUMBER})\s*(ms|s)?", re.IGNORECASE)
_RATIO = re.compile(rf"([+-]?)({_NUMBER})\s*(%?)")
_DECIBELS = re.compile(rf"([+-]?{_NUMBER})\s*dB", re.IGNORECASE)
_SPEEDS = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "default": 1.0, "fast": 1.25, "x-fast": 1.5}
_VOLUMES = {
    "silent": 0.0, "x-soft": 0.25, "soft": 0.5, "medium": 1.0, "default": 1.0, "loud": 1.4, "x-loud": 2.0,
}  # fmt: skip


def parse_milliseconds(text: str) -> int | None:
    """Return a duration such as `0.8s`, `800ms` or `0.8`, which means seconds, of at most `MAX_PAUSE_MS`."""
    match = _DURATION.fullmatch(text.strip())
    if not match:
        return None
    is_in_milliseconds = (match[2] or "").lower() == "ms"
    return min(MAX_PAUSE_MS, round(float(match[1]) * (1 if is_in_milliseconds else 1000)))


def parse_speed(text: str) -> float | None:
    """Return a factor: `0.9`, `90%`, `-10%` and `slow`."""
    return _SPEEDS.get(text.strip().lower(), _parse_ratio(text, 1))


def parse_volume(text: str, full: int = 1) -> float | None:
    """Return a linear gain: `0.5`, `50%`, `-50%`, `-6dB` and `soft`. The number `full` means no change."""
    if decibels := _DECIBELS.fullmatch(text.strip()):
        return float(10 ** (min(float(decibels[1]), MAX_DECIBELS) / 20))
    return _VOLUMES.get(text.strip().lower(), _parse_ratio(text, full))


def _parse_ratio(text: str, full: int) -> float | None:
    match = _RATIO.fullmatch(text.strip())
    if not match:
        return None
    ratio = float(match[2]) / (100 if match[3] else full)
    return max(0.0, {"": ratio, "+": 1 + ratio, "-": 1 - ratio}[match[1]])
