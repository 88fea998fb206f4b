"""The vocoder, window by window. It keeps its state, so no frame is decoded twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from wyoming_kokoro.model.harmonic_source import HOPS_PER_FRAME, HarmonicSource
from wyoming_kokoro.model.istft import BINS, InverseStft
from wyoming_kokoro.model.manifest import BEGIN_INPUT, NEXT_SUFFIX, Manifest
from wyoming_kokoro.types import Array, Samples, Shape

FRAME_SAMPLES = 300
"""Samples in 12.5 ms: the vocoder has two frames for each frame of prosody."""


class StageRunner(Protocol):
    """Runs a stage or a part of it: a `Stage`, a `Session`, or a wrapper of one."""

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """Return the outputs by name."""


def vocoder_shapes(manifest: Manifest, feeds: Mapping[str, Array]) -> dict[str, Shape]:
    """Return the shapes of the vocoder's outputs for one window."""
    lag = manifest.lag if feeds[BEGIN_INPUT].item() else 0
    spectrum = (1, 2 * BINS, 1, feeds["frames"].shape[-1] * HOPS_PER_FRAME - lag)
    states = {item.name + NEXT_SUFFIX: (1, item.channels, 1, item.kept) for item in manifest.states}
    return {"spectrum": spectrum, **states}


class VocoderStream:
    """Decodes one utterance."""

    def __init__(
        self, vocoder: StageRunner, manifest: Manifest, source: HarmonicSource, affine: Mapping[str, Array], begin: int
    ) -> None:
        """`affine` holds `scale` and `shift`; decoding starts at frame `begin`."""
        self._vocoder = vocoder
        self._source = source
        self._affine = affine
        self._look_ahead = manifest.look_ahead
        self._source_end = begin
        self._end = begin
        self._state: dict[str, Array] = {
            item.name: np.zeros((1, item.channels, 1, item.begin), dtype=np.float32) for item in manifest.states
        }
        self._is_begin = True
        self._inverse = InverseStft()

    def feed(self, frames: Samples) -> Samples:
        """Return the samples that the next `frames`, shape [512, n], complete.

        Raises `SynthesisFailed` if every provider returns values that are not finite.
        """
        self._end += frames.shape[1]
        reach = self._end + self._look_ahead
        feeds: dict[str, Array] = {
            "frames": frames[None, :, None, :],
            "source": self._source.spectrum(self._source_end, reach)[:, :, None, :],
            BEGIN_INPUT: np.array([self._is_begin], dtype=np.int64),
            **self._affine,
            **self._state,
        }
        self._source_end = reach
        self._is_begin = False
        outputs = self._vocoder.run(feeds)
        self._state = {name: outputs[name + NEXT_SUFFIX] for name in self._state}
        return self._inverse.feed(outputs["spectrum"][0, :, 0])


def lag_frames(manifest: Manifest) -> int:
    """Return the number of frames to feed after the last audible one."""
    return -(-(manifest.lag + 2) // HOPS_PER_FRAME)
