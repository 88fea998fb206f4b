"""The voices that a request can name: those of the model, those of `[voices]`, and any blend."""

from __future__ import annotations

import difflib
import logging
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from wyoming_kokoro.api.model_sources import ModelFiles
from wyoming_kokoro.config import Config, VoiceAlias, VoiceConfig
from wyoming_kokoro.errors import ConfigError, SpeechError, StartupError, UnknownVoice, UnsupportedLanguage
from wyoming_kokoro.model.blend import Blend
from wyoming_kokoro.model.builtin import builtin_loudness
from wyoming_kokoro.model.locate import find_files
from wyoming_kokoro.model.styles import Styles
from wyoming_kokoro.model.voices import display_name, published_voices
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.text.pronunciation import find_phonemizers
from wyoming_kokoro.types import Voice

# The limits of `[voice] speed`, which are those of OpenAI's API.
MIN_SPEED, MAX_SPEED = 0.25, 4.0
# The target loudness of EBU R 128. The median of the built-in voices is 0.3 LU below it.
REFERENCE_LUFS = -23.0
# Further unknown names in markup are not logged.
MAX_REPORTED_NAMES = 100
# The longest blend of eight voices has 240 characters.
MAX_NAME_CHARACTERS = 300
# Of a BCP-47 tag.
MAX_LANGUAGE_CHARACTERS = 35
VOICE_NAME = re.compile(r"\w[\w-]{0,49}")

log = logging.getLogger(__name__)


