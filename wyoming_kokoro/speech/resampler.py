"""Converts the audio of an utterance to the sample rate of the player."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

import numpy as np
import soxr

from wyoming_kokoro.pcm import FULL_SCALE
from wyoming_kokoro.types import SAMPLE_RATE, Array, Pcm

# 20 bits, so that 16-bit rounding is the largest error. tests/speech/test_resampler.py measures it.
QUALITY = "HQ"
# The filter works in blocks: with soxr 1.1 the first sample leaves after 37 to 39 ms of input, at each rate.
DELAY_MS = 40
# Half a second. A chime of 10 s in one block would stop the event loop for 17 ms (two cores of a Xeon).
MAX_BLOCK_BYTES = SAMPLE_RATE


async def resample(chunks: AsyncGenerator[bytes, None], rate: int) -> AsyncGenerator[bytes, None]:
    """Yield s16le mono PCM at `rate` for `chunks` at `SAMPLE_RATE`. Where the chunks are cut does not change it."""
    # soxr dithers 16-bit output at random, so the output is rounded here.
    stream = soxr.ResampleStream(SAMPLE_RATE, rate, 1, "float32", QUALITY)
    async with aclosing(chunks):
        async for chunk in chunks:
            for start in range(0, len(chunk), MAX_BLOCK_BYTES):
                samples = np.frombuffer(chunk[start : start + MAX_BLOCK_BYTES], np.int16).astype(np.float32)
                if len(resampled := stream.resample_chunk(samples)):
                    yield _rounded(resampled).tobytes()
    yield _rounded(stream.resample_chunk(np.zeros(0, np.float32), last=True)).tobytes()


def _rounded(samples: Array) -> Pcm:
    # The filter overshoots at the edges of clipped audio.
    return np.asarray(np.rint(np.clip(samples, -FULL_SCALE, FULL_SCALE)), dtype=np.int16)
