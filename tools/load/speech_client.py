"""A Wyoming client that requests speech as Home Assistant does, and records when the audio arrives."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncClient
from wyoming.error import Error
from wyoming.event import Event
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop, SynthesizeStopped, SynthesizeVoice

ANSWER_TIMEOUT_SECONDS = 120.0
MIN_AUDIO_SECONDS = 0.1
MAX_GAP_SECONDS = 0.02
"""A longer gap is audible; the buffer of a player hides a shorter one."""
AUDIBLE_SAMPLE = 0.01
"""The share of full scale above which a sample is audible."""
SPOKEN, OVERLOADED = "spoken", "overloaded"
REFUSALS = {OVERLOADED, "too-many-connections", "too-many-requests"}
"""Error codes with which a busy server may refuse a request. The client tries again."""
SYLLABLES = [consonant + vowel for consonant in "bdfghklmnprstvz" for vowel in "aeio"]
WORDS = ("door", "light", "kitchen", "garden", "window", "morning", "water", "music", "seven", "evening", "river")


@dataclass(slots=True)
class SpeechAnswer:
    """The answer to one request. Times are in seconds since the request was written."""

    text: str
    outcome: str = "no answer"
    """`spoken`, the code of an error event, or the problem."""
    ttfa: float | None = None
    audible: float | None = None
    """When a player that starts at the first audio plays the first audible sample."""
    audio_seconds: float = 0.0
    gap_seconds: float = 0.0
    """How long a player is silent in total, if it starts at the first audio."""
    end: float = 0.0

    _has_started: bool = False
    _has_stopped: bool = False
    _played_until: float = 0.0

    def add(self, event: Event, now: float) -> None:
        """Add an event that arrived `now`. Raises `EOFError` for audio that no player would expect."""
        if AudioStart.is_type(event.type):
            self._has_started = True
        elif AudioStop.is_type(event.type):
            self._has_stopped = True
        elif AudioChunk.is_type(event.type):
            if not self._has_started or self._has_stopped:
                raise EOFError("audio before audio-start or after audio-stop")
            if self.ttfa is None:
                self.ttfa = self._played_until = now
            self.gap_seconds += max(0.0, now - self._played_until)
            chunk, starts_at = AudioChunk.from_event(event), max(now, self._played_until)
            if self.audible is None:
                audible = np.flatnonzero(np.abs(np.frombuffer(chunk.audio, "<i2") / 32768) > AUDIBLE_SAMPLE)
                self.audible = starts_at + int(audible[0]) / chunk.rate if audible.size else None
            self._played_until = starts_at + chunk.seconds
            self.audio_seconds += chunk.seconds


async def request_speech(port: int, text: str, voice: str = "", chunks: Sequence[str] = ()) -> SpeechAnswer:
    """Request speech on a new connection and read the whole answer. The outcome reports any problem.

    `text` is sent in `chunks` if there are any, and at once otherwise.
    """
    answer = SpeechAnswer(text)
    started = time.perf_counter()
    try:
        await asyncio.wait_for(_exchange(answer, port, voice, chunks), ANSWER_TIMEOUT_SECONDS)
    except asyncio.TimeoutError:  # an OSError since Python 3.11, so it comes first
        answer.outcome = f"no end after {ANSWER_TIMEOUT_SECONDS:g} s"
    except ConnectionRefusedError:
        answer.outcome = "connection refused"
    except (OSError, EOFError) as error:
        answer.outcome = f"connection broken: {error!r}"
    answer.end = answer.end or time.perf_counter() - started
    return answer


async def _exchange(answer: SpeechAnswer, port: int, voice: str, chunks: Sequence[str]) -> None:
    last = SynthesizeStopped if chunks else AudioStop
    async with AsyncClient.from_uri(f"tcp://127.0.0.1:{port}") as client:
        started = time.perf_counter()
        sending = asyncio.create_task(send_text(client, answer.text, voice, chunks))
        try:
            while event := await client.read_event():
                answer.end = time.perf_counter() - started
                if Error.is_type(event.type):
                    answer.outcome = Error.from_event(event).code or "error"
                    return
                answer.add(event, answer.end)
                if last.is_type(event.type):
                    answer.outcome = SPOKEN if answer.audio_seconds >= MIN_AUDIO_SECONDS else "too little audio"
                    return
            answer.outcome = "closed by the server"
        finally:
            sending.cancel()
            await asyncio.wait({sending})


async def send_text(client: AsyncClient, text: str, voice: str = "", chunks: Sequence[str] = ()) -> None:
    """Send a request. The whole text follows any chunks, which Home Assistant does for servers without streaming."""
    wanted = SynthesizeVoice(name=voice) if voice else None
    if not chunks:
        await client.write_event(Synthesize(text, voice=wanted).event())
        return
    await client.write_event(SynthesizeStart(voice=wanted).event())
    for chunk in chunks:
        await client.write_event(SynthesizeChunk(chunk).event())
    await client.write_event(Synthesize(text, voice=wanted).event())
    await client.write_event(SynthesizeStop().event())


def random_sentence(random: Random, words: int) -> str:
    """Return a sentence with an invented first word, so that it is not cached."""
    invented = "".join(random.choices(SYLLABLES, k=5))
    return " ".join([invented, *random.choices(WORDS, k=words - 1)]).capitalize() + "."


def split_randomly(text: str, random: Random) -> list[str]:
    """Return `text` in chunks of a few characters, as a language model streams it."""
    chunks, start = [], 0
    while start < len(text):
        size = random.randint(1, 12)
        chunks.append(text[start : start + size])
        start += size
    return chunks
