"""Who can speak: the model's voices, those that the configuration makes of them, and any blend."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable
from dataclasses import replace

from wyoming_kokoro.config import Config, VoiceAlias
from wyoming_kokoro.errors import ConfigError, SpeechError, StartupError, UnknownVoice, UnsupportedLanguage
from wyoming_kokoro.model.blend import Blend
from wyoming_kokoro.model.loudness import Loudness
from wyoming_kokoro.model.voices import display_name
from wyoming_kokoro.types import Voice

SLOWEST, FASTEST = 0.5, 2.0
"""Beyond these nobody understands, and nothing was learned of how voices sound."""
VOICE_NAME = re.compile(r"\w[\w-]{0,49}")


class VoiceCatalog:
    """The voices that can be asked for."""

    def __init__(
        self, voices: Iterable[Voice], languages: Collection[str], config: Config, loudness: Loudness | None = None
    ) -> None:
        """`voices` are all that the model has, `languages` those that can be phonemized.

        Raises `ConfigError` for a voice of the configuration that cannot be, and `StartupError` when the default voice
        is none.
        """
        self._loudness = loudness or Loudness({})
        self._languages = languages
        self._model = {voice.name: replace(voice, gain=self._loudness.gain(voice.name)) for voice in voices}
        speaking = [voice for voice in self._model.values() if voice.language in languages]
        own = [self._own(name, wanted, config) for name, wanted in config.voices.items()]
        self._best_first = (*sorted(speaking, key=_place), *own)
        self._by_name = {voice.name: voice for voice in self._best_first}
        self.voices = tuple(sorted(self._best_first, key=_place))
        """The advertised ones."""
        self.set_default(config.voice.name)

    def set_default(self, name: str) -> None:
        """Let `name` be the voice of those who name none. Raises `StartupError`, and changes nothing."""
        try:
            self.default_voice = self.get(name)
        except SpeechError as error:
            raise StartupError(f"the default voice: {error}") from None

    @property
    def blends(self) -> dict[str, str]:
        """The languages of the blends that the configuration names, by their sound."""
        own = (*self.voices, self.default_voice)
        return {voice.sound: voice.language for voice in own if len(Blend.parse(voice.sound).names) > 1}

    def resolve(self, name: str | None = None, language: str | None = None, speaker: str | None = None) -> Voice:
        """Return the voice `speaker`, else the voice `name`, else the best of `language`, else the default voice.

        Raises `UnknownVoice` and `UnsupportedLanguage`.
        """
        if speaker or name:
            return self.get(speaker or name or "")
        return self._speaking(language) if language else self.default_voice

    def get(self, name: str) -> Voice:
        """Return the voice or the blend of that name. Raises `UnknownVoice` and `UnsupportedLanguage`."""
        if name in self._by_name:
            return self._by_name[name]
        voice = self._blended(name, self._by_name)
        if voice.language not in self._languages:
            raise UnsupportedLanguage(f"{voice.name} speaks {voice.language}, for which no phonemizer is installed")
        return voice

    def _blended(self, text: str, similar: Iterable[str]) -> Voice:
        """Return the voice of the model, or the blend, that is written as `text`; if there is none, tell `similar`."""
        try:
            blend = Blend.parse(text)
        except ValueError as error:
            raise UnknownVoice(str(error) if set(text) & set("+*") else _unknown(text, similar)) from None
        for name in blend.names:
            if name not in self._model:
                raise UnknownVoice(_unknown(name, similar))
        first = self._model[blend.names[0]]
        if len(blend.names) == 1:
            return first
        gain = self._loudness.gain(blend.style_name)
        return Voice(str(blend), first.language, _written(blend), base=blend.style_name, gain=gain)

    def _own(self, name: str, wanted: VoiceAlias, config: Config) -> Voice:
        """Return the voice that the configuration calls `name`. Raises `ConfigError`."""

        def refused(key: str, reason: object) -> ConfigError:
            return ConfigError(config.where, f"voices.{name}.{key}", str(reason))

        if not VOICE_NAME.fullmatch(name) or name in self._model:
            why = "taken by the model" if name in self._model else "no name for a voice"
            raise ConfigError(config.where, "voices", f"{name[:50]!r} is {why}; use others of letters, digits, _ and -")
        try:
            base = self._blended(wanted.base, self._model)
        except UnknownVoice as error:
            raise refused("base", error) from None
        language = wanted.language or base.language
        if language not in self._languages:
            raise refused("language", f"{language!r} has no phonemizer; {', '.join(sorted(self._languages))} have")
        if not SLOWEST <= (speed := wanted.speed * config.voice.speed) <= FASTEST:
            raise refused("speed", f"times [voice] speed is {speed:g}; it must be from {SLOWEST} to {FASTEST}")
        description = wanted.description or _described(name, wanted)
        gain = base.gain * wanted.volume
        return Voice(name, language, description, base.grade, base.sound, wanted.speed, gain)

    def _speaking(self, language: str) -> Voice:
        wanted = language.replace("_", "-").lower()
        for match in (str.__eq__, lambda have, want: have.split("-")[0] == want.split("-")[0]):
            for voice in (self.default_voice, *self._best_first):
                if match(voice.language.lower(), wanted):
                    return voice
        known = ", ".join(sorted({voice.language for voice in self.voices}))
        raise UnsupportedLanguage(f"no voice speaks {language[:20]!r}; the voices speak {known}")


def _place(voice: Voice) -> tuple[str, str]:
    return voice.language, voice.description


def _unknown(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=3) or names[:3]
    return f"there is no voice {name[:80]!r}; similar are {', '.join(close)} (`wyoming-kokoro voices` lists all)"


def _described(name: str, wanted: VoiceAlias) -> str:
    """Return what a person reads; it sorts behind the model's voices, the best of which shall stay the first."""
    words = name.replace("_", " ").replace("-", " ").strip()
    manner = f", {wanted.speed:g} times as fast" if wanted.speed != 1 else ""
    return f"Yours: {words[:1].upper()}{words[1:]} ({_written(Blend.parse(wanted.base))}{manner})"


def _written(blend: Blend) -> str:
    """Return a blend for a person: `2 Heart + Bella`."""
    return " + ".join(
        f"{weight} {display_name(name)}" if weight > 1 else display_name(name) for name, weight in blend.parts
    )
