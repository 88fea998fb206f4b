"""An utterance that is decoded in windows of given sizes."""

from __future__ import annotations

import numpy as np

from wyoming_kokoro.inference.pipeline import ModelPipeline, Prosody
from wyoming_kokoro.inference.vocoder import StageRunner
from wyoming_kokoro.types import Samples


def decode_windows(
    stages: ModelPipeline,
    prosody: Prosody,
    frames: Samples,
    statistics: tuple[Samples, Samples],
    sizes: list[int],
    *,
    vocoder: StageRunner | None = None,
) -> Samples:
    """Return the samples decoded in windows of `sizes`, the last size repeated. `statistics`: mean and variance."""
    stream = stages.start_vocoder(prosody, statistics, 0, vocoder)
    frames = np.pad(frames, ((0, 0), (0, stages.lag)), mode="edge")
    chunks: list[Samples] = []
    position = 0
    while position < frames.shape[1]:
        size = sizes[min(len(chunks), len(sizes) - 1)]
        chunks.append(stream.feed(frames[:, position : position + size]))
        position += size
    return np.concatenate(chunks)
