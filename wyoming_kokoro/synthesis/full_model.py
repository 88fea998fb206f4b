"""The full model in the role of a `SpeechModel`."""

from __future__ import annotations

from collections.abc import Collection, Generator, Sequence

from wyoming_kokoro.api.speech_models import Quality
from wyoming_kokoro.errors import SynthesisFailed
from wyoming_kokoro.model.voices import published_voices
from wyoming_kokoro.scheduling.worker import UnitIterator
from wyoming_kokoro.synthesis.loader import ModelLoader
from wyoming_kokoro.synthesis.managed_model import ManagedModel
from wyoming_kokoro.types import Pcm


class FullModel:
    """Speaks every voice and blend. After `open`, `opened` is a `StreamingModel` or a `WholeSentenceModel`."""

    name = "kokoro"
    quality: Quality = "full"
    alphabet = ""

    def __init__(self, loader: ModelLoader) -> None:
        self.opened: ManagedModel | None = None
        self._loader = loader

    @property
    def voices(self) -> Collection[str]:
        """The voices of the model. It also speaks their blends."""
        return self._loader.styles.names

    @property
    def languages(self) -> Collection[str]:
        """The languages of the voices."""
        return {voice.language for voice in published_voices(self._loader.styles.names)}

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the open model, else the expected one. Raises `OSError`."""
        return self.opened.fingerprint if self.opened else self._loader.expected_fingerprint()

    def open(self) -> None:
        """Open the model. Raises `StartupError`."""
        self.opened = self._loader.open()

    def synthesize(self, phonemes: str, voice: str, speed: float) -> UnitIterator:
        """Yield the samples of a segment. Raises `SynthesisFailed`."""
        if self.opened is None:
            raise SynthesisFailed("the model is closed")
        return self.opened.synthesize(phonemes, voice, speed)

    def time_phonemes(self, phonemes: str, voice: str, speed: float) -> Generator[Pcm, None, Sequence[float]]:
        """Return the times of the symbols in the samples of `synthesize`. Raises `SynthesisFailed`."""
        if self.opened is None:
            raise SynthesisFailed("the model is closed")
        return self.opened.time_phonemes(phonemes, voice, speed)

    def close(self) -> None:
        """Close the model. While `open` prepares it, end the preparation."""
        self._loader.children.stop()
        if self.opened:
            self.opened.close()
        self.opened = None
