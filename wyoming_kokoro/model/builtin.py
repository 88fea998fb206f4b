"""The built-in voices, with their statistics and their loudness."""

from __future__ import annotations

from contextlib import AbstractContextManager
from importlib import resources
from pathlib import Path

import msgspec

from wyoming_kokoro.model.statistics import Statistics
from wyoming_kokoro.model.styles import Styles


def builtin_styles() -> Styles:
    """Return the styles of the built-in voices."""
    with _data_file("voices.npz") as file:
        return Styles.from_factors(file)


def builtin_statistics(styles: Styles) -> Statistics:
    """Return the statistics of the built-in voices that `styles` has unchanged."""
    with _data_file("statistics.npz") as file:
        statistics = Statistics.read(file)
    for name in _replaced_voices(styles):
        statistics.remove(name)
    return statistics


def builtin_loudness(styles: Styles | None = None) -> dict[str, float]:
    """Return the loudness in LUFS of the built-in voices that `styles` has unchanged, or of all built-in voices."""
    with _data_file("loudness.json") as file:
        measured = msgspec.json.decode(file.read_bytes(), type=dict[str, float])
    replaced = _replaced_voices(styles) if styles else []
    return {name: loudness for name, loudness in measured.items() if name not in replaced}


def _replaced_voices(styles: Styles) -> list[str]:
    """Return the names of built-in voices that `styles` lacks, or uses for another sound."""
    builtin = builtin_styles()
    return [name for name in builtin.names if name not in styles.names or not styles.sounds_like(builtin, name)]


def _data_file(name: str) -> AbstractContextManager[Path]:
    return resources.as_file(resources.files("wyoming_kokoro") / "data" / name)
