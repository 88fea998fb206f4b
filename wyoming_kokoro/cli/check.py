"""`check`: open everything, synthesize one word, and report what works."""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import time
from collections import Counter
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from wyoming_kokoro.cli.parsers import Commands
from wyoming_kokoro.cli.resource_limits import require_resources
from wyoming_kokoro.config import Config
from wyoming_kokoro.cpu import default_threads
from wyoming_kokoro.errors import KokoroError, StartupError
from wyoming_kokoro.terminal import escape
from wyoming_kokoro.version import __version__

if TYPE_CHECKING:
    from wyoming_kokoro.backend import Backend
    from wyoming_kokoro.plugins.manager import PluginManager
    from wyoming_kokoro.server.startup_timeline import StartupTimeline

WORD = "Hello."
LABELS = {
    "version": "wyoming-kokoro",
    "python": "Python",
    "machine": "Machine",
    "threads": "Threads of one inference",
    "config": "Configuration",
    "plugins": "Plugins",
    "providers": "Providers",
    "trials": "Measured speed",
    "model": "Model",
    "speech_models": "Speech models",
    "spoken_by": "A new sentence would be spoken by",
    "voices": "Voices by language",
    "other_scripts": "Words in other scripts",
    "default_voice": "Default voice",
    "chimes": "Chimes",
    "uri": "Address",
    "startup_seconds": "Startup (seconds until)",
    "first_audio_seconds": "First audio of one word (seconds)",
    "audio_seconds": "Length of that word (seconds)",
    "phrase_cache": "Phrase cache",
    "warmup": "Warmup",
    "advice": "Recommendations",
    "problem": "PROBLEM",
}
"""The keys of the report in the order in which `check` finds them, and their names in the text for a person."""


WITHOUT_EXTRAS = {
    "ja": "kana only, by espeak NG; install the extra `ja`",
    "zh-CN": "by espeak NG without tones; install the extra `zh`",
}
"""How words of a language without its phonemizer are read in other voices."""


def add_parser(commands: Commands) -> None:
    """Add the command."""
    commands.add("check", "open everything, synthesize one word and report problems", run, has_json=True)


def run(config: Config, options: argparse.Namespace) -> int:
    """Print the report; return 1 when something does not work."""
    from wyoming_kokoro.server.startup_timeline import StartupTimeline

    report: dict[str, Any] = {**dict.fromkeys(LABELS), "problem": ""}
    try:
        require_resources()
        asyncio.run(_fill(report, config, StartupTimeline()))
    except KokoroError as error:
        report["problem"] = str(error)
    print(json.dumps(report, indent=2) if options.json else format_report(report))
    return 1 if report["problem"] else 0


def format_report(report: Mapping[str, Any]) -> str:
    """Return the report as text for a person; what was not reached is left out."""
    lines = []
    for key, label in LABELS.items():
        value = report[key]
        if isinstance(value, dict):
            lines += [f"{label}:", *(f"  {name}: {text}" for name, text in value.items())] if value else []
        elif value:
            lines.append(f"{label}: {value}")
    lines = list(map(escape, lines))
    return "\n".join(lines if report["problem"] else [*lines, "All is well."])


def describe_missing_extras(languages: Collection[str]) -> dict[str, str]:
    """Return how other voices read words of the languages without a phonemizer, by language."""
    return {language: reading for language, reading in WITHOUT_EXTRAS.items() if language not in languages}


async def _fill(report: dict[str, Any], config: Config, timeline: StartupTimeline) -> None:
    from wyoming_kokoro.backend import open_backend
    from wyoming_kokoro.cli.cache import count_warm_phrases, describe_shared_cache, format_stats
    from wyoming_kokoro.pcm import seconds
    from wyoming_kokoro.plugins.manager import PluginManager
    from wyoming_kokoro.storage import forget_times

    report["version"] = __version__
    report["python"] = platform.python_version()
    report["machine"] = f"{platform.system()} {platform.machine()}"
    report["threads"] = await asyncio.to_thread(default_threads)
    report["config"] = config.source
    await asyncio.to_thread(forget_times, config.directories.cache_path)
    plugins = await asyncio.to_thread(PluginManager.load, config)
    report["plugins"] = plugins.statuses
    report["providers"] = {
        provider.name: provider.unavailable_reason or f"usable, priority {provider.priority}"
        for provider in await asyncio.to_thread(plugins.providers)
    }
    async with open_backend(config, plugins, timeline.mark) as backend:
        report["model"] = str(backend.files.model)
        report["default_voice"] = backend.tts.default_voice.name
        report["other_scripts"] = describe_missing_extras(backend.text.languages)
        report["voices"] = Counter(voice.language for voice in backend.tts.voices)
        report["chimes"] = {name: f"{seconds(chime):.1f} s" for name, chime in backend.tts.chimes.items()}
        report["uri"] = await _listen(config, backend, timeline)
        await backend.models.ready()
        report["speech_models"] = await _open_speech_models(backend)
        for language in sorted({voice.language for voice in backend.tts.voices}):
            await backend.text.load(language)
        can_read = backend.tts.default_voice.language not in backend.text.problems
        report["spoken_by"] = await _explain_selection(backend) if can_read else ""
        report["trials"] = dict(backend.model.trial_reports) if backend.model else {}
        report["startup_seconds"] = {name: round(seconds, 3) for name, seconds in timeline.moments.items()}
        if can_read:
            report["first_audio_seconds"], report["audio_seconds"] = await _synthesize_word(backend)
        stats = await backend.cache.stats()
        report["phrase_cache"] = format_stats(stats)
        report["warmup"] = await count_warm_phrases(backend)
        report["advice"] = await _recommendations(config, plugins, backend)
        # Other models and phonemizers speak, so the report is complete.
        problems = list(backend.problems)
        if stats.shared and (stats.shared.problem or stats.shared.write_problem):
            problems.append(" ".join(describe_shared_cache(stats.shared).split()))
        report["problem"] = "; ".join(problems)


