"""One request: text comes in, in pieces; sound goes out, in chunks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, suppress
from dataclasses import dataclass

from wyoming_kokoro._compat import timeout
from wyoming_kokoro.api.warmup import WarmupResult
from wyoming_kokoro.config import SpeechConfig
from wyoming_kokoro.errors import TextTooLong, UnsupportedText
from wyoming_kokoro.pcm import seconds, silence
from wyoming_kokoro.scheduling.idle import IdleTimer
from wyoming_kokoro.scheduling.playback import Playback
from wyoming_kokoro.speech.prefetch import Prefetcher
from wyoming_kokoro.speech.synthesizer import SegmentSynthesizer
from wyoming_kokoro.text.early_split import split_long
from wyoming_kokoro.text.inline_ipa import InlineIpa
from wyoming_kokoro.text.segments import Ending, Segment, Segmenter
from wyoming_kokoro.types import Pcm, Voice

SILENT_TEXT_MS = 80
"""What is played for text without sound: zero bytes make Home Assistant's ffmpeg fail."""
EARLY_SPLIT_BUFFER_SECONDS = 0.4
"""A clause is cut off its unfinished sentence when the listener has less than this left to play."""
END_OF_TEXT_TIMEOUT_SECONDS = 0.005
"""Home Assistant sends the end of a text right behind it, unless the text is still being written."""
WARMUP_BUFFER_SECONDS = 60.0
"""What a segment is taken to play when it is made in advance: the next is made as for one who has enough to play."""


@dataclass(frozen=True, slots=True)
class TextLimits:
    """How long an utterance waits for more text, and how much of it there may be."""

    sentence_timeout_seconds: float
    stream_timeout_seconds: float
    max_characters: int


