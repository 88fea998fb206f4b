"""The vocoder, window by window: frames in, samples out, nothing decoded twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from wyoming_kokoro.model.harmonic_source import HOPS_PER_FRAME, HarmonicSource
from wyoming_kokoro.model.istft import InverseStft
from wyoming_kokoro.model.manifest import BEGIN_INPUT, NEXT, Manifest
from wyoming_kokoro.types import Array, Samples

FRAME_SAMPLES = 300
"""12.5 ms: the vocoder's frames are twice as many as those of prosody."""
FIRST_WINDOW = 12
"""The fewest frames that the first window needs to fill what every convolution remembers."""


class StageRunner(Protocol):
    """What runs the vocoder."""

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """Return every output by its name."""


class VocoderStream:
    """One utterance on its way through the vocoder."""

    def __init__(
        self,
        vocoder: StageRunner,
        manifest: Manifest,
        source: HarmonicSource,
        affine: Mapping[str, Array],
        begin: int,
    ) -> None:
        """`affine` holds `scale` and `shift`; the utterance is decoded from frame `begin` on."""
        self._vocoder = vocoder
        self._source = source
        self._affine = affine
        self._look_ahead = manifest.look_ahead
        self._source_end = begin
        self._end = begin
        self._carried: dict[str, Array] = {
            item.name: np.zeros((1, item.channels, 1, item.begin), dtype=np.float32) for item in manifest.states
        }
        self._is_begin = True
        self._inverse = InverseStft()

    def feed(self, frames: Samples) -> Samples:
        """Return the samples that are complete with the next `frames`, shape [512, n].

        Raises `SynthesisFailed` when no provider gives numbers.
        """
        self._end += frames.shape[1]
        reach = self._end + self._look_ahead
        feeds: dict[str, Array] = {
            "frames": frames[None, :, None, :],
            "source": self._source.spectrum(self._source_end, reach)[:, :, None, :],
            BEGIN_INPUT: np.array([self._is_begin], dtype=np.int64),
            **self._affine,
            **self._carried,
        }
        self._source_end = reach
        self._is_begin = False
        outputs = self._vocoder.run(feeds)
        self._carried = {name: outputs[name + NEXT] for name in self._carried}
        spectrum = outputs["spectrum"][0, :, 0]
        return self._inverse.feed(spectrum)


def lag_frames(manifest: Manifest) -> int:
    """Return how many frames must be fed beyond those that are heard."""
    return -(-(manifest.lag + 2) // HOPS_PER_FRAME)
