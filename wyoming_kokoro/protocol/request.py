"""A request on its way from the reading to the answering side of a conversation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

import msgspec
from wyoming.event import Event

from wyoming_kokoro.errors import UnsupportedText
from wyoming_kokoro.protocol.events import data_as
from wyoming_kokoro.protocol.request_metrics import Observe, RequestTimer
from wyoming_kokoro.protocol.speech_service import OpenUtterance, SpeechService


class RequestedVoice(msgspec.Struct, frozen=True):
    """The voice that a client asks for; of what it names, the last counts that is not None.

    A voice speaks its own language: whoever names one needs no language, and whoever names a speaker needs no voice.
    """

    language: str | None = None
    name: str | None = None
    speaker: str | None = None


class SynthesizeData(msgspec.Struct, frozen=True):
    """What `synthesize-start` and `synthesize` say about how to speak."""

    voice: RequestedVoice = RequestedVoice()
    text_format: str | None = None


class TextData(msgspec.Struct, frozen=True):
    """What `synthesize-chunk` and `synthesize` say."""

    text: str


class PingData(msgspec.Struct, frozen=True):
    """What `pong` repeats."""

    text: str | None = None


class SelectProgramData(msgspec.Struct, frozen=True):
    """What `select-program` asks for."""

    name: str


class Request:
    """One request: the reading side adds its text, the answering side takes its sound.

    What goes wrong while the text comes in is kept, and raised when it is the request's turn.
    """

    def __init__(self, streamed: bool, observe: Observe) -> None:
        """`observe` is told how the request ended."""
        self.is_streamed = streamed
        """Whether the text comes in pieces and the client waits for `synthesize-stopped`."""
        self.text_complete = asyncio.Event()
        """Set when the client has sent everything."""
        self._utterance: OpenUtterance | None = None
        self._failure: Exception | None = None
        self._account = RequestTimer(observe)

    def open(self, narrator: SpeechService, event: Event) -> None:
        """Find the voice that `event` asks for."""
        self._try(lambda: self._open(narrator, data_as(SynthesizeData, event)))

    def feed(self, event: Event) -> None:
        """Add the text of `event`, unless something went wrong before."""
        self._try(lambda: self._feed(data_as(TextData, event).text))

    def fail(self, failure: Exception) -> None:
        """Let the request end in `failure`, unless something went wrong before."""
        self._failure = self._failure or failure
        if self._utterance:
            self._utterance.finish()

    def finish(self) -> None:
        """Note that the client has sent everything."""
        if self._utterance:
            self._utterance.finish()
        self.text_complete.set()

    async def pcm(self) -> AsyncGenerator[bytes, None]:
        """Yield the sound as it is made. Raises what went wrong before or goes wrong meanwhile."""
        self._raise_failure()
        assert self._utterance is not None
        async with aclosing(self._utterance.pcm()) as sounds:
            async for sound in sounds:
                self._raise_failure()
                self._account.add_audio(sound)
                yield sound
        self._raise_failure()

    def end(self, failure: Exception | None) -> None:
        """Tell that the request was spoken, or what it failed in."""
        self._account.finish(failure, self._utterance)

    def cut_off(self, code: str) -> None:
        """Tell that the client went, or with a `code` why it is not spoken to any more."""
        self._account.abort(code, self._utterance)

    def _open(self, narrator: SpeechService, opening: SynthesizeData) -> None:
        if opening.text_format not in (None, "text"):
            raise UnsupportedText("only plain text is understood, no SSML; leave text_format out")
        wish = opening.voice
        self._utterance = narrator.utterance(wish.name, wish.language, wish.speaker)

    def _feed(self, text: str) -> None:
        self._account.start()
        if self._utterance:
            self._utterance.feed(text)

    def _try(self, step: Callable[[], None]) -> None:
        if self._failure is None:
            try:
                step()
            except Exception as failure:  # noqa: BLE001 whoever answers the request tells and logs it
                self.fail(failure)

    def _raise_failure(self) -> None:
        if self._failure:
            raise self._failure


class PendingRequests:
    """The requests of one conversation that have not ended: how each of them ends is told once."""

    def __init__(self, observe: Observe) -> None:
        self._observe = observe
        self._requests: set[Request] = set()

    def begin(self, streamed: bool) -> Request:
        """Return a new request."""
        request = Request(streamed, self._observe)
        self._requests.add(request)
        return request

    def end(self, request: Request, failure: Exception | None) -> None:
        """Tell that `request` was spoken, or what it failed in."""
        self._requests.discard(request)
        request.end(failure)

    def cut_off(self, code: str) -> None:
        """Tell of all that their client went, or with a `code` why it is not spoken to any more."""
        while self._requests:
            self._requests.pop().cut_off(code)
