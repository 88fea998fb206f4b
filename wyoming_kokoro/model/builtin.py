"""The voices that ship with us, and what is known of them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from importlib import resources
from pathlib import Path

import msgspec

from wyoming_kokoro.model.loudness import Loudness
from wyoming_kokoro.model.statistics import Statistics
from wyoming_kokoro.model.styles import Styles


def builtin_styles() -> Styles:
    """Return the voices that ship with us."""
    with _data("voices.npz") as factors:
        return Styles.from_factors(factors)


def builtin_statistics(styles: Styles) -> Statistics:
    """Return the statistics of those of the `styles` that are the voices we ship."""
    with _data("statistics.npz") as file:
        statistics = Statistics.read(file)
    for name in _others(styles):
        statistics.remove(name)
    return statistics


def builtin_loudness(styles: Styles | None = None) -> Loudness:
    """Return how loud those of the `styles` are that are the voices we ship; without styles, all that we ship."""
    with _data("loudness.json") as file:
        measured = msgspec.json.decode(file.read_bytes(), type=dict[str, float])
    strange = _others(styles) if styles else []
    return Loudness({name: loudness for name, loudness in measured.items() if name not in strange})


def _others(styles: Styles) -> list[str]:
    """Return the names of voices we ship that `styles` does not have, or has for another sound."""
    shipped = builtin_styles()
    return [name for name in shipped.names if name not in styles.names or not styles.sounds_like(shipped, name)]


def _data(name: str) -> AbstractContextManager[Path]:
    return resources.as_file(resources.files("wyoming_kokoro") / "data" / name)