async def _listen(config: Config, backend: Backend, timeline: StartupTimeline) -> str:
    """Return the address that serves clients: this process listens on it, or a running server answers there."""
    from wyoming_kokoro.server.listener import listen

    try:
        async with listen(config.server, backend.tts) as listener:
            timeline.mark("listening")
            if listener.addresses and await _running_version(f"tcp://{listener.addresses[0]}"):
                timeline.mark("describe answered")
            return config.server.uri
    except StartupError:
        version = await _running_version(config.server.uri)
        if version is None:
            raise
        return f"{config.server.uri} (wyoming-kokoro {version} runs there)"


async def _running_version(uri: str) -> str | None:
    """Return the version of the wyoming-kokoro that answers at `uri`, or None."""
    from wyoming_kokoro.cli.ping import describe

    try:
        return (await asyncio.to_thread(describe, uri)).version
    except StartupError:
        return None


async def _open_speech_models(backend: Backend) -> dict[str, str]:
    """Open all distilled models, and return the status of each model."""
    statuses = {}
    for source in backend.models.distilled:
        await backend.models.can_open(source)
    for model in backend.models.statuses:
        voices = "all voices" if model.quality == "full" else ", ".join(model.voices)
        problem = f": {model.problem}" if model.problem else ""
        statuses[model.name] = f"{model.quality}, {voices}; {model.state}{problem}"
    return statuses


async def _explain_selection(backend: Backend) -> str:
    """Return which model would speak a new sentence of the default voice, and why."""
    from wyoming_kokoro.api.speech_models import SELECTION_REASONS
    from wyoming_kokoro.scheduling.admission import PendingText
    from wyoming_kokoro.scheduling.playback import Playback

    voice = backend.tts.default_voice
    phonemes = await backend.text.read(WORD, voice.language)
    selection = backend.models.choose(voice, Playback(), PendingText(WORD, len(phonemes), len(phonemes)))
    return f"the {selection.source.model.quality} model: {SELECTION_REASONS[selection.reason]}"


async def _synthesize_word(backend: Backend) -> tuple[float, float]:
    """Return the seconds from phonemes to the first samples of `WORD`, and the seconds of audio."""
    from wyoming_kokoro.types import SAMPLE_RATE

    voice = backend.tts.default_voice
    # Cached phonemes and a cached recording would hide that the phonemizer or the model fails.
    phonemes = await backend.text.read(WORD, voice.language)
    model = (await backend.models.open_for_warmup(voice)).model
    units = model.synthesize(phonemes, voice.style_name, 1.0)
    started, first_audio, samples = time.monotonic(), 0.0, 0
    while (chunk := await asyncio.to_thread(next, units, None)) is not None:
        if not samples and len(chunk):
            first_audio = time.monotonic() - started
        samples += len(chunk)
    return round(first_audio, 3), round(samples / SAMPLE_RATE, 3)


async def _recommendations(config: Config, plugins: PluginManager, backend: Backend) -> dict[str, str]:
    """Return the advice by its topic. What a running server has counted replaces what this check finds."""
    from wyoming_kokoro.metrics import advice_file
    from wyoming_kokoro.metrics.advice import AdviceInput, recommend
    from wyoming_kokoro.speech.phrase_cache import NullPhraseCache

    stats = None if isinstance(backend.cache, NullPhraseCache) else await backend.cache.stats()
    stages = backend.model.stages if backend.model else ()
    found = recommend(
        AdviceInput(backend.metrics.metrics, stats, tuple(stages), plugins.statuses, models=backend.model_facts)
    )
    counted = await asyncio.to_thread(advice_file.read_advice, config.directories.state_path)
    return {item.topic: f"{item.finding} {item.action}" for item in (*found, *counted)}
