"""Who speaks: the advertised voices, and an utterance for each request."""

from __future__ import annotations

import difflib
import time
from collections.abc import Sequence

from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import StartupError, UnknownVoice, UnsupportedLanguage
from wyoming_kokoro.phrases import Phrase, Warmth
from wyoming_kokoro.speech.quiet import Quiet
from wyoming_kokoro.speech.speaker import Manner, Speaker
from wyoming_kokoro.speech.utterance import Patience, Utterance
from wyoming_kokoro.types import Voice


class Narrator:
    """Opens utterances."""

    def __init__(self, speaker: Speaker, voices: Sequence[Voice], config: Config) -> None:
        """Raises `StartupError` when the default voice is not among `voices`."""
        self.voices = tuple(sorted(voices, key=lambda voice: (voice.language, voice.description)))
        self._by_name = {voice.name: voice for voice in self.voices}
        self._speaker = speaker
        self.settle(config)
        self.quiet = Quiet()
        """How long nobody has been spoken to."""

    def settle(self, config: Config) -> None:
        """Let what `config` says of speaking hold for every request from now on.

        Raises `StartupError`, and changes nothing, when the default voice is not there.
        """
        try:
            self.default = self._named(config.voice.name)
        except UnknownVoice as error:
            raise StartupError(f"the default voice: {error}") from None
        server = config.server
        self._speech = config.speech
        self._patience = Patience(server.pause_seconds, server.idle_seconds, server.max_text_characters)
        self._speaker.manner = Manner(config.voice.speed, config.voice.volume)
        self._speaker.admission.most = server.max_streams

    def utterance(self, voice: str | None = None, language: str | None = None) -> Utterance:
        """Open an utterance by `voice`, else by the best voice of `language`, else by the default voice.

        Raises `UnknownVoice` and `UnsupportedLanguage`.
        """
        if voice:
            chosen = self._named(voice)
        elif language:
            chosen = self._speaking(language)
        else:
            chosen = self.default
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

    def _named(self, name: str) -> Voice:
        if name in self._by_name:
            return self._by_name[name]
        close = difflib.get_close_matches(name, self._by_name, n=3) or sorted(self._by_name)[:3]
        raise UnknownVoice(
            f"there is no voice {name[:80]!r}; similar are {', '.join(close)} (`wyoming-kokoro voices` lists all)"
        )

    def _speaking(self, language: str) -> Voice:
        wanted = language.replace("_", "-").lower()
        if wanted in (self.default.language.lower(), self.default.language.lower().split("-")[0]):
            return self.default
        for match in (str.__eq__, lambda have, want: have.split("-")[0] == want.split("-")[0]):
            for voice in self.voices:
                if match(voice.language.lower(), wanted):
                    return voice
        known = ", ".join(sorted({voice.language for voice in self.voices}))
        raise UnsupportedLanguage(f"no voice speaks {language[:20]!r}; the voices speak {known}")
