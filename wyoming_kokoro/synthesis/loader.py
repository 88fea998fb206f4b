"""The model is opened: cut into stages if it can be, else whole."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from wyoming_kokoro.api.model_sources import ModelFiles
from wyoming_kokoro.api.providers import Provider, SessionOptions
from wyoming_kokoro.cpu import processors
from wyoming_kokoro.errors import GraphMismatch
from wyoming_kokoro.inference.pacing import Pace
from wyoming_kokoro.inference.pipeline import Stages
from wyoming_kokoro.inference.stage import Choice, Stage
from wyoming_kokoro.model.builtin import known_statistics
from wyoming_kokoro.model.fingerprint import Recipe, identity
from wyoming_kokoro.model.styles import Styles
from wyoming_kokoro.model.voices import catalogue
from wyoming_kokoro.preparation.store import prepared
from wyoming_kokoro.storage import remembered_sha256
from wyoming_kokoro.synthesis.speech_model import Synthesis
from wyoming_kokoro.synthesis.statistics_learner import Learner
from wyoming_kokoro.synthesis.streaming import Streaming
from wyoming_kokoro.synthesis.whole_sentence import WholeSentence
from wyoming_kokoro.trials.results import Records
from wyoming_kokoro.trials.runner import Proving
from wyoming_kokoro.types import Mark

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opener:
    """Opens a model on the best of its providers."""

    files: ModelFiles
    styles: Styles
    blends: Mapping[str, str]
    """The languages of the blends that are worth learning."""
    providers: Sequence[Provider]
    """The preferred one first."""
    choice: Choice
    threads: int
    """Of one inference; 0 for as many as are of use."""
    cache_dir: Path
    pace: Pace
    """Is told how fast this machine is."""
    mark: Mark
    """Is told what is ready."""

    def identity(self) -> str:
        """Return what the model's sound is known by. Raises `OSError`."""
        return identity(self.files, self.cache_dir)

    def open(self) -> Synthesis:
        """Return what speaks; takes a second, the first time some more. Raises `StartupError`."""
        sha256 = remembered_sha256(self.files.model, self.cache_dir)
        try:
            folder = prepared(self.files.model, sha256, Recipe.current().digest, self.cache_dir)
        except GraphMismatch as mismatch:
            name = self.files.model.name
            log.warning("%s is decoded whole, so that long sentences begin late: %s", name, mismatch)
            return self._whole()
        return self._streaming(folder)

    def _whole(self) -> Synthesis:
        options = SessionOptions(self.threads or processors(), self.cache_dir / "compiled")
        stage = Stage(self.files.model, self.providers, options, self.choice)
        return WholeSentence(stage, self.styles, self.identity(), self.pace)

    def _streaming(self, folder: Path) -> Synthesis:
        records = Records(folder)
        options = SessionOptions(self.threads or records.threads or processors(), folder / "compiled")
        stages = Stages(folder, self.providers, options, self.choice, self.mark)
        statistics = known_statistics(self.styles)
        names = {voice.name: voice.language for voice in catalogue(self.styles.names)}
        languages = {**names, **self.blends}
        return Streaming(
            stages,
            self.styles,
            statistics,
            self.identity(),
            learner=Learner(folder, self.styles, languages, statistics),
            proving=Proving(stages, self.providers, records, self.threads),
            pace=self.pace,
        )
