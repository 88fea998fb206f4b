"""The model is opened: cut into stages if it can be, else whole."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wyoming_kokoro.fingerprints import remembered_sha256
from wyoming_kokoro.model.graph.errors import GraphMismatch
from wyoming_kokoro.model.identity import identity
from wyoming_kokoro.model.learner import Learner
from wyoming_kokoro.model.preparation import prepared
from wyoming_kokoro.model.recipe import Recipe
from wyoming_kokoro.model.shipped import known_statistics
from wyoming_kokoro.model.voices import Styles, catalogue
from wyoming_kokoro.speech.stage import Stage
from wyoming_kokoro.speech.stages import Stages
from wyoming_kokoro.speech.streaming import Streaming
from wyoming_kokoro.speech.synthesis import Synthesis, WholeSentence
from wyoming_kokoro.timeline import Mark
from wyoming_kokoro.types import ModelFiles, Provider, SessionOptions

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opener:
    """Opens a model on the best of its providers."""

    files: ModelFiles
    styles: Styles
    providers: Sequence[Provider]
    """The preferred one first."""
    options: SessionOptions
    listened: Callable[[], int]
    """Says to how many streams somebody listens."""
    mark: Mark
    """Is told what is ready."""

    def identity(self) -> str:
        """Return what the model's sound is known by. Raises `OSError`."""
        return identity(self.files, self.options.cache_dir)

    def open(self) -> Synthesis:
        """Return what speaks; takes a second, the first time some more. Raises `StartupError`."""
        sha256 = remembered_sha256(self.files.model, self.options.cache_dir)
        try:
            folder = prepared(self.files.model, sha256, Recipe.current().digest, self.options.cache_dir)
        except GraphMismatch as mismatch:
            name = self.files.model.name
            log.warning("%s is decoded whole, so that long sentences begin late: %s", name, mismatch)
            return WholeSentence(Stage(self.files.model, self.providers, self.options), self.styles, self.identity())
        stages = Stages(folder, self.providers, self.options, self.mark)
        statistics = known_statistics(self.styles)
        languages = {voice.name: voice.language for voice in catalogue(self.styles.names)}
        learner = Learner(folder, self.styles, languages, statistics)
        return Streaming(stages, self.styles, statistics, self.identity(), learner=learner, listened=self.listened)
