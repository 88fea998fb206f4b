"""Opens the model: cut into stages if possible, otherwise whole."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from wyoming_kokoro.api.model_sources import ModelFiles
from wyoming_kokoro.api.providers import Provider, SessionOptions
from wyoming_kokoro.cpu import default_threads
from wyoming_kokoro.errors import GraphMismatch
from wyoming_kokoro.inference.memory_state import MemoryState
from wyoming_kokoro.inference.pacing import PlaybackPacer
from wyoming_kokoro.inference.pipeline import ModelPipeline
from wyoming_kokoro.inference.selection import ProviderSelector
from wyoming_kokoro.inference.stage import Stage, StageObserver, opens_at_startup
from wyoming_kokoro.model.builtin import builtin_statistics
from wyoming_kokoro.model.fingerprint import fingerprint, model_identity, recipe_digest
from wyoming_kokoro.model.styles import Styles
from wyoming_kokoro.model.voices import published_voices
from wyoming_kokoro.preparation.store import prepare_stages, stages_path
from wyoming_kokoro.scheduling.capacity_file import CapacityFile
from wyoming_kokoro.storage import ChildProcesses, check_prepared, remembered_sha256
from wyoming_kokoro.synthesis.managed_model import ManagedModel
from wyoming_kokoro.synthesis.statistics_learner import StatisticsLearner
from wyoming_kokoro.synthesis.streaming import StreamingModel
from wyoming_kokoro.synthesis.whole_sentence import WholeSentenceModel
from wyoming_kokoro.trials.results import TrialResults
from wyoming_kokoro.trials.runner import TrialRunner
from wyoming_kokoro.types import OnReady

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ModelLoader:
    """Opens a model on the first provider that works."""

    files: ModelFiles
    styles: Styles
    blends: Mapping[str, str]
    """The language of each blend that the learner may learn."""
    providers: Sequence[Provider]
    """Highest priority first."""
    selector: ProviderSelector
    observe: StageObserver
    threads: int
    """Threads of one inference; 0 for the number that trials measured, or the default."""
    cache_dir: Path
    pacer: PlaybackPacer
    memory_state: MemoryState
    capacity: CapacityFile
    on_ready: OnReady
    children: ChildProcesses = field(default_factory=ChildProcesses)
    """Prepare the model, and learn voices."""

    def expected_fingerprint(self) -> str:
        """Return the fingerprint that the model most likely has, before it is open. Raises `OSError`."""
        provider = next((provider for provider in self.providers if opens_at_startup(provider)), None)
        return fingerprint(self.identity(), provider.precision if provider else "")

    def identity(self) -> str:
        """Return a string that identifies the sound of the model. Raises `OSError`."""
        stages = stages_path(self._sha256(), recipe_digest(), self.cache_dir)
        return f"{model_identity(self.files, self.cache_dir)} {check_prepared(stages).repair}".rstrip()

    def open(self) -> ManagedModel:
        """Return the opened model. Takes a second, and longer the first time. Raises `StartupError`."""
        model = self._open()
        self.capacity.load(model.fingerprint)
        return model

    def _open(self) -> ManagedModel:
        try:
            folder = prepare_stages(self.files.model, self._sha256(), recipe_digest(), self.cache_dir, self.children)
        except GraphMismatch as mismatch:
            name = self.files.model.name
            log.warning("Model %s cannot stream; long sentences start late (%s)", name, mismatch)
            return self._open_whole()
        return self._open_streaming(folder)

    def _sha256(self) -> str:
        return remembered_sha256(self.files.model, self.cache_dir)

    def _open_whole(self) -> ManagedModel:
        options = SessionOptions(self.threads or default_threads(), self.cache_dir / "compiled")
        stage = Stage(self.files.model, self.providers, options, selector=self.selector, observe=self.observe)
        return WholeSentenceModel(stage, self.styles, self.identity(), self.pacer.costs)

    def _open_streaming(self, folder: Path) -> ManagedModel:
        results = TrialResults(folder)
        options = SessionOptions(self.threads or results.threads or default_threads(), folder / "compiled")
        pipeline = ModelPipeline(
            folder,
            self.providers,
            options,
            selector=self.selector,
            observe=self.observe,
            on_ready=self.on_ready,
            children=self.children,
        )
        statistics = builtin_statistics(self.styles)
        voices = {voice.name: voice.language for voice in published_voices(self.styles.names)}
        languages = {**voices, **self.blends}
        return StreamingModel(
            pipeline,
            self.styles,
            statistics,
            self.identity(),
            learner=StatisticsLearner(folder, self.styles, languages, statistics, self.children),
            trials=TrialRunner(pipeline, self.providers, results, self.threads, self.memory_state),
            pacer=self.pacer,
            memory_state=self.memory_state,
        )