class VoiceCatalog:
    """Finds voices by name, blend and language."""

    def __init__(
        self,
        voices: Iterable[Voice],
        languages: Collection[str],
        config: Config,
        loudness: Mapping[str, float] | None = None,
    ) -> None:
        """`voices` are those of the model, `languages` those that have a phonemizer, `loudness` that of voices in LUFS.

        Raises `ConfigError` for an invalid voice in `[voices]`, and `StartupError` for an unknown default voice.
        """
        self._loudness = loudness or {}
        self._languages = languages
        self._aliases = config.voices
        self._unknown: set[tuple[str, str]] = set()
        self._model_voices = {
            voice.name: replace(voice, gain=normalizing_gain(voice.name, self._loudness)) for voice in voices
        }
        supported = [voice for voice in self._model_voices.values() if voice.language in languages]
        configured = [self._from_alias(name, alias, config) for name, alias in config.voices.items()]
        self._best_first = (*sorted(supported, key=_sort_key), *configured)
        self._by_name = {voice.name: voice for voice in self._best_first}
        self.voices = tuple(sorted(self._best_first, key=_sort_key))
        """The voices to advertise."""
        self.set_default(config.voice)

    @classmethod
    def for_model(cls, config: Config, files: ModelFiles, styles: Styles, languages: Collection[str]) -> VoiceCatalog:
        """Return the catalog of the voices in `styles`. Raises `ConfigError` and `StartupError`."""
        is_normalized = config.voice.loudness == "normalized"
        loudness = builtin_loudness(styles if files.voices else None) if is_normalized else None
        return cls(published_voices(styles.names), languages, config, loudness)

    @classmethod
    def for_config(cls, config: Config, plugins: PluginManager) -> VoiceCatalog:
        """Return the catalog of a server with `config`. Blocks. Raises `ConfigError` and `StartupError`."""
        files, styles = find_files(config, plugins)
        return cls.for_model(config, files, styles, find_phonemizers(published_voices(styles.names), plugins))

    def set_default(self, settings: VoiceConfig) -> None:
        """Set the voice of requests that name none, and the fallback of all voices of its language.

        Raises `StartupError`, and changes nothing, if one of them is unknown.
        """
        try:
            default = self.get(settings.name)
        except SpeechError as error:
            raise StartupError(f"default voice: {error}") from None
        try:
            fallback = self.get(settings.fallback) if settings.fallback else None
        except SpeechError as error:
            raise StartupError(f"[voice] fallback: {error}") from None
        self.default_voice, self._fallback = default, fallback

    @property
    def blends(self) -> dict[str, str]:
        """The languages of the blends in the configuration, by style name."""
        configured = (*self.voices, self.default_voice)
        return {
            voice.style_name: voice.language for voice in configured if len(Blend.parse(voice.style_name).names) > 1
        }

    def resolve(self, name: str | None = None, language: str | None = None, speaker: str | None = None) -> Voice:
        """Return the voice `speaker`, else the voice `name`, else the best of `language`, else the default voice.

        Raises `UnknownVoice` and `UnsupportedLanguage`.
        """
        if speaker or name:
            return self._with_fallback(self.get(speaker or name or ""))
        return self._with_fallback(self._best_of(language) if language else self.default_voice)

    def find_voice(self, name: str, language: str = "") -> Voice | None:
        """Return the voice that markup names, else the best of `language`; log the first use of one that is unknown."""
        # An error would suggest similar names, which takes milliseconds for each of them.
        for wanted in ((name, None) if self._is_known(name) else (), (None, language)):
            with suppress(SpeechError):
                if any(wanted):
                    return self.resolve(*wanted)
        self._report_unknown("voice", name or language)
        return None

    def find_language(self, code: str, current: str) -> str | None:
        """Return the language with a phonemizer that markup names with `code`; log the first use of an unknown one."""
        language = self.match_language(code, current)
        if language is None:
            self._report_unknown("language", code)
        return language

    def match_language(self, code: str, current: str) -> str | None:
        """Return the language with a phonemizer that `code` names, or None.

        A code without a region names `current`, if that is this language in some region.
        """
        return _match_language(code, [current, *sorted(self._languages)])

    def _is_known(self, name: str) -> bool:
        """Return whether `name` is a voice, or a blend of voices of the model."""
        try:
            return name in self._by_name or self._model_voices.keys() >= set(Blend.parse(name).names)
        except ValueError:
            return False

    def _report_unknown(self, kind: str, name: str) -> None:
        if len(self._unknown) < MAX_REPORTED_NAMES and (kind, name) not in self._unknown:
            self._unknown.add((kind, name))
            log.warning("Markup names the unknown %s %.80r; its text keeps the current %s", kind, name, kind)

    def _with_fallback(self, voice: Voice) -> Voice:
        """Return `voice` with the fallback that the settings define for it."""
        alias = self._aliases.get(voice.name)
        fallback = self.get(alias.fallback) if alias and alias.fallback else self._fallback
        if fallback is None or fallback.language != voice.language or fallback.style_name == voice.style_name:
            return voice
        gain = fallback.gain * (alias.volume if alias else 1.0)
        return replace(voice, fallback=replace(voice, base=fallback.style_name, gain=gain))

    def get(self, name: str) -> Voice:
        """Return the voice or the blend `name`. Raises `UnknownVoice` and `UnsupportedLanguage`."""
        if name in self._by_name:
            return self._by_name[name]
        if len(name) > MAX_NAME_CHARACTERS:
            raise UnknownVoice(f"unknown voice {name[:80]!r}...; a name has at most {MAX_NAME_CHARACTERS} characters")
        voice = self._from_blend(name, self._by_name)
        if voice.language not in self._languages:
            raise UnsupportedLanguage(
                f"voice {voice.name} needs a phonemizer for {voice.language}; see `wyoming-kokoro plugins`"
            )
        return voice

    def _from_blend(self, text: str, suggestions: Iterable[str]) -> Voice:
        """Return the blend, or the single model voice, that `text` names. Raises `UnknownVoice`."""
        try:
            blend = Blend.parse(text)
        except ValueError as error:
            raise UnknownVoice(str(error) if set(text) & set("+*(") else _unknown(text, suggestions)) from None
        for name in blend.names:
            if name in self._aliases:
                raise UnknownVoice(
                    f"{name!r} is a voice of [voices]; only voices of the model can be a base or blended"
                )
            if name not in self._model_voices:
                raise UnknownVoice(_unknown(name, suggestions))
        first = self._model_voices[blend.names[0]]
        if len(blend.names) == 1:
            return first
        gain = normalizing_gain(blend.style_name, self._loudness)
        return Voice(str(blend), first.language, _display_blend(blend), base=blend.style_name, gain=gain)

    def _from_alias(self, name: str, alias: VoiceAlias, config: Config) -> Voice:
        """Return the voice `[voices.name]`. Raises `ConfigError`."""

        def invalid(key: str, reason: object) -> ConfigError:
            return ConfigError(config.source, f"voices.{name}.{key}", str(reason))

        if name in self._model_voices:
            raise ConfigError(config.source, "voices", f"{name!r} is a voice of the model; choose another name")
        if not VOICE_NAME.fullmatch(name):
            reason = f"invalid voice name {name[:50]!r}; use up to 50 letters, digits, _ and -"
            raise ConfigError(config.source, "voices", reason)
        try:
            base = self._from_blend(alias.base, self._model_voices)
        except UnknownVoice as error:
            raise invalid("base", error) from None
        language = alias.language or base.language
        if language not in self._languages:
            raise invalid(
                "language", f"no phonemizer for {language!r}; supported: {', '.join(sorted(self._languages))}"
            )
        if not MIN_SPEED <= (speed := alias.speed * config.voice.speed) <= MAX_SPEED:
            raise invalid("speed", f"times [voice] speed is {speed:g}; must be from {MIN_SPEED} to {MAX_SPEED}")
        if alias.fallback:
            try:
                fallback = self._from_blend(alias.fallback, self._model_voices)
            except UnknownVoice as error:
                raise invalid("fallback", error) from None
            if fallback.language != language:
                raise invalid("fallback", f"{alias.fallback} speaks {fallback.language}; choose a voice of {language}")
        description = alias.description or _describe(name, alias)
        gain = base.gain * alias.volume
        return Voice(name, language, description, base.grade, base.style_name, alias.speed, gain, alias.quality or None)

    def _best_of(self, language: str) -> Voice:
        voices = (self.default_voice, *self._best_first)
        match = _match_language(language, [voice.language for voice in voices])
        if match is None:
            supported = ", ".join(sorted({voice.language for voice in self.voices}))
            raise UnsupportedLanguage(f"no voice for language {language[:20]!r}; supported: {supported}")
        return next(voice for voice in voices if voice.language == match)


