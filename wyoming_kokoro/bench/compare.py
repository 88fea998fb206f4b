"""Measures this server against plain kokoro-onnx, or against another Wyoming server.

Both speak each phrase in turns, so that other programs slow down both equally. A server is measured by a Wyoming
client, from the text on. Of kokoro-onnx only `create` is measured, on phonemes that are prepared: this favours
kokoro-onnx.
"""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import os
import platform
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from operator import attrgetter

from wyoming_kokoro import __version__
from wyoming_kokoro.api.text import Phonemizer, TextFilter
from wyoming_kokoro.bench.processes import (
    BenchPhrase,
    BenchTarget,
    SpeechTiming,
    run_kokoro_onnx,
    run_server,
    wyoming_target,
)
from wyoming_kokoro.bench.report import BenchReport, MedianComparison, PhraseResult
from wyoming_kokoro.config import Config
from wyoming_kokoro.cpu import default_threads
from wyoming_kokoro.errors import ConfigError, StartupError
from wyoming_kokoro.model.locate import find_files
from wyoming_kokoro.model.voices import published_voices
from wyoming_kokoro.onnx.version import onnxruntime_version
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.speech.phrase_cache import NullPhraseCache
from wyoming_kokoro.speech.voice_catalog import VoiceCatalog
from wyoming_kokoro.storage import sha256_of
from wyoming_kokoro.text.pipeline import TextPipeline
from wyoming_kokoro.text.pronunciation import find_phonemizers

# About 12, 27, 76 and 214 phonemes in English. The last one is a single sentence without a place to pause.
TEXTS = (
    "Good evening.",
    "The front door is unlocked.",
    "The light in the cellar has been on since noon so I have switched it off for you.",
    (
        "It will stay dry until the early evening but then a thunderstorm will move in from the west so"
        " please remember to close the windows in the attic and to bring the cushions inside before you"
        " leave for the theatre tonight."
    ),
)

log = logging.getLogger(__name__)


def run_bench(config: Config, texts: Sequence[str], rounds: int, against: str | None = None) -> BenchReport:
    """Start what is compared, measure it and stop it. `against` is the address of another Wyoming server.

    Raises `StartupError` and `ConfigError`.
    """
    if rounds < 1:
        raise ConfigError("command line", "--rounds", "must be at least 1")
    if against is None and importlib.util.find_spec("kokoro_onnx") is None:
        raise StartupError("kokoro-onnx is missing and needs Python < 3.14; use an older Python, or --against")
    server = wyoming_target(against) if against else None
    plugins = PluginManager.load(config)
    files, styles = find_files(config, plugins)
    phonemizers = find_phonemizers(published_voices(styles.names), plugins)
    voice = VoiceCatalog.for_model(config, files, styles, phonemizers).default_voice
    phrases = asyncio.run(phonemize(plugins.text_filters(), phonemizers, voice.language, texts))
    threads = config.model.threads or default_threads()
    speed = config.voice.speed * voice.speed
    other: AbstractContextManager[BenchTarget] = (
        nullcontext(server) if server else run_kokoro_onnx(files.model, styles, voice.style_name, speed, threads)
    )
    with run_server(config) as ours, other as theirs:
        results = compare_targets(ours, theirs, phrases, rounds)
        peaks = [target.process.peak_bytes for target in (ours, theirs) if target.process]
    circumstances: dict[str, str | int] = {
        "version": __version__,
        "rounds": rounds,
        "voice": config.voice.name,
        "model": str(files.model),
        "sha256": sha256_of(files.model),
        "threads": threads,
        "CPUs": os.cpu_count() or 1,
        "machine": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        "ONNX Runtime": onnxruntime_version(),
    }
    memory = MedianComparison.of(peaks[:1], peaks[1:]) if len(peaks) == 2 else None
    return BenchReport(theirs.name, circumstances, results, memory)


async def phonemize(
    filters: Sequence[TextFilter], phonemizers: Mapping[str, Phonemizer], language: str, texts: Sequence[str]
) -> list[BenchPhrase]:
    """Return `texts` with the phonemes that the server speaks."""
    pipeline = TextPipeline(filters, phonemizers, NullPhraseCache(), "")
    try:
        return [BenchPhrase(text, await pipeline.phonemize(text, language)) for text in texts]
    finally:
        await pipeline.close()


def compare_targets(
    ours: BenchTarget, theirs: BenchTarget, phrases: Sequence[BenchPhrase], rounds: int
) -> list[PhraseResult]:
    """Let both speak every phrase `rounds` times, after one round of warm-up. Raises `StartupError`."""
    timings: dict[BenchPhrase, list[tuple[SpeechTiming, SpeechTiming]]] = {phrase: [] for phrase in phrases}
    for number in range(rounds + 1):
        log.info("Round %d of %d", number, rounds) if number else log.info("Warming up")
        for index, phrase in enumerate(phrases):
            # The order alternates, in case the first influences the second.
            order = (ours, theirs) if (number + index) % 2 else (theirs, ours)
            timing = {target: target.speak(phrase) for target in order}
            if number:
                timings[phrase].append((timing[ours], timing[theirs]))
    return [_summarize(phrase, pairs) for phrase, pairs in timings.items()]


def _summarize(phrase: BenchPhrase, pairs: Sequence[tuple[SpeechTiming, SpeechTiming]]) -> PhraseResult:
    ours, theirs = zip(*pairs, strict=True)
    metrics = map(attrgetter, ("ttfa", "total", "rtf"))
    comparisons = (MedianComparison.of(map(metric, ours), map(metric, theirs)) for metric in metrics)
    return PhraseResult(phrase.text, len(phrase.phonemes), *comparisons)
