"""Speculative synthesis of the likely next segment.

Only the next token of a language model, up to 50 ms later, shows whether `21.` ends the sentence. If it does, the
segment is in synthesis by then.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from wyoming_kokoro.errors import SpeechError
from wyoming_kokoro.scheduling.playback import Playback
from wyoming_kokoro.speech.synthesizer import SegmentSynthesizer
from wyoming_kokoro.types import Voice


class Prefetcher:
    """Prefetches one segment at a time, and cancels it when another one comes or the context ends."""

    def __init__(self, synthesizer: SegmentSynthesizer, voice: Voice, playback: Playback) -> None:
        self._synthesizer = synthesizer
        self._voice = voice
        self._playback = playback
        self._segment = ""
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Prefetcher:
        return self

    async def __aexit__(self, *reason: object) -> None:
        self._cancel()

    def start(self, segment: str) -> None:
        """Prefetch `segment` in place of the previous one."""
        if segment != self._segment:
            self._cancel()
            self._segment = segment
            self._task = asyncio.create_task(self._prefetch(segment))

    def confirm(self, segment: str) -> None:
        """Keep the prefetched audio if `segment` comes next, else cancel it."""
        if segment != self._segment:
            self._cancel()

    def _cancel(self) -> None:
        self._segment = ""
        if self._task:
            self._task.cancel()

    async def _prefetch(self, segment: str) -> None:
        with suppress(SpeechError):  # the synthesis of the confirmed segment raises it again
            await self._synthesizer.prefetch(segment, self._voice, self._playback)