def normalizing_gain(name: str, loudness: Mapping[str, float]) -> float:
    """Return the linear gain that brings a voice or a blend to `REFERENCE_LUFS`; 1 if it was not measured.

    `loudness` has the measured voices by name, in LUFS (ITU-R BS.1770).
    """
    # A blend is about as loud as the average of its voices, weighted by their shares.
    shares = {name: 1.0} if name in loudness else Blend.parse(name).shares
    if not shares.keys() <= loudness.keys():
        return 1.0
    mean = sum(share * loudness[voice] for voice, share in shares.items())
    return float(10 ** ((REFERENCE_LUFS - mean) / 20))


def _match_language(code: str, languages: Sequence[str]) -> str | None:
    """Return the first of `languages` that is `code`, or else that has its primary subtag, or None."""
    wanted = code[:MAX_LANGUAGE_CHARACTERS].replace("_", "-").lower()
    for match in (str.__eq__, lambda have, want: have.split("-")[0] == want.split("-")[0]):
        for language in languages:
            if match(language.lower(), wanted):
                return language
    return None


def _sort_key(voice: Voice) -> tuple[str, str]:
    # The description of a model voice starts with its grade, so the best voice of a language comes first.
    return voice.language, voice.description


def _unknown(name: str, known: Iterable[str]) -> str:
    names = {known_name.casefold(): known_name for known_name in sorted(known)}
    similar = [names[found] for found in difflib.get_close_matches(name.casefold(), names, n=3)]
    hint = f"similar: {', '.join(similar)}" if similar else f"known: {', '.join([*names.values()][:3])}, ..."
    return f"unknown voice {name[:80]!r}; {hint} (`wyoming-kokoro voices` lists all)"


def _describe(name: str, alias: VoiceAlias) -> str:
    """Return a description that sorts after all grades, so that a model voice stays the first of its language."""
    words = name.replace("_", " ").replace("-", " ").strip()
    speed = f", {alias.speed:g} times as fast" if alias.speed != 1 else ""
    return f"Yours: {words[:1].upper()}{words[1:]} ({_display_blend(Blend.parse(alias.base))}{speed})"


def _display_blend(blend: Blend) -> str:
    """Return a blend for a person: `2 Heart + Bella`."""
    return " + ".join(
        f"{weight} {display_name(name)}" if weight > 1 else display_name(name) for name, weight in blend.parts
    )
