"""A distilled voice in the role of a speech model."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from wyoming_kokoro import (
    Pcm,
    PluginContext,
    Quality,
    StartupError,
    SynthesisFailed,
    explain_write_error,
    to_pcm,
    tokenize,
)
from wyoming_kokoro_distilled.preparation import fingerprint

if TYPE_CHECKING:
    from wyoming_kokoro_distilled.voice import DistilledVoice


class DistilledModel:
    """Speaks one voice."""

    quality: Quality = "distilled"
    alphabet = "misaki"

    def __init__(self, voice: str, language: str, file: Path, context: PluginContext) -> None:
        self.name = f"distilled {voice}"
        self.voices = frozenset({voice})
        self.languages = frozenset({language})
        self._file = file
        self._context = context
        self._folder = context.cache_dir / "distilled"
        self._open: DistilledVoice | None = None

    @cached_property
    def fingerprint(self) -> str:
        """A string that changes when the same phonemes sound different. The first use reads the file."""
        return fingerprint(self._sha256, self._folder)

    @cached_property
    def _sha256(self) -> str:
        return self._context.sha256(self._file)

    def open(self) -> None:
        """Prepare the file if it is new, and open its sessions. Raises `StartupError`."""
        from wyoming_kokoro_distilled.voice import load_voice  # noqa: PLC0415 imports onnx

        try:
            # An open model knows its fingerprint, so that nothing blocks the event loop later.
            _ = self.fingerprint
            self._open = load_voice(self._file, self._sha256, self._folder)
        except OSError as error:
            raise StartupError(
                f"{error.filename or self._folder} cannot be used: {explain_write_error(error, '50 MB')},"
                " or choose another directory with --cache"
            ) from error
        except Exception as error:
            raise StartupError(
                f"the distilled model {self._file} cannot be opened ({error}); remove it from [plugins.distilled] files"
            ) from error

    def synthesize(self, phonemes: str, voice: str, speed: float) -> Generator[Pcm, None, None]:
        """Yield the samples of a segment. Raises `SynthesisFailed`, and `ValueError` for another voice."""
        for samples in self._opened(voice).synthesize(tokenize(phonemes), speed):
            yield to_pcm(samples)

    def time_phonemes(self, phonemes: str, voice: str, speed: float) -> Generator[Pcm, None, Sequence[float]]:
        """Return the times of the symbols in the samples of `synthesize`. Raises what `synthesize` raises."""
        times = self._opened(voice).time_tokens(tokenize(phonemes), speed)
        yield to_pcm(np.zeros(0, dtype=np.float32))
        return times

    def close(self) -> None:
        """Free all memory."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def _opened(self, voice: str) -> DistilledVoice:
        if voice not in self.voices:
            raise ValueError(f"{self.name} does not speak {voice}")
        if self._open is None:
            raise SynthesisFailed(f"{self.name} is not open")
        return self._open
