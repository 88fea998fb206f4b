"""Sound as Wyoming events."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event

from wyoming_kokoro.types import SAMPLE_RATE

CHUNK_BYTES = 2 * 4096
"""At most 4096 samples, 170 ms, in one event."""


async def audio_events(sounds: AsyncIterator[bytes]) -> AsyncGenerator[Event, None]:
    """Yield `sounds`, s16le mono PCM at `SAMPLE_RATE`, as one cycle: nothing before there is a first sound."""
    started = False
    async for sound in sounds:
        if not started:
            yield AudioStart(SAMPLE_RATE, 2, 1).event()
            started = True
        for start in range(0, len(sound), CHUNK_BYTES):
            yield AudioChunk(SAMPLE_RATE, 2, 1, sound[start : start + CHUNK_BYTES]).event()
    yield AudioStop().event()
