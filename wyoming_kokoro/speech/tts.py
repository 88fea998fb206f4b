"""Who speaks: the advertised voices, and an utterance for each request."""

from __future__ import annotations

import time

from wyoming_kokoro.api.warmup import Phrase, Warmth
from wyoming_kokoro.config import Config
from wyoming_kokoro.scheduling.idle import Quiet
from wyoming_kokoro.speech.synthesizer import Manner, Speaker
from wyoming_kokoro.speech.utterance import Patience, Utterance
from wyoming_kokoro.speech.voice_catalog import Cast
from wyoming_kokoro.types import Voice


class Narrator:
    """Opens utterances."""

    def __init__(self, speaker: Speaker, cast: Cast, config: Config) -> None:
        """Raises `StartupError` when the default voice is not in `cast`."""
        self.voices = cast.voices
        self._cast = cast
        self._speaker = speaker
        self.settle(config)
        self.quiet = Quiet()
        """How long nobody has been spoken to."""

    @property
    def default(self) -> Voice:
        """The voice of those who name none."""
        return self._cast.default

    def settle(self, config: Config) -> None:
        """Let what `config` says of speaking hold for every request from now on.

        Raises `StartupError`, and changes nothing, when the default voice is not there.
        """
        self._cast.choose(config.voice.name)
        server = config.server
        self._speech = config.speech
        self._patience = Patience(server.pause_seconds, server.idle_seconds, server.max_text_characters)
        self._speaker.manner = Manner(config.voice.speed, config.voice.volume)
        self._speaker.admission.most = server.max_streams

    def utterance(self, voice: str | None = None, language: str | None = None, speaker: str | None = None) -> Utterance:
        """Open an utterance by `speaker`, else by `voice`, else by the best voice of `language`, else by the default.

        Raises `UnknownVoice` and `UnsupportedLanguage`.
        """
        chosen = self._cast.find(voice, language, speaker)
        return Utterance(self._speaker, chosen, self._speech, self._patience, quiet=self.quiet, clock=time.monotonic)

    async def warm(self, phrase: Phrase) -> Warmth:
        """Have `phrase` in the phrase cache, behind everybody who is spoken to. Raises `SpeechError`."""
        return await self._complete(phrase).warm()

    async def is_warm(self, phrase: Phrase) -> bool:
        """Return whether the phrase cache has all of `phrase`. Raises `SpeechError`."""
        return await self._complete(phrase).is_warm()

    def _complete(self, phrase: Phrase) -> Utterance:
        utterance = self.utterance(phrase.voice)
        utterance.feed(phrase.text)
        utterance.finish()
        return utterance