class Utterance:
    """The text of one request on its way to sound."""

    def __init__(
        self,
        speaker: SegmentSynthesizer,
        voice: Voice,
        speech: SpeechConfig,
        patience: TextLimits,
        *,
        quiet: IdleTimer,
        clock: Callable[[], float],
    ) -> None:
        self.voice = voice
        self._speaker = speaker
        self._speech = speech
        self._patience = patience
        self._quiet = quiet
        self._listener = Playback(clock)
        self._foresight = Prefetcher(speaker, voice, self._listener)
        self._inline = InlineIpa()
        self._segmenter = Segmenter(voice.language)
        self._fed = asyncio.Event()
        self._finished = asyncio.Event()
        self._characters = 0
        self._head = ""

    @property
    def work_seconds(self) -> float:
        """How long the model ran for the segments that were spoken to their end."""
        return self._listener.work_seconds

    @property
    def cached(self) -> bool:
        """Whether nothing had to be made until now."""
        return self._listener.cached

    def feed(self, text: str) -> None:
        """Add text. Raises `TextTooLong` and `UnsupportedText`, with what to do."""
        self._characters += len(text)
        if self._characters > self._patience.max_characters:
            raise TextTooLong(
                f"the text has more than {self._patience.max_characters} characters; send it in parts,"
                " or raise max_text_characters"
            )
        self._refuse_markup(text)
        self._segmenter.feed(self._inline.feed(text))
        self._fed.set()

    def finish(self) -> None:
        """Say that no more text comes."""
        self._segmenter.feed(self._inline.rest())
        self._segmenter.finish()
        self._finished.set()
        self._fed.set()

    async def pcm(self) -> AsyncGenerator[bytes, None]:
        """Yield s16le mono PCM until everything is spoken; at least `UNSPEAKABLE_MS` of it.

        Iterate once. Closing the iterator stops all work for this utterance. Raises `SpeechError`.
        """
        with self._quiet.activity(), self._speaker.slot(self._listener):
            async with self._foresight, aclosing(self._spoken()) as chunks:
                async for chunk in chunks:
                    yield chunk

    async def warm(self) -> WarmupResult:
        """Have everything that was fed in the phrase cache. Use this or `pcm`. Raises `SpeechError`."""
        warmth = WarmupResult()
        for piece in self._all_pieces():
            warmth += await self._speaker.warm(piece.text, self.voice)
        return warmth

    async def is_warm(self) -> bool:
        """Return whether the phrase cache has everything that was fed. Use this or `pcm` or `warm`."""
        return all([await self._speaker.is_warm(piece.text, self.voice) for piece in self._all_pieces()])

    async def _spoken(self) -> AsyncGenerator[bytes, None]:
        gap = self._speech.lead_in_ms
        spoken = False
        async with aclosing(self._segments()) as segments:
            async for segment in segments:
                async with aclosing(self._sound(segment)) as chunks:
                    async for chunk in chunks:
                        yield self._silence(gap) + chunk
                        gap, spoken = 0, True
                gap = self._gap_after(segment.ending) if spoken and not gap else gap
        yield self._silence(self._speech.tail_ms if spoken else SILENT_TEXT_MS)

    async def _sound(self, segment: Segment) -> AsyncGenerator[bytes, None]:
        async with aclosing(self._speaker.synthesize(segment.text, self.voice, self._listener)) as chunks:
            async for chunk in chunks:
                if len(chunk):
                    yield chunk.tobytes()

    async def _segments(self) -> AsyncGenerator[Segment, None]:
        last_text = 0.0
        await self._first_moment()
        while not self._segmenter.finished:
            self._fed.clear()
            segment = self._segmenter.take() or self._clause()
            if segment:
                last_text = 0.0
                for piece in self._pieces(segment):
                    self._foresight.confirm(piece.text)
                    yield piece
            elif self._segmenter.finished:
                return
            elif await self._wait_for_more():
                last_text = 0.0
            elif paused := self._segmenter.take_on_pause():
                yield paused
            else:
                last_text += self._patience.sentence_timeout_seconds
                if last_text >= self._patience.stream_timeout_seconds:
                    self.finish()

    async def _first_moment(self) -> None:
        """Let a text that is sent at once come in whole, so that it is cut as it is every time it is sent."""
        if await self._wait():
            with suppress(asyncio.TimeoutError):
                async with timeout(END_OF_TEXT_TIMEOUT_SECONDS):
                    await self._finished.wait()

    def _all_pieces(self) -> Iterator[Segment]:
        """Yield the pieces of a finished text as they are cut for a client who plays faster than we make them."""
        while segment := self._segmenter.take():
            for piece in self._pieces(segment):
                yield piece
                self._listener.add_audio(WARMUP_BUFFER_SECONDS)

    def _pieces(self, segment: Segment) -> Iterator[Segment]:
        """Yield a segment, or its opening and its rest when its prosody would keep the listener waiting."""
        cut = (
            split_long(segment.text, self.voice.language)
            if self._listener.buffered_seconds < EARLY_SPLIT_BUFFER_SECONDS
            else None
        )
        if cut:
            yield Segment(cut.text, "clause")
            yield Segment(cut.rest, segment.ending)
        else:
            yield segment

    def _clause(self) -> Segment | None:
        if self._listener.buffered_seconds >= EARLY_SPLIT_BUFFER_SECONDS:
            return None
        return self._segmenter.take_clause() or self._segmenter.take_split()

    async def _wait_for_more(self) -> bool:
        """Wait for text, while what it will most likely complete is begun; return whether some came."""
        likely = self._segmenter.predict_next()
        if likely and self._listener.buffered_seconds < EARLY_SPLIT_BUFFER_SECONDS:
            self._foresight.start(next(self._pieces(likely)).text)
        return await self._wait()

    async def _wait(self) -> bool:
        """Wait for text; return whether some came."""
        try:
            async with timeout(self._patience.sentence_timeout_seconds):
                await self._fed.wait()
        except asyncio.TimeoutError:
            return False
        return True

    def _gap_after(self, ending: Ending) -> int:
        return {
            "clause": self._speech.clause_ms,
            "sentence": self._speech.sentence_ms,
            "paragraph": self._speech.paragraph_ms,
        }[ending]

    def _silence(self, milliseconds: int) -> bytes:
        pcm: Pcm = silence(milliseconds)
        self._listener.add_audio(seconds(pcm))
        return pcm.tobytes()

    def _refuse_markup(self, text: str) -> None:
        if len(self._head) < len("<speak"):
            self._head = (self._head + text).lstrip()[: len("<speak")]
        if self._head.lower() == "<speak":
            raise UnsupportedText("SSML is not understood; send plain text")
