"""Everything that speaks, opened as one and closed in reverse."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace

from threadpoolctl import threadpool_limits

from wyoming_kokoro.api.model_sources import ModelFiles, ModelRequest
from wyoming_kokoro.api.observations import Inference, Observation
from wyoming_kokoro.api.phrase_cache import PhraseCache
from wyoming_kokoro.api.text import Phonemizer
from wyoming_kokoro.api.warmup import WarmupStrategy
from wyoming_kokoro.config import Config
from wyoming_kokoro.inference.memory_state import MemoryState
from wyoming_kokoro.inference.pacing import PlaybackPacer
from wyoming_kokoro.inference.selection import ProviderSelector
from wyoming_kokoro.inference.stage import opens_at_startup
from wyoming_kokoro.metrics.advice_file import MissedPhrases
from wyoming_kokoro.metrics.collector import MetricsCollector
from wyoming_kokoro.model.builtin import builtin_loudness, builtin_styles
from wyoming_kokoro.model.fingerprint import fingerprint
from wyoming_kokoro.model.locate import find_model
from wyoming_kokoro.model.loudness import Loudness
from wyoming_kokoro.model.styles import Styles
from wyoming_kokoro.model.voices import published_voices
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.scheduling.admission import AdmissionControl
from wyoming_kokoro.scheduling.scheduler import Scheduler
from wyoming_kokoro.speech.pending_model import PendingModel
from wyoming_kokoro.speech.phrase_cache import FailSafePhraseCache, NullPhraseCache
from wyoming_kokoro.speech.shared_synthesis import SharedSyntheses
from wyoming_kokoro.speech.synthesizer import SegmentSynthesizer
from wyoming_kokoro.speech.tts import TextToSpeech
from wyoming_kokoro.speech.voice_catalog import VoiceCatalog
from wyoming_kokoro.synthesis.loader import ModelLoader
from wyoming_kokoro.synthesis.speech_model import SpeechModel
from wyoming_kokoro.text.phoneme_filters import FilteredPhonemizer
from wyoming_kokoro.text.pipeline import PRONUNCIATION_REVISION, TextPipeline
from wyoming_kokoro.types import OnReady, Voice, ignore

Observe = Callable[[Observation], None]
PRONUNCIATION_HOOKS = ("kokoro_text_filters", "kokoro_phonemizer", "kokoro_phoneme_filters")
"""The hooks that decide how a text is pronounced."""


@dataclass(frozen=True, slots=True)
class Backend:
    """What speaks, and whether it is ready."""

    tts: TextToSpeech
    scheduler: Scheduler
    cache: PhraseCache
    text: TextPipeline
    warmup_strategies: Sequence[WarmupStrategy]
    files: ModelFiles
    metrics: MetricsCollector
    missed: MissedPhrases
    observe: Observe
    """Counts an observation, then tells the plugins: on the event loop."""
    opening: asyncio.Task[SpeechModel]
    """Done when the model is open; its exception is a `StartupError`."""

    @property
    def opened(self) -> SpeechModel | None:
        """What speaks, or None for as long as it is not open."""
        is_open = self.opening.done() and not self.opening.cancelled() and self.opening.exception() is None
        return self.opening.result() if is_open else None


@asynccontextmanager
async def open_backend(config: Config, plugins: PluginManager, mark: OnReady = ignore) -> AsyncIterator[Backend]:
    """Open everything that speaks; the phrase cache and the model itself open in the background.

    `mark` is told what is ready, from any thread.
    Raises `StartupError` and `ConfigError`.
    """
    files, styles = await asyncio.to_thread(find_files, config, plugins)
    phonemizers = await asyncio.to_thread(find_phonemizers, published_voices(styles.names), plugins)
    cast = await asyncio.to_thread(find_voices, config, files, styles, phonemizers)
    async with AsyncExitStack() as stack:
        # numpy's own threads spin for a while behind every product, just when the vocoder needs the processor.
        stack.enter_context(await asyncio.to_thread(threadpool_limits, 1, "blas"))
        # What opens in the background comes after what must be done before anybody can listen.
        fingerprint = await asyncio.to_thread(pronunciation_fingerprint, config, plugins, phonemizers)
        filters = await asyncio.to_thread(plugins.text_filters)
        providers = await asyncio.to_thread(plugins.providers)
        cache = await stack.enter_async_context(open_cache(plugins, mark))
        engine = await stack.enter_async_context(Scheduler())
        text = TextPipeline(filters, phonemizers, cache, fingerprint)
        stack.push_async_callback(text.close)
        tally, missed = MetricsCollector(), MissedPhrases()
        observe = _all(tally.observe, missed.observe, plugins.observe)
        forward = _forwarded(observe)
        selector = ProviderSelector(config.inference.provider)

        def observe_stage(seen: Observation) -> None:
            forward(replace(seen, purpose=engine.current_purpose()) if isinstance(seen, Inference) else seen)

        threads, cache_dir = config.model.threads, config.directories.cache_path
        memory_state = MemoryState()
        pace = PlaybackPacer(engine.active_count, engine.buffered_seconds, memory_state)
        opener = ModelLoader(
            files, styles, cast.blends, providers, selector, observe_stage, threads, cache_dir, pace, memory_state, mark
        )
        model = _open_model(opener)
        stack.push_async_callback(model.close)
        admission = AdmissionControl(lambda: pace.peak_rtf)
        speaker = SegmentSynthesizer(
            text, cache, model, SharedSyntheses(engine), admission=admission, defaults=config.voice, observe=observe
        )
        narrator = TextToSpeech(speaker, cast, config)
        strategies = () if isinstance(cache, NullPhraseCache) else plugins.warmup_strategies()
        yield Backend(narrator, engine, cache, text, strategies, files, tally, missed, observe, model.opening)


@asynccontextmanager
async def open_cache(plugins: PluginManager, mark: OnReady = ignore) -> AsyncIterator[PhraseCache]:
    """Return the phrase cache, which opens in the background, or the lack of one."""
    found = plugins.phrase_cache()
    cache: PhraseCache = FailSafePhraseCache(found) if found else NullPhraseCache()
    opening = asyncio.create_task(cache.open())
    opening.add_done_callback(lambda _: mark("cache ready"))
    try:
        yield cache
    finally:
        await opening
        await cache.close()


def _all(*listeners: Observe) -> Observe:
    def observe(observation: Observation) -> None:
        for listener in listeners:
            listener(observation)

    return observe


def _forwarded(observe: Observe) -> Observe:
    """Return `observe` for other threads, which must not call it themselves; when the loop is closed, nobody cares."""
    loop = asyncio.get_running_loop()

    def forward(observation: Observation) -> None:
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(observe, observation)

    return forward


def _open_model(opener: ModelLoader) -> PendingModel:
    """Return the model, which opens in the background."""

    async def expected() -> str:
        usable = next((provider for provider in opener.providers if opens_at_startup(provider)), None)
        known = await asyncio.to_thread(opener.identity)
        return fingerprint(known, usable.precision if usable else "")

    async def opened() -> SpeechModel:
        synthesis = await asyncio.to_thread(opener.open)
        opener.on_ready("ready")
        return synthesis

    return PendingModel(asyncio.create_task(opened()), asyncio.create_task(expected()))


def find_files(config: Config, plugins: PluginManager) -> tuple[ModelFiles, Styles]:
    """Return the model's files and the voices' styles. Raises `StartupError`."""
    request = ModelRequest(config.model.path, config.model.voices)
    files = find_model(request, plugins.model_sources())
    return files, Styles.from_file(files.voices) if files.voices else builtin_styles()


def find_phonemizers(voices: tuple[Voice, ...], plugins: PluginManager) -> dict[str, Phonemizer]:
    """Return the phonemizer of every language of `voices` that has one."""
    languages = sorted({voice.language for voice in voices})
    found = {language: plugins.phonemizer(language) for language in languages}
    filters = plugins.phoneme_filters()
    return {
        language: FilteredPhonemizer.for_language(phonemizer, filters, language)
        for language, phonemizer in found.items()
        if phonemizer
    }


def find_voices(config: Config, files: ModelFiles, styles: Styles, languages: Collection[str]) -> VoiceCatalog:
    """Return who can speak when these `languages` can be phonemized. Raises `ConfigError` and `StartupError`."""
    is_even = config.voice.loudness == "normalized"
    loudness = builtin_loudness(styles if files.voices else None) if is_even else Loudness({})
    return VoiceCatalog(published_voices(styles.names), languages, config, loudness)


def pronunciation_fingerprint(config: Config, plugins: PluginManager, phonemizers: Mapping[str, Phonemizer]) -> str:
    """Return what changes whenever a text may be pronounced otherwise."""
    versions = sorted(
        {getattr(phonemizer, "version", "") for phonemizer in phonemizers.values()}
        | {item.version for item in (*plugins.text_filters(), *plugins.phoneme_filters())}
    )
    return " ".join(
        [f"pronunciation{PRONUNCIATION_REVISION}", *versions, *plugins.fingerprints(config, *PRONUNCIATION_HOOKS)]
    )
