"""One request: text comes in piece by piece, PCM goes out chunk by chunk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace

from wyoming_kokoro._compat import timeout
from wyoming_kokoro.api.speech_models import WordTiming
from wyoming_kokoro.api.warmup import WarmupResult
from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import TextTooLong
from wyoming_kokoro.markup.interpreter import VoiceFinder
from wyoming_kokoro.markup.segmenter import StyledSegment
from wyoming_kokoro.markup.stream import MarkupStream
from wyoming_kokoro.markup.style import Style
from wyoming_kokoro.pcm import seconds, silence
from wyoming_kokoro.scheduling.idle import IdleTimer
from wyoming_kokoro.scheduling.playback import Playback
from wyoming_kokoro.speech.prefetch import Prefetcher
from wyoming_kokoro.speech.resampler import DELAY_MS, resample
from wyoming_kokoro.speech.synthesizer import SegmentSynthesizer
from wyoming_kokoro.text.boundaries import Ending
from wyoming_kokoro.text.early_split import split_long
from wyoming_kokoro.text.word_timings.alignment import is_spoken, split_words
from wyoming_kokoro.text.word_timings.timing import TimedRecording
from wyoming_kokoro.text.word_timings.written_words import WrittenWords
from wyoming_kokoro.types import SAMPLE_RATE, Pcm

# Text without sound becomes this much silence: Home Assistant's ffmpeg fails on zero bytes.
SILENT_TEXT_MS = 80
# Sentences are split early only while the client has less than this left to play.
EARLY_SPLIT_BUFFER_SECONDS = 0.4
# The markup parser takes up to 5 us for a character, which keeps all other clients waiting.
MAX_PARSED_CHARACTERS = 2000
# Home Assistant sends the end of a complete text right after it. A text without an end by then is still being written.
END_OF_TEXT_TIMEOUT_SECONDS = 0.005
# Warmup pretends that each segment buffers this much, so it splits only the first one, as for a well-served client.
WARMUP_BUFFER_SECONDS = 60.0


class Utterance:
    """Turns the text of one request into PCM. Use one of `pcm`, `warm` and `is_warm`."""

    def __init__(
        self,
        synthesizer: SegmentSynthesizer,
        style: Style,
        config: Config,
        idle_timer: IdleTimer,
        finder: VoiceFinder,
        *,
        text_format: str | None,
        rate: int,
        chime: Pcm,
        on_words: Callable[[Sequence[WordTiming]], object] | None = None,
        client: str = "",
    ) -> None:
        """`finder` finds what markup names. `rate`: samples per second of `pcm`. `chime` plays before the speech.

        `on_words` gets the words of each segment after its audio. `client` is the address that requested it.
        """
        self.voice = style.voice
        self.rate = rate
        self._synthesizer = synthesizer
        self._pauses = config.speech
        self._limits = config.server
        self._idle_timer = idle_timer
        self._output_delay_ms = 0 if rate == SAMPLE_RATE else DELAY_MS
        self._playback = Playback(
            client=client,
            output_delay_seconds=self._output_delay_ms / 1000,
            max_audio_seconds=config.server.max_audio_seconds,
        )
        self._playback.chime_seconds = seconds(chime)
        self._chime = chime
        self._prefetcher = Prefetcher(synthesizer, self._playback)
        self._markup = MarkupStream(style, finder, config.markup, text_format)
        self._segmenter = self._markup.segmenter
        # Text that the markup parser has not got yet.
        self._unread: list[str] = []
        self._is_read = False
        self._fed = asyncio.Event()
        self._finished = asyncio.Event()
        self._characters = 0
        self._on_words = on_words
        self._written_words = WrittenWords()

    @property
    def work_seconds(self) -> float:
        """Model run time of the segments so far."""
        return self._playback.work_seconds

    @property
    def wait_seconds(self) -> float | None:
        """How long the request waited for the full model; None if it did not use it."""
        return self._playback.wait_seconds

    @property
    def cached(self) -> bool:
        """Whether all segments so far came from the phrase cache."""
        return self._playback.cached

    def feed(self, text: str) -> None:
        """Add text. Raises `TextTooLong`."""
        self._characters += len(text)
        limit = self._limits.max_text_characters
        if self._characters > limit:
            raise TextTooLong(
                f"text too long: more than {limit} characters; send it in parts or raise max_text_characters"
            )
        self._unread.append(text)
        self._playback.pending_characters += len(text)
        self._fed.set()

    def finish(self) -> None:
        """End the text."""
        self._playback.is_text_complete = True
        self._finished.set()
        self._fed.set()

    async def pcm(self) -> AsyncGenerator[bytes, None]:
        """Yield s16le mono PCM at `rate` with pauses until the end of the text; at least `SILENT_TEXT_MS` of it.

        Closing the iterator stops all work for this utterance. Raises `SpeechError`.
        """
        admission = self._synthesizer.models.admission
        with self._idle_timer.activity(), admission.place(self._playback):
            speech = self._segments_with_pauses()
            output = speech if self.rate == SAMPLE_RATE else resample(speech, self.rate)
            async with self._prefetcher, aclosing(output) as chunks:
                async for chunk in chunks:
                    self._playback.begin_sending()
                    yield chunk
                    await admission.resume(self._playback)

    async def warm(self) -> WarmupResult:
        """Add the finished text to the phrase cache. Raises `SpeechError`."""
        result = WarmupResult()
        for segment in self._warmup_segments():
            result += await self._synthesizer.warm(segment.text, segment.style.voice)
        return result

    async def is_warm(self) -> bool:
        """Return whether the phrase cache has the whole finished text."""
        segments = self._warmup_segments()
        return all([await self._synthesizer.is_warm(segment.text, segment.style.voice) for segment in segments])

    async def _segments_with_pauses(self) -> AsyncGenerator[bytes, None]:
        pause_ms, sent_ms, has_audio = self._pauses.lead_in_ms, 0, False
        async with aclosing(self._segments()) as segments:
            async for segment in segments:
                if segment.pause_ms is not None and has_audio:
                    # It replaces the pause after the segment before.
                    yield self._silence(max(0, segment.pause_ms - sent_ms))
                    pause_ms = sent_ms = 0
                    continue
                # Nothing plays before the first segment has a place: a request that plays cannot be refused.
                pause_ms += segment.pause_ms or 0
                has_sound = not segment.text
                recordings: list[TimedRecording] | None = [] if self._on_words else None
                async with aclosing(self._synthesize(segment, recordings)) as chunks:
                    async for chunk in chunks:
                        if len(self._chime):
                            yield self._silence(pause_ms) + self._take_chime()
                            pause_ms = self._pauses.sentence_ms
                        if len(chunk):
                            yield self._silence(pause_ms - sent_ms) + chunk.tobytes()
                            pause_ms, sent_ms, has_audio, has_sound = 0, 0, True, True
                if self._on_words and recordings:
                    self._on_words(await self._time_words(segment, recordings))
                if has_audio and has_sound:
                    pause_ms = max(pause_ms, self._pause_after(segment.ending))
                    # The resampler would hold back the end of the segment until the next text, which may be late.
                    # Whatever follows begins with this silence.
                    early_ms = min(self._output_delay_ms, pause_ms, self._pauses.tail_ms) - sent_ms
                    if early_ms > 0:
                        yield self._silence(early_ms)
                        sent_ms += early_ms
        silent_text_ms = SILENT_TEXT_MS + pause_ms - self._pauses.lead_in_ms
        yield self._silence(self._pauses.tail_ms - sent_ms if has_audio else silent_text_ms)

    async def _synthesize(
        self, segment: StyledSegment, recordings: list[TimedRecording] | None
    ) -> AsyncGenerator[Pcm, None]:
        """Yield the PCM of `segment`; nothing for a pause."""
        if segment.text:
            # Warmup finds the recording of a style by the tags of the phrase.
            phrase, voice = segment.style.tag(segment.text), segment.style.voice
            speech = self._synthesizer.synthesize(
                segment.text, voice, self._playback, phrase=phrase, recordings=recordings
            )
            async with aclosing(speech) as chunks:
                async for chunk in chunks:
                    yield chunk

    async def _time_words(self, segment: StyledSegment, recordings: Sequence[TimedRecording]) -> list[WordTiming]:
        """Return the words of the segment that was just sent, as they are written."""
        words = [word for word in split_words(segment.text) if any(map(is_spoken, word))]
        begin = self._playback.audio_seconds - sum(recording.seconds * recording.stretch for recording in recordings)
        times = await self._synthesizer.time_words(words, segment.style.voice.language, recordings)
        written = map(self._written_words.take, words)
        return [
            WordTiming(word, round(begin + start, 3), round(begin + end, 3))
            for word, (start, end) in zip(written, times, strict=True)
        ]

    async def _segments(self) -> AsyncGenerator[StyledSegment, None]:
        seconds_without_text = 0.0
        await self._wait_for_end_of_text()
        while not self._segmenter.is_finished:
            self._fed.clear()
            if segment := await self._take_segment():
                seconds_without_text = 0.0
                for part in self._split_if_urgent(segment):
                    self._prefetcher.confirm(part)
                    yield part
                # Other tasks run between two segments, also if both are cached.
                await asyncio.sleep(0)
            elif self._segmenter.is_finished:
                return
            elif await self._prefetch_and_wait_for_text():
                seconds_without_text = 0.0
            elif paused := self._segmenter.take_on_pause():
                yield paused
            else:
                self._synthesizer.models.admission.release(self._playback)
                seconds_without_text += self._limits.sentence_timeout_seconds
                if seconds_without_text >= self._limits.stream_timeout_seconds:
                    self.finish()

    async def _take_segment(self) -> StyledSegment | None:
        """Return the next segment of the text so far, or None. Other tasks run between two pieces of a long text."""
        segment = self._segmenter.take_sentence()
        while not segment and self._read_text():
            if self._unread:
                await asyncio.sleep(0)
            segment = self._segmenter.take_sentence()
        return segment or (self._segmenter.take_early() if self._is_urgent else None)

    def _read_text(self) -> bool:
        """Parse the next piece of the text, and its end. Return False if there is none."""
        text = "".join(self._unread)
        piece, rest = text[:MAX_PARSED_CHARACTERS], text[MAX_PARSED_CHARACTERS:]
        self._unread = [rest] if rest else []
        is_end = self._finished.is_set() and not rest and not self._is_read
        if piece:
            if self._on_words:
                self._written_words.feed(piece)
            self._markup.feed(piece)
        if is_end:
            self._is_read = True
            self._markup.finish()
        return bool(piece) or is_end

    async def _wait_for_end_of_text(self) -> None:
        """Let a complete text arrive whole, so that it is split the same way each time and cached segments match."""
        if not self._finished.is_set() and await self._wait_for_text():
            with suppress(asyncio.TimeoutError):
                async with timeout(END_OF_TEXT_TIMEOUT_SECONDS):
                    await self._finished.wait()

    def _warmup_segments(self) -> Iterator[StyledSegment]:
        """Yield the segments of a finished text as a client with a full buffer gets them."""
        while self._read_text():
            pass
        while segment := self._segmenter.take_sentence():
            for part in self._split_if_urgent(segment) if segment.text else ():
                yield part
                self._playback.add_audio(WARMUP_BUFFER_SECONDS)

    @property
    def _is_urgent(self) -> bool:
        return self._playback.buffered_seconds < EARLY_SPLIT_BUFFER_SECONDS

    def _split_if_urgent(self, segment: StyledSegment) -> Iterator[StyledSegment]:
        """Yield `segment`, in two parts if the client would wait for the prosody of the whole."""
        split = split_long(segment.text, segment.style.voice.language) if self._is_urgent else None
        if split:
            yield replace(segment, text=split.opening, ending="clause")
            yield replace(segment, text=split.rest)
        else:
            yield segment

    async def _prefetch_and_wait_for_text(self) -> bool:
        """Prefetch the likely next segment and wait for text; return whether some came in time."""
        likely = self._segmenter.predict_next()
        if likely and self._is_urgent:
            self._prefetcher.start(next(self._split_if_urgent(likely)))
        return await self._wait_for_text()

    async def _wait_for_text(self) -> bool:
        """Wait for text or its end; return False after the sentence timeout."""
        try:
            async with timeout(self._limits.sentence_timeout_seconds):
                await self._fed.wait()
        except asyncio.TimeoutError:
            return False
        return True

    def _pause_after(self, ending: Ending) -> int:
        return {
            "word": 0,
            "clause": self._pauses.clause_ms,
            "sentence": self._pauses.sentence_ms,
            "paragraph": self._pauses.paragraph_ms,
        }[ending]

    def _silence(self, milliseconds: int) -> bytes:
        self._playback.require_room(milliseconds / 1000)
        pcm = silence(milliseconds)
        self._playback.add_audio(seconds(pcm))
        return pcm.tobytes()

    def _take_chime(self) -> bytes:
        chime, self._chime = self._chime, silence(0)
        self._playback.chime_seconds = 0.0
        self._playback.add_audio(seconds(chime))
        return chime.tobytes()
