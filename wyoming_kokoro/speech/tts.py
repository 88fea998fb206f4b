"""Opens an utterance for each request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from wyoming_kokoro.api.speech_models import SpeechStyle, WordTiming
from wyoming_kokoro.api.warmup import Phrase, WarmupResult
from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import UnsupportedLanguage, UnsupportedText
from wyoming_kokoro.markup.interpreter import VoiceFinder
from wyoming_kokoro.markup.style import Style
from wyoming_kokoro.pcm import silence
from wyoming_kokoro.scheduling.idle import IdleTimer
from wyoming_kokoro.speech.synthesizer import SegmentSynthesizer
from wyoming_kokoro.speech.utterance import Utterance
from wyoming_kokoro.speech.voice_catalog import VoiceCatalog
from wyoming_kokoro.text.language_detector import LanguageDetector
from wyoming_kokoro.types import Pcm, Voice


class TextToSpeech:
    """Opens utterances and warms phrases."""

    def __init__(
        self,
        synthesizer: SegmentSynthesizer,
        catalog: VoiceCatalog,
        config: Config,
        chimes: Mapping[str, Pcm],
        detector: LanguageDetector | None = None,
    ) -> None:
        """`chimes` as `load_chimes` returns them. Raises `StartupError` when the default voice is not in `catalog`."""
        self.voices = catalog.voices
        self.idle_timer = IdleTimer()
        self.models = synthesizer.models
        self._catalog = catalog
        self._synthesizer = synthesizer
        self._finder = VoiceFinder(catalog.find_voice, catalog.find_language, detector.detect if detector else None)
        self.apply_config(config, chimes)

    @property
    def default_voice(self) -> Voice:
        """The voice of requests that name none."""
        return self._catalog.default_voice

    def apply_config(self, config: Config, chimes: Mapping[str, Pcm]) -> None:
        """Use `config` and its `chimes` for all further requests.

        Raises `StartupError`, and changes nothing, when the default or the fallback voice is unknown.
        """
        self._catalog.set_default(config.voice)
        self._config = config
        self.chimes = chimes
        self._synthesizer.apply_config(config, self.default_voice)

    def utterance(
        self,
        voice: str | None = None,
        language: str | None = None,
        speaker: str | None = None,
        *,
        text_format: str | None = None,
        rate: int | None = None,
        style: SpeechStyle | None = None,
        on_words: Callable[[Sequence[WordTiming]], object] | None = None,
        client: str = "",
    ) -> Utterance:
        """Open an utterance in the voice that `VoiceCatalog.resolve` returns, changed by `style`.

        `text_format` is `text`, `ssml`, or None, which detects SSML. Without `rate`, the configuration decides the
        sample rate. `on_words` gets the words of each segment after its audio. The requests of one `client`, an
        address, do not delay those of others. Raises `UnknownVoice`, `UnsupportedLanguage` and `UnsupportedText`.
        """
        if text_format == "ssml" and not self._config.markup.ssml:
            raise UnsupportedText("SSML is turned off; send plain text, or set [markup] ssml = true")
        resolved = self._catalog.resolve(voice, language, speaker)
        alias = self._config.voices.get(resolved.name)
        rate = rate or (alias.rate if alias else 0) or self._config.audio.rate
        return Utterance(
            self._synthesizer,
            self._apply(style, resolved) if style else Style(resolved),
            self._config,
            self.idle_timer,
            self._finder,
            text_format=text_format,
            rate=rate,
            chime=self.chimes.get(resolved.name, silence(0)),
            on_words=on_words,
            client=client,
        )

    def _apply(self, style: SpeechStyle, voice: Voice) -> Style:
        language = self._catalog.match_language(style.language, voice.language) if style.language else ""
        if language is None:
            supported = ", ".join(sorted({known.language for known in self.voices}))
            raise UnsupportedLanguage(f"no phonemizer for {style.language[:20]!r}; supported: {supported}")
        return Style(voice).in_language(language or voice.language).scaled(style.speed, style.volume)

    async def warm(self, phrase: Phrase) -> WarmupResult:
        """Add `phrase` to the phrase cache, while no stream needs the model. Raises `SpeechError`."""
        return await self._finished_utterance(phrase).warm()

    async def is_warm(self, phrase: Phrase) -> bool:
        """Return whether the phrase cache has the whole of `phrase`. Raises `SpeechError`."""
        return await self._finished_utterance(phrase).is_warm()

    def _finished_utterance(self, phrase: Phrase) -> Utterance:
        utterance = self.utterance(phrase.voice)
        utterance.feed(phrase.text)
        utterance.finish()
        return utterance
