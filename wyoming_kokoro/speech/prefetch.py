"""The beginning of a sentence, made while it is not certain yet that the sentence has ended.

Whether `21.` ends a sentence is known when the next token of a language model comes, up to 50 ms later: by then the
text is read, if it did.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from wyoming_kokoro.errors import SpeechError
from wyoming_kokoro.scheduling.playback import Playback
from wyoming_kokoro.speech.synthesizer import SegmentSynthesizer
from wyoming_kokoro.types import Voice


class Prefetcher:
    """Holds one segment that may come next."""

    def __init__(self, speaker: SegmentSynthesizer, voice: Voice, listener: Playback) -> None:
        self._speaker = speaker
        self._voice = voice
        self._listener = listener
        self._segment = ""
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Prefetcher:
        return self

    async def __aexit__(self, *reason: object) -> None:
        self._forget()

    def start(self, segment: str) -> None:
        """Begin `segment`, and forget the one that was expected before."""
        if segment != self._segment:
            self._forget()
            self._segment = segment
            self._task = asyncio.create_task(self._begin(segment))

    def confirm(self, segment: str) -> None:
        """Note that `segment` comes next: anything else that was expected is forgotten."""
        if segment != self._segment:
            self._forget()

    def _forget(self) -> None:
        self._segment = ""
        if self._task:
            self._task.cancel()

    async def _begin(self, segment: str) -> None:
        with suppress(SpeechError):  # whoever speaks it is told
            await self._speaker.prefetch(segment, self._voice, self._listener)
