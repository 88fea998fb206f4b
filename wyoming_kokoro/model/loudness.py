"""The loudness of voices, and the gain that makes all voices equally loud."""

from __future__ import annotations

from collections.abc import Mapping

from wyoming_kokoro.model.blend import Blend

# The target loudness of EBU R 128. The median of the built-in voices is 0.3 LU below it.
REFERENCE_LUFS = -23.0


class Loudness:
    """The loudness of voices by name, in LUFS (ITU-R BS.1770). `tools/data/make_loudness.py` measures it."""

    def __init__(self, measured: Mapping[str, float]) -> None:
        self._measured = measured

    def gain(self, name: str) -> float:
        """Return the linear gain that brings a voice or a blend to `REFERENCE_LUFS`; 1 if it was not measured."""
        # A blend is about as loud as the average of its voices, weighted by their shares.
        shares = {name: 1.0} if name in self._measured else Blend.parse(name).shares
        if not shares.keys() <= self._measured.keys():
            return 1.0
        loudness = sum(share * self._measured[voice] for voice, share in shares.items())
        return float(10 ** ((REFERENCE_LUFS - loudness) / 20))
