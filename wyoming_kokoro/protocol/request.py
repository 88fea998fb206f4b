"""A request between the reading and the answering task of a connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager

import msgspec

from wyoming_kokoro.errors import UnsupportedText
from wyoming_kokoro.protocol.event_format import ReceivedEvent, data_as
from wyoming_kokoro.protocol.request_metrics import Observe, RequestTimer
from wyoming_kokoro.protocol.speech_service import OpenUtterance, SpeechService
from wyoming_kokoro.types import SAMPLE_RATE

# A request whose client has this much audio left to play is sent more slowly: 20 times as fast as it plays. Speech from
# the cache would else keep the event loop busy. Home Assistant before 2026 plays a text when all of it has arrived.
AHEAD_SECONDS = 60.0
MAX_SPEED_AHEAD = 20.0


class RequestedVoice(msgspec.Struct, frozen=True):
    """The voice of a request. `speaker` overrides `name`, which overrides `language`."""

    language: str | None = None
    name: str | None = None
    speaker: str | None = None


class SynthesizeData(msgspec.Struct, frozen=True):
    """The data of `synthesize-start`, and that of `synthesize` except its text."""

    voice: RequestedVoice = RequestedVoice()
    text_format: str | None = None


class TextData(msgspec.Struct, frozen=True):
    """The text of `synthesize-chunk` and `synthesize`."""

    text: str


class PingData(msgspec.Struct, frozen=True):
    """The data of `ping`, which `pong` repeats."""

    text: str | None = None


class SelectProgramData(msgspec.Struct, frozen=True):
    """The data of `select-program`."""

    name: str


class Request:
    """One request: the reading task adds its text, the answering task takes its audio.

    An error of the reading task is raised by `pcm`, in the answering task.
    """

    def __init__(self, is_streamed: bool, observe: Observe) -> None:
        """`is_streamed`: the text arrives in chunks, and the client waits for `synthesize-stopped`."""
        self.is_streamed = is_streamed
        self.text_complete = asyncio.Event()
        self.held_bytes = 0
        """The size of the events whose text the request holds."""
        self._utterance: OpenUtterance | None = None
        self._failure: Exception | None = None
        self._timer = RequestTimer(observe)

    def open(self, speech: SpeechService, event: ReceivedEvent, client: str) -> None:
        """Open the utterance with the voice of `event`, which came from `client`."""
        with self._catch_failure():
            data = data_as(SynthesizeData, event)
            if data.text_format not in (None, "text", "ssml"):
                raise UnsupportedText(f"unsupported text_format: {data.text_format[:80]!r}; send 'text' or 'ssml'")
            voice = data.voice
            self._utterance = speech.utterance(
                voice.name, voice.language, voice.speaker, text_format=data.text_format, client=client
            )

    def feed(self, event: ReceivedEvent) -> None:
        """Add the text of `event`. Does nothing after a failure."""
        if self._utterance and not self._failure:
            with self._catch_failure():
                text = data_as(TextData, event).text
                self._timer.start()
                self._utterance.feed(text)

    def fail(self, failure: Exception) -> None:
        """Let the request fail with `failure`. Only the first failure counts."""
        self._failure = self._failure or failure
        if self._utterance:
            self._utterance.finish()

    def finish(self) -> None:
        """Declare the text complete."""
        if self._utterance:
            self._utterance.finish()
        self.text_complete.set()

    @property
    def rate(self) -> int:
        """Samples per second of `pcm`."""
        return self._utterance.rate if self._utterance else SAMPLE_RATE

    async def pcm(self) -> AsyncGenerator[bytes, None]:
        """Yield the audio as it is synthesized. Raises the first failure of the request."""
        self._raise_failure()
        assert self._utterance is not None
        async with aclosing(self._utterance.pcm()) as chunks:
            async for chunk in chunks:
                self._raise_failure()
                self._timer.add_audio(chunk)
                yield chunk
                await asyncio.sleep(self._seconds_early)
        self._raise_failure()

    @property
    def _seconds_early(self) -> float:
        """How long the next audio has to wait."""
        sent_seconds = self._timer.audio_seconds(self.rate)
        return max(0.0, (sent_seconds - AHEAD_SECONDS) / MAX_SPEED_AHEAD - self._timer.playing_seconds)

    def end(self, failure: Exception | None) -> None:
        """Report success, or the failure. Only the first report of an end counts."""
        self._timer.finish(failure, self._utterance)

    def abort(self, code: str) -> None:
        """Report that the server ended the request with the error `code`, or that the client left (empty `code`)."""
        self._timer.abort(code, self._utterance)

    @contextmanager
    def _catch_failure(self) -> Iterator[None]:
        try:
            yield
        except Exception as failure:  # noqa: BLE001 `pcm` raises it in the answering task
            self.fail(failure)

    def _raise_failure(self) -> None:
        if self._failure:
            raise self._failure
