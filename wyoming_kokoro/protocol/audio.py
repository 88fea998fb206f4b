"""Writes audio as Wyoming events."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event

# 4096 samples, 170 ms.
MAX_AUDIO_CHUNK_BYTES = 2 * 4096


async def audio_events(chunks: AsyncIterator[bytes], rate: int) -> AsyncGenerator[Event, None]:
    """Yield s16le mono PCM at `rate` as one `audio-start` ... `audio-stop` cycle."""
    is_started = False
    async for pcm in chunks:
        if not is_started:
            # It goes alone. After a large first packet, Linux acknowledges late on the loopback interface, and the last
            # audio arrives 40 ms later.
            yield AudioStart(rate, 2, 1).event()
            is_started = True
        for start in range(0, len(pcm), MAX_AUDIO_CHUNK_BYTES):
            yield AudioChunk(rate, 2, 1, pcm[start : start + MAX_AUDIO_CHUNK_BYTES]).event()
    yield AudioStop().event()
