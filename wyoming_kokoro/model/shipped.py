"""The voices that ship with us, and what is known of them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from importlib import resources
from pathlib import Path

from wyoming_kokoro.model.statistics import Statistics
from wyoming_kokoro.model.voices import Styles


def own_styles() -> Styles:
    """Return the voices that ship with us."""
    with _data("voices.npz") as factors:
        return Styles.from_factors(factors)


def known_statistics(styles: Styles) -> Statistics:
    """Return the statistics of those of the `styles` that are the voices we ship."""
    with _data("statistics.npz") as file:
        statistics = Statistics.read(file)
    shipped = own_styles()
    for name in shipped.names:
        if name not in styles.names or not styles.sounds_like(shipped, name):
            statistics.forget(name)
    return statistics


def _data(name: str) -> AbstractContextManager[Path]:
    return resources.as_file(resources.files("wyoming_kokoro") / "data" / name)
