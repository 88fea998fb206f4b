"""`check`: open everything, speak one word, and tell what was found."""

from __future__ import annotations

import asyncio
import json
import platform
import time
from dataclasses import asdict, dataclass, field

from wyoming_kokoro.backend import Backend, open_backend
from wyoming_kokoro.cli.cache import format_stats, warm_share
from wyoming_kokoro.cli.ping import described
from wyoming_kokoro.config import Config
from wyoming_kokoro.cpu import default_threads
from wyoming_kokoro.errors import KokoroError, StartupError
from wyoming_kokoro.metrics.advice import AdviceInput, recommend
from wyoming_kokoro.metrics.advice_file import read
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.server.listener import listen
from wyoming_kokoro.server.startup_timeline import StartupTimeline
from wyoming_kokoro.speech.phrase_cache import NullPhraseCache
from wyoming_kokoro.synthesis.speech_model import SpeechModel
from wyoming_kokoro.types import SAMPLE_RATE
from wyoming_kokoro.version import __version__

WORD = "Hello."


@dataclass(slots=True)
class CheckReport:
    """What `check` found; it is filled from top to bottom, so that what is missing tells where it ended."""

    version: str = __version__
    python: str = field(default_factory=platform.python_version)
    machine: str = field(default_factory=lambda: f"{platform.system()} {platform.machine()}")
    processors: int = field(default_factory=default_threads)
    config: str = ""
    plugins: dict[str, str] = field(default_factory=dict)
    providers: dict[str, str] = field(default_factory=dict)
    measured: dict[str, str] = field(default_factory=dict)
    """How fast those are that were tried."""
    model: str = ""
    voices: dict[str, int] = field(default_factory=dict)
    """How many voices are advertised for each language."""
    default_voice: str = ""
    uri: str = ""
    start_seconds: dict[str, float] = field(default_factory=dict)
    """When what was ready, in seconds since the process began."""
    first_sound_seconds: float = 0.0
    """From phonemes to the first samples of one word that the model speaks, being open."""
    spoken_seconds: float = 0.0
    phrase_cache: str = ""
    warmup: dict[str, str] = field(default_factory=dict)
    """How many of the phrases of each strategy are ready."""
    advice: dict[str, str] = field(default_factory=dict)
    """What could be better, and what to do: from what is found here, and from what a server here has seen lately."""
    problem: str = ""
    """The one line that says what is wrong and what to do; empty when all is well."""


def check(config: Config, as_json: bool) -> tuple[str, int]:
    """Return the report, as text or JSON, and the exit code."""
    report = CheckReport(config=config.where)
    try:
        asyncio.run(_examine(config, report, StartupTimeline()))
    except KokoroError as error:
        report.problem = str(error)
    page = json.dumps(asdict(report), indent=2) if as_json else _page(report)
    return page, 1 if report.problem else 0


async def _examine(config: Config, report: CheckReport, timeline: StartupTimeline) -> None:
    plugins = await asyncio.to_thread(PluginManager.load, config)
    report.plugins = plugins.statuses
    for provider in await asyncio.to_thread(plugins.providers):
        report.providers[provider.name] = provider.unavailable_reason or f"usable, rank {provider.priority}"
    async with open_backend(config, plugins, timeline.mark) as backend:
        _describe(backend, report)
        report.uri = await _listen(config, backend, timeline)
        synthesis = await backend.opening
        report.measured = dict(synthesis.trial_reports)
        report.start_seconds = {moment: round(seconds, 3) for moment, seconds in timeline.moments.items()}
        await _speak(backend, synthesis, report)
        report.phrase_cache = format_stats(await backend.cache.stats())
        report.warmup = await warm_share(backend)
        report.advice = await _advised(config, plugins, backend, synthesis)


async def _listen(config: Config, backend: Backend, timeline: StartupTimeline) -> str:
    """Return where clients are served: here, or by a server of ours that runs already."""
    try:
        async with listen(config.server, backend.tts) as listener:
            timeline.mark("listening")
            if listener.addresses and await _running_version(f"tcp://127.0.0.1:{listener.addresses[0].port}"):
                timeline.mark("describe answered")
            return config.server.uri
    except StartupError:
        running = await _running_version(config.server.uri)
        if running is None:
            raise
        return f"{config.server.uri} (wyoming-kokoro {running} runs there)"


async def _running_version(uri: str) -> str | None:
    """Return the version of the wyoming-kokoro that answers at `uri`, or None."""
    try:
        return (await described(uri)).version
    except StartupError:
        return None


def _describe(backend: Backend, report: CheckReport) -> None:
    report.model = str(backend.files.model)
    report.default_voice = backend.tts.default.name
    for voice in backend.tts.voices:
        report.voices[voice.language] = report.voices.get(voice.language, 0) + 1


async def _advised(config: Config, plugins: PluginManager, backend: Backend, synthesis: SpeechModel) -> dict[str, str]:
    """Return the advice by its topic; what a server has seen tells more than a look does."""
    cache = None if isinstance(backend.cache, NullPhraseCache) else await backend.cache.stats()
    found = recommend(AdviceInput(backend.metrics.metrics, cache, tuple(synthesis.stages), plugins.statuses))
    seen = await asyncio.to_thread(read, config.directories.state_path)
    return {item.topic: f"{item.what} {item.action}" for item in (*found, *seen)}


async def _speak(backend: Backend, synthesis: SpeechModel, report: CheckReport) -> None:
    """Have the model itself speak: the phrase cache would hide that it cannot."""
    voice = backend.tts.default
    phonemes = await backend.text.phonemes(WORD, voice.language)
    steps = synthesis.synthesize(phonemes, voice.sound, 1.0)
    started, samples = time.monotonic(), 0
    while (chunk := await asyncio.to_thread(next, steps, None)) is not None:
        if not samples and len(chunk):
            report.first_sound_seconds = round(time.monotonic() - started, 3)
        samples += len(chunk)
    report.spoken_seconds = round(samples / SAMPLE_RATE, 3)


def _page(report: CheckReport) -> str:
    lines = []
    for key, value in asdict(report).items():
        if isinstance(value, dict):
            lines += [f"{key}:", *(f"  {name}: {what}" for name, what in value.items())]
        elif key != "problem":
            lines.append(f"{key}: {value}")
    lines.append(f"PROBLEM: {report.problem}" if report.problem else "All is well.")
    return "\n".join(lines)
