"""The speech service that the protocol calls: the seam between `protocol` and `speech`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Protocol

from wyoming_kokoro.types import Voice


class OpenUtterance(Protocol):
    """The text of one request, which becomes audio while it arrives."""

    @property
    def voice(self) -> Voice:
        """The voice of the utterance."""

    @property
    def rate(self) -> int:
        """Samples per second of `pcm`."""

    @property
    def work_seconds(self) -> float:
        """Seconds of model time for the segments that were streamed completely."""

    @property
    def wait_seconds(self) -> float | None:
        """How long the request waited for the full model; None if it did not use it."""

    @property
    def cached(self) -> bool:
        """Whether all audio so far came from the phrase cache."""

    def feed(self, text: str) -> None:
        """Add text. Raises `SpeechError`."""

    def finish(self) -> None:
        """Declare the text complete."""

    def pcm(self) -> AsyncGenerator[bytes, None]:
        """Yield s16le mono PCM at `rate`, at least one chunk. Raises `SpeechError`."""


class SpeechService(Protocol):
    """Opens an utterance for each request."""

    @property
    def voices(self) -> Sequence[Voice]:
        """The advertised voices."""

    def utterance(
        self,
        voice: str | None = None,
        language: str | None = None,
        speaker: str | None = None,
        *,
        text_format: str | None = None,
        client: str = "",
    ) -> OpenUtterance:
        """Open an utterance for the address `client`. `text_format` is `text`, `ssml` or None. Raises `SpeechError`."""
