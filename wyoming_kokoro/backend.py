"""Everything that speaks, opened as one and closed in reverse."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from threadpoolctl import threadpool_limits

from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import SpeechError, StartupError
from wyoming_kokoro.model.assets import find_model, sha256_of
from wyoming_kokoro.model.graph.errors import GraphMismatch
from wyoming_kokoro.model.learner import Learner
from wyoming_kokoro.model.preparation import prepared
from wyoming_kokoro.model.recipe import Recipe
from wyoming_kokoro.model.statistics import Statistics
from wyoming_kokoro.model.voices import Styles, catalogue
from wyoming_kokoro.plugins import Plugins
from wyoming_kokoro.speech.engine import Engine
from wyoming_kokoro.speech.narrator import Narrator
from wyoming_kokoro.speech.sharing import Sharing
from wyoming_kokoro.speech.speaker import Manner, Speaker
from wyoming_kokoro.speech.stage import Stage
from wyoming_kokoro.speech.stages import Stages
from wyoming_kokoro.speech.streaming import Streaming
from wyoming_kokoro.speech.synthesis import Synthesis, WholeSentence
from wyoming_kokoro.speech.utterance import Patience
from wyoming_kokoro.text.phonemes import TextPipeline
from wyoming_kokoro.types import ModelFiles, ModelRequest, Phonemizer, SessionOptions, Voice

log = logging.getLogger(__name__)

REHEARSAL = "Hello."
MOST_THREADS = 4
"""More threads do not make one voice faster (Pi 5: 56 % efficient at 4)."""


@dataclass(frozen=True, slots=True)
class Backend:
    """What speaks, and whether it is ready."""

    narrator: Narrator
    engine: Engine
    files: ModelFiles
    opening: asyncio.Task[Synthesis]
    """Done when the model is open; its exception is a `StartupError`."""


@asynccontextmanager
async def open_backend(config: Config, plugins: Plugins) -> AsyncIterator[Backend]:
    """Open everything that speaks; the model itself opens in the background.

    Raises `StartupError` and `ConfigError`.
    """
    files, styles = await asyncio.to_thread(find_files, config, plugins)
    phonemizers = await asyncio.to_thread(find_phonemizers, catalogue(styles.names), plugins)
    voices = [voice for voice in catalogue(styles.names) if voice.language in phonemizers]
    async with AsyncExitStack() as stack:
        # numpy's own threads spin for a while behind every product, just when the vocoder needs the processor.
        stack.enter_context(threadpool_limits(1, user_api="blas"))
        engine = await stack.enter_async_context(Engine())
        text = TextPipeline(plugins.text_filters(), phonemizers)
        stack.push_async_callback(text.close)
        opening = asyncio.create_task(_opened(config, plugins, files, styles, text))
        stack.push_async_callback(_finish, opening)
        manner = Manner(config.voice.speed, config.voice.volume)
        speaker = Speaker(text, opening, Sharing(engine), manner)
        server = config.server
        patience = Patience(server.pause_seconds, server.idle_seconds, server.max_text_characters)
        narrator = Narrator(speaker, voices, config.voice.name, config.speech, patience)
        yield Backend(narrator, engine, files, opening)


async def _opened(config: Config, plugins: Plugins, files: ModelFiles, styles: Styles, text: TextPipeline) -> Synthesis:
    """Open the model and the phonemizer, and rehearse, so that the first answer comes as fast as all others."""
    opening = asyncio.create_task(asyncio.to_thread(open_synthesis, config, plugins, files, styles))
    phonemes = ""
    for voice in catalogue(styles.names):
        if voice.name == config.voice.name:
            with suppress(SpeechError):
                phonemes = await text.phonemes(REHEARSAL, voice.language)
    synthesis = await opening
    if phonemes:
        await asyncio.to_thread(rehearse, synthesis, phonemes, config.voice.name)
    return synthesis


def rehearse(synthesis: Synthesis, phonemes: str, voice: str) -> None:
    """Speak once to nobody; what fails here is told to the first who listens."""
    try:
        for _ in synthesis.steps(phonemes, voice, 1.0):
            pass
    except Exception as error:  # noqa: BLE001 any provider may fail in any way
        log.warning("The rehearsal failed: %s", error)


def find_files(config: Config, plugins: Plugins) -> tuple[ModelFiles, Styles]:
    """Return the model's files and the voices' styles. Raises `StartupError`."""
    request = ModelRequest(config.model.path, config.model.voices)
    files = find_model(request, plugins.model_sources())
    return files, Styles.from_file(files.voices) if files.voices else own_styles()


def find_phonemizers(voices: tuple[Voice, ...], plugins: Plugins) -> dict[str, Phonemizer]:
    """Return the phonemizer of every language of `voices` that has one."""
    languages = sorted({voice.language for voice in voices})
    found = {language: plugins.phonemizer(language) for language in languages}
    return {language: phonemizer for language, phonemizer in found.items() if phonemizer}


def open_synthesis(config: Config, plugins: Plugins, files: ModelFiles, styles: Styles) -> Synthesis:
    """Open the model on the best provider. Raises `StartupError`."""
    options = SessionOptions(config.model.threads or processors(), config.directories.cache_path)
    sha256, recipe = sha256_of(files.model), Recipe.current().digest
    try:
        folder = prepared(files.model, sha256, recipe, options.cache_dir)
    except GraphMismatch as mismatch:
        log.warning("%s is decoded whole, so that long sentences begin late: %s", files.model.name, mismatch)
        stage = Stage(files.model, plugins.providers(), options)
        return WholeSentence(stage, styles, f"{sha256} whole {stage.precision}")
    stages = Stages(folder, plugins.providers(), options)
    statistics = known_statistics(styles)
    languages = {voice.name: voice.language for voice in catalogue(styles.names)}
    learner = Learner(folder, styles, languages, statistics)
    return Streaming(stages, styles, statistics, f"{sha256} {recipe} {stages.precision}", learner)


def known_statistics(styles: Styles) -> Statistics:
    """Return the statistics of those of the `styles` that are the voices we ship."""
    with _data("statistics.npz") as file:
        statistics = Statistics.read(file)
    shipped = own_styles()
    for name in shipped.names:
        if name not in styles.names or not styles.sounds_like(shipped, name):
            statistics.forget(name)
    return statistics


def own_styles() -> Styles:
    """Return the voices that ship with us."""
    with _data("voices.npz") as factors:
        return Styles.from_factors(factors)


def _data(name: str) -> AbstractContextManager[Path]:
    return resources.as_file(resources.files("wyoming_kokoro") / "data" / name)


def processors() -> int:
    """Return how many threads one inference gets by default."""
    if hasattr(os, "sched_getaffinity"):
        return min(MOST_THREADS, len(os.sched_getaffinity(0)))
    return min(MOST_THREADS, os.cpu_count() or 1)


async def _finish(opening: asyncio.Task[Synthesis]) -> None:
    """Wait for the thread that opens the model, which cannot be interrupted, and close what it opened."""
    with suppress(StartupError, asyncio.CancelledError):
        synthesis = await opening
        await asyncio.to_thread(synthesis.close)
