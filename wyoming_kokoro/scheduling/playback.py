"""Estimates how long a client can play the audio it has."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Protocol

from wyoming_kokoro.api.speech_models import Quality, SelectionReason
from wyoming_kokoro.errors import TextTooLong

# A running stream with less buffered audio than this precedes a request that just arrived: a gap in a word is worse
# than first audio that is a little later.
START_GRACE_SECONDS = 0.4
# A client that takes longer for a chunk does not read. Its stream needs no work until it reads again.
BLOCKED_SECONDS = 0.5


class Priority(Protocol):
    """Orders jobs: the one with the earliest deadline runs first."""

    @property
    def deadline(self) -> float:
        """The time at which the next audio is due."""

    @property
    def has_started(self) -> bool:
        """Whether audio has left, so that a missed deadline is a gap."""


class Playback:
    """Tracks the playback of one request. Times are seconds of `clock`."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        *,
        client: str = "",
        output_delay_seconds: float = 0.0,
        max_audio_seconds: float = math.inf,
    ) -> None:
        """`client`: the address that the request came from.

        `output_delay_seconds`: how much of the audio a filter on the way to the client holds back. `max_audio_seconds`:
        the length that the request may have.
        """
        self.client = client
        self.has_started = False
        self.work_seconds = 0.0
        """Model run time of the chunks that were synthesized to their end."""
        self.wait_seconds: float | None = None
        """How long the request waited for the full model; None if it did not use it."""
        self.pending_characters = 0
        """Text of the request that no segment contains yet."""
        self.is_text_complete = False
        self.cached = True
        """Whether all audio so far came from the phrase cache."""
        self.quality: Quality | None = None
        """The model that spoke the last segment that was not cached."""
        self.reason: SelectionReason = "setting"
        """Why that model spoke."""
        self.failed: set[tuple[str, str]] = set()
        """The models and voices that failed in this request."""
        self.chime_seconds = 0.0
        """Length of the chime that will play before the first speech."""
        self.audio_seconds = 0.0
        """Length of all audio so far, with the silence and the chime."""
        self._clock = clock
        self._output_delay_seconds = output_delay_seconds
        self._max_audio_seconds = max_audio_seconds
        self._requested_at = self._buffer_ends_at = clock()
        self._sent_at: float | None = None

    @property
    def deadline(self) -> float:
        """The time at which the buffer ends or, before the first audio, at which it is due."""
        return self._buffer_ends_at if self.has_started else self._requested_at + START_GRACE_SECONDS

    @property
    def buffered_seconds(self) -> float:
        """Seconds of audio that the client has left to play."""
        return max(0.0, self._buffer_ends_at - self._clock())

    @property
    def is_blocked(self) -> bool:
        """Whether the client does not read."""
        return self._sent_at is not None and self._clock() - self._sent_at > BLOCKED_SECONDS

    def add_audio(self, seconds: float) -> None:
        """Add audio that is sent to the client."""
        self.audio_seconds += seconds
        if seconds > 0 and not self.has_started:
            self.has_started = True
            seconds -= self._output_delay_seconds
        self._buffer_ends_at = max(self._buffer_ends_at, self._clock()) + seconds

    def require_room(self, seconds: float) -> None:
        """Raise `TextTooLong` if this much more audio makes the request too long."""
        if self.audio_seconds + seconds > self._max_audio_seconds:
            limit = f"{self._max_audio_seconds:g} s of audio"
            raise TextTooLong(f"text too long: more than {limit}; send it in parts or raise max_audio_seconds")

    def begin_sending(self) -> None:
        """Note that the client is offered audio."""
        self._sent_at = self._clock()

    def end_sending(self) -> None:
        """Note that the client has taken the audio."""
        self._sent_at = None

    def add_wait(self, seconds: float) -> None:
        """Add time in which the request waited for the full model, or 0 if it did not have to."""
        self.wait_seconds = (self.wait_seconds or 0.0) + seconds

    def add_work(self, seconds: float) -> None:
        """Add model run time."""
        self.work_seconds += seconds


class IdlePriority:
    """The priority of background work: every stream precedes it."""

    deadline = math.inf
    has_started = False
