"""How loud voices are by themselves, and the gain that makes them all as loud as each other."""

from __future__ import annotations

from collections.abc import Mapping

from wyoming_kokoro.model.blend import Blend

REFERENCE_LUFS = -23.0
"""LUFS: where all voices are brought, as broadcasters do (EBU R 128); the median of ours lies 0.3 LU below."""


class Loudness:
    """The loudness of voices, in LUFS (ITU-R BS.1770), by name. `tools/data/make_loudness.py` measures it."""

    def __init__(self, measured: Mapping[str, float]) -> None:
        self._measured = measured

    def gain(self, sound: str) -> float:
        """Return the linear gain that evens a voice or a blend; 1 for what was not measured.

        A blend is about as loud as its voices are on the average, by their shares.
        """
        shares = {sound: 1.0} if sound in self._measured else Blend.parse(sound).shares
        if not shares.keys() <= self._measured.keys():
            return 1.0
        loudness = sum(share * self._measured[name] for name, share in shares.items())
        return float(10 ** ((REFERENCE_LUFS - loudness) / 20))
