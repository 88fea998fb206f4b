"""Creates everything between the plugins and the server, and closes it in reverse order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from threadpoolctl import threadpool_limits

from wyoming_kokoro.api.model_sources import ModelFiles
from wyoming_kokoro.api.observations import Inference, Observation
from wyoming_kokoro.api.phrase_cache import PhraseCache
from wyoming_kokoro.api.warmup import WarmupStrategy
from wyoming_kokoro.config import Config
from wyoming_kokoro.inference.memory_state import MemoryState
from wyoming_kokoro.inference.pacing import PlaybackPacer
from wyoming_kokoro.inference.selection import ProviderSelector
from wyoming_kokoro.metrics.advice_file import MissedPhrases
from wyoming_kokoro.metrics.collector import MetricsCollector
from wyoming_kokoro.metrics.observers import Observers
from wyoming_kokoro.model.locate import find_files
from wyoming_kokoro.model.voices import published_voices
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.scheduling.admission import AdmissionControl
from wyoming_kokoro.scheduling.scheduler import Scheduler
from wyoming_kokoro.speech.pending_model import PendingModel
from wyoming_kokoro.speech.phrase_cache import NullPhraseCache, open_phrase_cache
from wyoming_kokoro.speech.shared_synthesis import SharedSyntheses
from wyoming_kokoro.speech.synthesizer import SegmentSynthesizer
from wyoming_kokoro.speech.tts import TextToSpeech
from wyoming_kokoro.speech.voice_catalog import VoiceCatalog
from wyoming_kokoro.synthesis.loader import ModelLoader
from wyoming_kokoro.synthesis.speech_model import SpeechModel
from wyoming_kokoro.text.pipeline import TextPipeline
from wyoming_kokoro.text.pronunciation import find_phonemizers, pronunciation_fingerprint
from wyoming_kokoro.types import OnReady, ignore


@dataclass(frozen=True, slots=True)
class Backend:
    """The parts that the server and the commands use."""

    tts: TextToSpeech
    scheduler: Scheduler
    cache: PhraseCache
    text: TextPipeline
    warmup_strategies: Sequence[WarmupStrategy]
    files: ModelFiles
    metrics: MetricsCollector
    missed_phrases: MissedPhrases
    observe: Callable[[Observation], None]
    """Passes an observation to the metrics and to all plugins. Call it on the event loop."""
    model_task: asyncio.Task[SpeechModel]
    """Opens the model. Fails with `StartupError`."""

    @property
    def model(self) -> SpeechModel | None:
        """The model, or None while it is not open."""
        is_open = self.model_task.done() and not self.model_task.cancelled() and self.model_task.exception() is None
        return self.model_task.result() if is_open else None


@asynccontextmanager
async def open_backend(config: Config, plugins: PluginManager, on_ready: OnReady = ignore) -> AsyncIterator[Backend]:
    """Create the backend. The phrase cache and the model continue to open in the background.

    Raises `StartupError` and `ConfigError`.
    """
    async with AsyncExitStack() as stack:
        # Everything that a client must wait for comes first: the voices and the pronunciation.
        files, styles = await asyncio.to_thread(find_files, config, plugins)
        phonemizers = await asyncio.to_thread(find_phonemizers, published_voices(styles.names), plugins)
        voices = await asyncio.to_thread(VoiceCatalog.for_model, config, files, styles, phonemizers)
        fingerprint = await asyncio.to_thread(pronunciation_fingerprint, config, plugins, phonemizers)
        filters = await asyncio.to_thread(plugins.text_filters)
        providers = await asyncio.to_thread(plugins.providers)
        # The threads of numpy's BLAS spin after each product and would take CPU time from the vocoder.
        stack.enter_context(await asyncio.to_thread(threadpool_limits, 1, "blas"))

        # Text -> phonemes.
        cache = await stack.enter_async_context(open_phrase_cache(plugins, on_ready))
        text = TextPipeline(filters, phonemizers, cache, fingerprint)
        scheduler = await stack.enter_async_context(Scheduler())
        stack.push_async_callback(text.close)

        metrics, missed_phrases = MetricsCollector(), MissedPhrases()
        observers = Observers(metrics.observe, missed_phrases.observe, plugins.observe)

        def observe_stage(observation: Observation) -> None:
            if isinstance(observation, Inference):
                observation = replace(observation, purpose=scheduler.current_purpose())
            observers.emit_threadsafe(observation)

        # Phonemes -> PCM.
        memory_state = MemoryState()
        pacer = PlaybackPacer(scheduler.active_count, scheduler.buffered_seconds, memory_state)
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
            on_ready=on_ready,
        )
        model = PendingModel.start(loader)
        stack.push_async_callback(model.close)

        # Text -> PCM, shared between requests, cached and limited to real time.
        synthesizer = SegmentSynthesizer(
            text,
            cache,
            model,
            SharedSyntheses(scheduler),
            admission=AdmissionControl(lambda: pacer.peak_rtf),
            defaults=config.voice,
            observe=observers.emit,
        )
        yield Backend(
            tts=TextToSpeech(synthesizer, voices, config),
            scheduler=scheduler,
            cache=cache,
            text=text,
            warmup_strategies=() if isinstance(cache, NullPhraseCache) else plugins.warmup_strategies(),
            files=files,
            metrics=metrics,
            missed_phrases=missed_phrases,
            observe=observers.emit,
            model_task=model.opening,
        )
