"""The product: a segment of text becomes sound."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from wyoming_kokoro.errors import StartupError, SynthesisFailed
from wyoming_kokoro.speech.listener import Listener
from wyoming_kokoro.speech.pcm import Edges, Pcm, amplify, seconds
from wyoming_kokoro.speech.sharing import Sharing
from wyoming_kokoro.speech.synthesis import MAX_PHONEMES, Synthesis
from wyoming_kokoro.text.phonemes import TextPipeline, split
from wyoming_kokoro.types import Voice


@dataclass(frozen=True, slots=True)
class Manner:
    """How all voices speak."""

    speed: float
    """1.0 is the voice's own pace."""
    volume: float
    """Linear gain."""


@dataclass(frozen=True, slots=True)
class SpokenKey:
    """The identity of a piece of speech: what has the same key sounds the same to the bit."""

    fingerprint: str
    voice: str
    speed: float
    phonemes: str


class Speaker:
    """Speaks segments."""

    def __init__(
        self, text: TextPipeline, synthesis: asyncio.Task[Synthesis], sharing: Sharing, manner: Manner
    ) -> None:
        """`synthesis` may still be opening: what is to be spoken meanwhile waits for it."""
        self._text = text
        self._synthesis = synthesis
        self._sharing = sharing
        self._manner = manner

    async def speak(self, segment: str, voice: Voice, listener: Listener) -> AsyncGenerator[Pcm, None]:
        """Yield the samples of one segment as they are made; nothing for text that has no sound.

        Raises `SpeechError`.
        """
        phonemes = await self._text.phonemes(segment, voice.language)
        synthesis = await self._opened()
        for piece in split(phonemes, MAX_PHONEMES):
            edges = Edges()
            async with aclosing(self._samples(synthesis, piece, voice, listener)) as chunks:
                async for chunk in chunks:
                    yield self._heard(edges.feed(chunk), listener)
            yield self._heard(edges.finish(), listener)

    async def _opened(self) -> Synthesis:
        try:
            return await asyncio.shield(self._synthesis)
        except StartupError as error:
            raise SynthesisFailed(f"the model cannot be opened: {error}") from error

    def _samples(
        self, synthesis: Synthesis, phonemes: str, voice: Voice, listener: Listener
    ) -> AsyncGenerator[Pcm, None]:
        speed = self._manner.speed
        key = SpokenKey(synthesis.fingerprint, voice.name, speed, phonemes)
        return self._sharing.stream(key, listener, lambda: synthesis.steps(phonemes, voice.name, speed))

    def _heard(self, chunk: Pcm, listener: Listener) -> Pcm:
        listener.hear(seconds(chunk))
        return amplify(chunk, self._manner.volume)
