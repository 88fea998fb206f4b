"""Speculative synthesis of the likely next segment.

Only the next token of a language model, up to 50 ms later, shows whether `21.` ends the sentence. If it does, the
segment is in synthesis by then.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from wyoming_kokoro.errors import SpeechError
from wyoming_kokoro.markup.segmenter import StyledSegment
from wyoming_kokoro.markup.style import Style
from wyoming_kokoro.scheduling.playback import Playback
from wyoming_kokoro.speech.synthesizer import SegmentSynthesizer


class Prefetcher:
    """Prefetches one segment at a time, and cancels it when another one comes or the context ends.

    Each client has at most one segment prefetched, whatever the number of its streams is.
    """

    def __init__(self, synthesizer: SegmentSynthesizer, playback: Playback) -> None:
        self._synthesizer = synthesizer
        self._playback = playback
        self._sound: tuple[str, Style] | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Prefetcher:
        return self

    async def __aexit__(self, *reason: object) -> None:
        self._cancel()

    def start(self, segment: StyledSegment) -> None:
        """Prefetch `segment` in place of the previous one."""
        if (segment.text, segment.style) == self._sound:
            return
        self._cancel()
        clients = self._synthesizer.prefetching_clients
        if self._playback.client not in clients:
            clients.add(self._playback.client)
            self._sound = segment.text, segment.style
            self._task = asyncio.create_task(self._prefetch(segment))

    def confirm(self, segment: StyledSegment) -> None:
        """Keep the prefetched audio if `segment` comes next, else cancel it."""
        if (segment.text, segment.style) != self._sound:
            self._cancel()

    def _cancel(self) -> None:
        self._sound = None
        if self._task:
            self._task.cancel()
            self._task = None
            self._synthesizer.prefetching_clients.discard(self._playback.client)

    async def _prefetch(self, segment: StyledSegment) -> None:
        with suppress(SpeechError):  # the synthesis of the confirmed segment raises it again
            await self._synthesizer.prefetch(segment.text, segment.style.voice, self._playback)
