"""Creates everything between the plugins and the server, and closes it in reverse order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec

from threadpoolctl import threadpool_limits

from wyoming_kokoro.api.lexicon import Lexicon
from wyoming_kokoro.api.model_sources import ModelFiles
from wyoming_kokoro.api.observations import Inference, Observation
from wyoming_kokoro.api.phrase_cache import PhraseCache
from wyoming_kokoro.api.warmup import WarmupStrategy
from wyoming_kokoro.config import Config
from wyoming_kokoro.inference.memory_state import MemoryState
from wyoming_kokoro.inference.pacing import PlaybackPacer
from wyoming_kokoro.inference.selection import ProviderSelector
from wyoming_kokoro.metrics.advice import ModelFacts
from wyoming_kokoro.metrics.advice_file import MissedPhrases
from wyoming_kokoro.metrics.collector import MetricsCollector
from wyoming_kokoro.metrics.observers import Observers
from wyoming_kokoro.model.locate import find_files
from wyoming_kokoro.model.voices import published_voices
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.scheduling.admission import AdmissionControl
from wyoming_kokoro.scheduling.capacity_file import CapacityFile
from wyoming_kokoro.scheduling.overload import OverloadDetector
from wyoming_kokoro.scheduling.scheduler import Scheduler
from wyoming_kokoro.speech.chimes import load_chimes
from wyoming_kokoro.speech.model_selector import ModelSelector
from wyoming_kokoro.speech.pending_model import PendingModel
from wyoming_kokoro.speech.phrase_cache import NullPhraseCache, open_phrase_cache
from wyoming_kokoro.speech.shared_synthesis import SharedSyntheses
from wyoming_kokoro.speech.synthesizer import SegmentSynthesizer
from wyoming_kokoro.speech.tts import TextToSpeech
from wyoming_kokoro.speech.voice_catalog import VoiceCatalog
from wyoming_kokoro.storage import warn_about_access
from wyoming_kokoro.synthesis.full_model import FullModel
from wyoming_kokoro.synthesis.loader import ModelLoader
from wyoming_kokoro.synthesis.managed_model import ManagedModel
from wyoming_kokoro.text.language_detector import LanguageDetector
from wyoming_kokoro.text.pipeline import TextPipeline
from wyoming_kokoro.text.pronunciation import (
    changing_versions,
    find_phonemizers,
    find_readers,
    ideographs_language,
    phoneme_alphabets,
    pronunciation_fingerprint,
)
from wyoming_kokoro.types import OnReady, ignore

# How often a phonemizer that failed at the start is tried again.
RETRY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Backend:
    """The parts that the server and the commands use."""

    tts: TextToSpeech
    scheduler: Scheduler
    cache: PhraseCache
    text: TextPipeline
    lexicon: Lexicon | None
    warmup_strategies: Sequence[WarmupStrategy]
    files: ModelFiles
    metrics: MetricsCollector
    missed_phrases: MissedPhrases
    observe: Callable[[Observation], None]
    """Passes an observation to the metrics and to all plugins. Call it on the event loop."""
    ready_task: asyncio.Task[None]
    """Ends when new text can be spoken in the default voice. Fails with `StartupError` if no model can be opened."""
    models: ModelSelector
    overload: OverloadDetector
    full_model: PendingModel[FullModel]
    capacity: CapacityFile

    @property
    def model(self) -> ManagedModel | None:
        """The full model, or None while it is not open."""
        return self.full_model.model.opened

    @property
    def is_ready(self) -> bool:
        """Whether new text can be spoken in the default voice."""
        can_read = self.ready_task.done() and self.tts.default_voice.language not in self.text.problems
        return can_read and self.models.is_ready

    @property
    def problems(self) -> Sequence[str]:
        """What does not work, one line each: models that failed, and phonemizers that cannot be opened."""
        models = [f"the model {model.name} failed: {model.problem}" for model in self.models.statuses if model.problem]
        languages: dict[str, list[str]] = {}
        for language, reason in self.text.problems.items():
            languages.setdefault(reason, []).append(language)
        phonemizers = [f"the phonemizer for {', '.join(names)} failed: {reason}" for reason, names in languages.items()]
        return [" ".join(problem.split()) for problem in (*models, *phonemizers)]

    @property
    def model_facts(self) -> ModelFacts:
        """What recommendations need to know about the models."""
        voices = sorted({voice for source in self.models.distilled for voice in source.model.voices})
        default = self.tts.default_voice
        quality = self.models.quality(default)
        return ModelFacts(quality, default.style_name, tuple(voices), self.models.admission.rtf)

    async def open_model(self) -> ManagedModel:
        """Wait until the full model is open, and open it if it opens only on demand. Raises `StartupError`."""
        await self.full_model.open()
        assert self.model is not None
        return self.model


@asynccontextmanager
async def open_backend(config: Config, plugins: PluginManager, on_ready: OnReady = ignore) -> AsyncIterator[Backend]:
    """Create the backend. The phrase cache and the model continue to open in the background.

    Raises `StartupError` and `ConfigError`, and `ImportError` without ONNX Runtime.
    """
    # The model opens later and in other places. Its errors would not say that a package is missing.
    for package in ("onnxruntime", "onnx"):
        if find_spec(package) is None:
            raise ModuleNotFoundError("it is not installed", name=package)
    async with AsyncExitStack() as stack:
        for directory in (config.directories.cache_path, config.directories.state_path):
            await asyncio.to_thread(warn_about_access, directory)
        # Everything that a client must wait for comes first: the voices and the pronunciation.
        files, styles = await asyncio.to_thread(find_files, config, plugins)
        phonemizers = await asyncio.to_thread(find_phonemizers, published_voices(styles.names), plugins)
        voices = await asyncio.to_thread(VoiceCatalog.for_model, config, files, styles, phonemizers)
        chimes = await asyncio.to_thread(load_chimes, config)
        readers = await asyncio.to_thread(find_readers, phonemizers, plugins)
        detector = await asyncio.to_thread(LanguageDetector.from_config, config, phonemizers)
        ideographs = ideographs_language(config, voices.default_voice)
        fingerprint = await asyncio.to_thread(pronunciation_fingerprint, config, plugins, readers, ideographs)
        filters = await asyncio.to_thread(plugins.text_filters)
        versions = await asyncio.to_thread(changing_versions, plugins)
        providers = await asyncio.to_thread(plugins.providers)
        # The threads of numpy's BLAS spin after each product and would take CPU time from the vocoder.
        stack.enter_context(await asyncio.to_thread(threadpool_limits, 1, "blas"))

        # Text -> phonemes.
        cache = await stack.enter_async_context(open_phrase_cache(config, plugins, on_ready))
        text = TextPipeline(filters, readers, cache, fingerprint, versions, ideographs=ideographs)
        scheduler = await stack.enter_async_context(Scheduler())
        stack.push_async_callback(text.close)

        metrics, missed_phrases = MetricsCollector(), MissedPhrases()
        observers = Observers(metrics.observe, missed_phrases.observe, plugins.observe)

        def observe_stage(observation: Observation) -> None:
            if isinstance(observation, Inference):
                observation = replace(observation, purpose=scheduler.current_purpose())
            observers.emit_threadsafe(observation)

        # Phonemes -> PCM.
        memory_state, costs = MemoryState(), scheduler.costs["full"]
        pacer = PlaybackPacer(scheduler.active_count, scheduler.buffered_seconds, memory_state, costs)
        settings = f"{config.model.threads} {config.inference.provider}"
        capacity = CapacityFile(config.directories.state_path, scheduler.costs, settings)
        loader = ModelLoader(
            files=files,
            styles=styles,
            blends=voices.blends,
            providers=providers,
            selector=ProviderSelector(config.inference.provider),
            observe=observe_stage,
            threads=config.model.threads,
            cache_dir=config.directories.cache_path,
            pacer=pacer,
            memory_state=memory_state,
            capacity=capacity,
            on_ready=on_ready,
        )
        stack.push_async_callback(asyncio.to_thread, capacity.save)
        full_model = PendingModel(FullModel(loader))
        stack.push_async_callback(full_model.close)
        distilled = [PendingModel(model) for model in await asyncio.to_thread(plugins.speech_models)]
        for pending in distilled:
            stack.push_async_callback(pending.close)
        admission = AdmissionControl(costs)
        models = ModelSelector(full_model, distilled, admission, pacer.first_audio_seconds, phoneme_alphabets(readers))

        # Text -> PCM, shared between requests, cached and limited to real time.
        synthesizer = SegmentSynthesizer(
            text,
            cache,
            models,
            SharedSyntheses(scheduler),
            observe=observers.emit,
        )
        tts = TextToSpeech(synthesizer, voices, config, chimes, detector)
        ready_task = asyncio.create_task(_wait_until_ready(models, text, tts, on_ready))
        # Without this, asyncio would log the error if nothing waits for the task.
        ready_task.add_done_callback(lambda task: task.cancelled() or task.exception())
        stack.callback(ready_task.cancel)
        yield Backend(
            tts=tts,
            scheduler=scheduler,
            cache=cache,
            text=text,
            lexicon=await asyncio.to_thread(plugins.lexicon),
            warmup_strategies=() if isinstance(cache, NullPhraseCache) else plugins.warmup_strategies(),
            files=files,
            metrics=metrics,
            missed_phrases=missed_phrases,
            observe=observers.emit,
            ready_task=ready_task,
            models=models,
            overload=OverloadDetector(admission),
            full_model=full_model,
            capacity=capacity,
        )


async def _wait_until_ready(models: ModelSelector, text: TextPipeline, tts: TextToSpeech, on_ready: OnReady) -> None:
    await models.ready()
    while not await text.load(tts.default_voice.language):  # noqa: ASYNC110 it waits for the operator
        await asyncio.sleep(RETRY_SECONDS)
    on_ready("ready")
