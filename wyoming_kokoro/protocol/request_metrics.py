"""Measures one request and reports its end once."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from wyoming_kokoro.api.observations import Outcome, RequestFinished
from wyoming_kokoro.errors import ProtocolError, SpeechError, SynthesisFailed, code_of
from wyoming_kokoro.protocol.speech_service import OpenUtterance

Observe = Callable[[RequestFinished], object]
SAMPLE_BYTES = 2


class RequestTimer:
    """Measures one request and reports its end. Only the first end counts."""

    def __init__(self, observe: Observe, clock: Callable[[], float] = time.monotonic) -> None:
        self._observe = observe
        self._clock = clock
        self._started_at: float | None = None
        self._first_seconds: float | None = None
        self._bytes = 0
        self._has_ended = False

    def start(self) -> None:
        """Start at the first text. Later calls change nothing."""
        if self._started_at is None:
            self._started_at = self._clock()

    def add_audio(self, pcm: bytes) -> None:
        """Count `pcm` as sent."""
        if self._first_seconds is None:
            self._first_seconds = self._elapsed
        self._bytes += len(pcm)

    def audio_seconds(self, rate: int) -> float:
        """Return the length of the sent audio, which has `rate` samples per second."""
        return self._bytes / SAMPLE_BYTES / rate

    @property
    def playing_seconds(self) -> float:
        """Seconds since the first audio; 0 before it."""
        return 0.0 if self._first_seconds is None else self._elapsed - self._first_seconds

    def finish(self, failure: Exception | None, utterance: OpenUtterance | None) -> None:
        """Report success, or `failure`. `utterance` is None when none was opened."""
        if failure is None:
            self._report("spoken", "", utterance)
        else:
            is_refusal = isinstance(failure, (SpeechError, ProtocolError)) and not isinstance(failure, SynthesisFailed)
            outcome: Outcome = "refused" if is_refusal and self._first_seconds is None else "failed"
            self._report(outcome, code_of(failure), utterance)

    def abort(self, code: str, utterance: OpenUtterance | None) -> None:
        """Report that the server ended the request with the error `code`, or that the client left (empty `code`)."""
        self._report("failed" if code else "cancelled", code, utterance)

    def _report(self, outcome: Outcome, code: str, utterance: OpenUtterance | None) -> None:
        if self._has_ended:
            return
        self._has_ended = True
        has_audio = self._first_seconds is not None
        self._observe(
            RequestFinished(
                voice=utterance.voice.name if utterance else "",
                outcome=outcome,
                code=code,
                first_seconds=self._first_seconds,
                seconds=self._elapsed,
                audio_seconds=self.audio_seconds(utterance.rate) if utterance else 0.0,
                work_seconds=utterance.work_seconds if utterance else 0.0,
                wait_seconds=utterance.wait_seconds if utterance else None,
                cached=has_audio and utterance is not None and utterance.cached,
            )
        )

    @property
    def _elapsed(self) -> float:
        return 0.0 if self._started_at is None else self._clock() - self._started_at


async def timed(utterance: OpenUtterance, observe: Observe) -> AsyncGenerator[bytes, None]:
    """Yield the audio of an utterance whose text is complete, and report its end. Raises what the utterance raises."""
    timer = RequestTimer(observe)
    timer.start()
    try:
        async with aclosing(utterance.pcm()) as chunks:
            async for chunk in chunks:
                timer.add_audio(chunk)
                yield chunk
        timer.finish(None, utterance)
    except Exception as failure:
        timer.finish(failure, utterance)
        raise
    finally:
        # Reached without an earlier end when the consumer closes the generator.
        timer.abort("", utterance)
