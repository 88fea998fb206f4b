"""What becomes of one request, told once."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from wyoming_kokoro.api.observations import Outcome, RequestFinished
from wyoming_kokoro.errors import ProtocolError, SpeechError, SynthesisFailed, code_of
from wyoming_kokoro.protocol.speech_service import OpenUtterance
from wyoming_kokoro.types import SAMPLE_RATE

Observe = Callable[[RequestFinished], object]
SAMPLE_BYTES = 2


class RequestTimer:
    """Times one request and tells how it ended. Ended once; what comes later counts for nothing."""

    def __init__(self, observe: Observe, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` tells seconds and is never set."""
        self._observe = observe
        self._clock = clock
        self._asked_at: float | None = None
        self._first_seconds: float | None = None
        self._bytes = 0
        self._has_ended = False

    def start(self) -> None:
        """Note that text came; only the first time counts."""
        if self._asked_at is None:
            self._asked_at = self._clock()

    def add_audio(self, pcm: bytes) -> None:
        """Note that `pcm` is handed out."""
        if self._first_seconds is None:
            self._first_seconds = self._elapsed
        self._bytes += len(pcm)

    def finish(self, failure: Exception | None, utterance: OpenUtterance | None) -> None:
        """Tell that the request was spoken, or what it failed in; `utterance` is None when none was opened."""
        if failure is None:
            self._tell("spoken", "", utterance)
        else:
            is_refusal = isinstance(failure, (SpeechError, ProtocolError)) and not isinstance(failure, SynthesisFailed)
            outcome: Outcome = "refused" if is_refusal and self._first_seconds is None else "failed"
            self._tell(outcome, code_of(failure), utterance)

    def abort(self, code: str, utterance: OpenUtterance | None) -> None:
        """Tell that the client went, or with a `code` why it is not spoken to any more."""
        self._tell("failed" if code else "cancelled", code, utterance)

    def _tell(self, outcome: Outcome, code: str, utterance: OpenUtterance | None) -> None:
        if self._has_ended:
            return
        self._has_ended = True
        has_sound = self._first_seconds is not None
        self._observe(
            RequestFinished(
                voice=utterance.voice.name if utterance else "",
                outcome=outcome,
                code=code,
                first_seconds=self._first_seconds,
                seconds=self._elapsed,
                audio_seconds=self._bytes / SAMPLE_BYTES / SAMPLE_RATE,
                work_seconds=utterance.work_seconds if utterance else 0.0,
                cached=has_sound and utterance is not None and utterance.cached,
            )
        )

    @property
    def _elapsed(self) -> float:
        return 0.0 if self._asked_at is None else self._clock() - self._asked_at


async def timed(utterance: OpenUtterance, observe: Observe) -> AsyncGenerator[bytes, None]:
    """Yield the sound of an utterance that has all of its text, and tell how that ended.

    Raises what the utterance raises.
    """
    account = RequestTimer(observe)
    account.start()
    try:
        async with aclosing(utterance.pcm()) as sounds:
            async for sound in sounds:
                account.add_audio(sound)
                yield sound
        account.finish(None, utterance)
    except Exception as failure:
        account.finish(failure, utterance)
        raise
    finally:
        account.abort("", utterance)
