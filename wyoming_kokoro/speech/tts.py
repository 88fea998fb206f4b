"""Who speaks: the advertised voices, and an utterance for each request."""

from __future__ import annotations

import time

from wyoming_kokoro.api.warmup import Phrase, WarmupResult
from wyoming_kokoro.config import Config
from wyoming_kokoro.scheduling.idle import IdleTimer
from wyoming_kokoro.speech.synthesizer import SegmentSynthesizer, VoiceDefaults
from wyoming_kokoro.speech.utterance import TextLimits, Utterance
from wyoming_kokoro.speech.voice_catalog import VoiceCatalog
from wyoming_kokoro.types import Voice


class TextToSpeech:
    """Opens utterances."""

    def __init__(self, speaker: SegmentSynthesizer, cast: VoiceCatalog, config: Config) -> None:
        """Raises `StartupError` when the default voice is not in `cast`."""
        self.voices = cast.voices
        self._cast = cast
        self._speaker = speaker
        self.apply_config(config)
        self.idle_timer = IdleTimer()
        """How long nobody has been spoken to."""

    @property
    def default_voice(self) -> Voice:
        """The voice of those who name none."""
        return self._cast.default_voice

    def apply_config(self, config: Config) -> None:
        """Let what `config` says of speaking hold for every request from now on.

        Raises `StartupError`, and changes nothing, when the default voice is not there.
        """
        self._cast.set_default(config.voice.name)
        server = config.server
        self._speech = config.speech
        self._patience = TextLimits(
            server.sentence_timeout_seconds, server.stream_timeout_seconds, server.max_text_characters
        )
        self._speaker.defaults = VoiceDefaults(config.voice.speed, config.voice.volume)
        self._speaker.admission.max_streams = server.max_streams

    def utterance(self, voice: str | None = None, language: str | None = None, speaker: str | None = None) -> Utterance:
        """Open an utterance by `speaker`, else by `voice`, else by the best voice of `language`, else by the default.

        Raises `UnknownVoice` and `UnsupportedLanguage`.
        """
        chosen = self._cast.resolve(voice, language, speaker)
        return Utterance(
            self._speaker, chosen, self._speech, self._patience, quiet=self.idle_timer, clock=time.monotonic
        )

    async def warm(self, phrase: Phrase) -> WarmupResult:
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
