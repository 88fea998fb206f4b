"""`bench`: this machine's wyoming-kokoro against plain kokoro-onnx, in one run.

Both speak each phrase in turn, so that what else the machine does harms both alike. Ours is heard by a
Wyoming client over TCP, from the text on; of kokoro-onnx only `create` is timed, on phonemes that are made
beforehand: a lower bound, in its favour. Ours remembers the phonemes of the warm-up: less than 1 ms.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import logging
import os
import platform
import signal
import statistics
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from wyoming_kokoro import __version__
from wyoming_kokoro.backend import find_cast, find_files, find_phonemizers
from wyoming_kokoro.bench.processes import Phrase, Rival, Timing, kokoro_onnx, serving
from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import ConfigError, StartupError
from wyoming_kokoro.fingerprints import onnxruntime_version
from wyoming_kokoro.keeping import Nowhere
from wyoming_kokoro.listing import table
from wyoming_kokoro.model.assets import sha256_of
from wyoming_kokoro.model.voices import catalogue
from wyoming_kokoro.plugins import Plugins
from wyoming_kokoro.processors import processors
from wyoming_kokoro.text.phonemes import TextPipeline
from wyoming_kokoro.types import Voice

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
"""About 12, 28, 81 and 221 phonemes in English; the last is one sentence that gives no place to pause."""
SHOWN = 28
"""Characters of a text that the table shows."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Measure:
    """A quantity of both; a ratio below 1 is good for ours."""

    ours: float
    theirs: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Row:
    """The medians of one phrase."""

    text: str
    phonemes: int
    first: Measure
    """Seconds to the first samples."""
    audible: Measure
    """Seconds to the first sample that is heard."""
    total: Measure
    """Seconds to the end."""
    rtf: Measure


@dataclass(frozen=True, slots=True)
class Report:
    """What `bench` found, and where."""

    version: str
    kokoro_onnx: str
    onnxruntime: str
    python: str
    machine: str
    processors: int
    threads: int
    voice: str
    model: str
    sha256: str
    rounds: int
    rows: list[Row]
    peak_bytes: Measure
    """Of the resident memory."""


def bench(config: Config, as_json: bool, rounds: int) -> str:
    """Return the report, as a table or JSON. Raises `StartupError` and `ConfigError`."""
    if rounds < 1:
        raise ConfigError("command line", "--rounds", "must be at least 1")
    with terminated_as_interrupted():
        report = measured(config, TEXTS, rounds)
    return json.dumps(asdict(report), indent=2) if as_json else page(report)


def measured(config: Config, texts: Sequence[str], rounds: int) -> Report:
    """Start both, compare them, end both. Raises `StartupError`."""
    if importlib.util.find_spec("kokoro_onnx") is None:
        raise StartupError("the comparison needs kokoro-onnx, and that needs Python < 3.14; use an older Python")
    threads = config.model.threads or processors()
    with serving(config) as (ours, server):
        plugins = Plugins.load(config)
        files, styles = find_files(config, plugins)
        voice = default_voice(config, plugins)
        speed = config.voice.speed * voice.speed
        phrases = asyncio.run(phonemized(config, plugins, texts))
        with kokoro_onnx(files.model, styles, voice.sound, speed, threads) as (theirs, process):
            return Report(
                version=__version__,
                kokoro_onnx=theirs.version,
                onnxruntime=onnxruntime_version(),
                python=platform.python_version(),
                machine=f"{platform.system()} {platform.machine()}",
                processors=os.cpu_count() or 1,
                threads=threads,
                voice=config.voice.name,
                model=str(files.model),
                sha256=sha256_of(files.model),
                rounds=rounds,
                rows=compared(ours, theirs, phrases, rounds),
                peak_bytes=measure([server.peak_bytes], [process.peak_bytes]),
            )


def default_voice(config: Config, plugins: Plugins) -> Voice:
    """Return the voice of requests that name none. Raises `StartupError` and `ConfigError`."""
    files, styles = find_files(config, plugins)
    return find_cast(config, files, styles, find_phonemizers(catalogue(styles.names), plugins)).default


async def phonemized(config: Config, plugins: Plugins, texts: Sequence[str]) -> list[Phrase]:
    """Return `texts` with the phonemes that the server makes of them for its default voice."""
    voice = await asyncio.to_thread(default_voice, config, plugins)
    filters = await asyncio.to_thread(plugins.text_filters)
    pipeline = TextPipeline(filters, await asyncio.to_thread(find_phonemizers, (voice,), plugins), Nowhere(), "")
    try:
        return [Phrase(text, await pipeline.phonemes(text, voice.language)) for text in texts]
    finally:
        await pipeline.close()


def compared(ours: Rival, theirs: Rival, phrases: Sequence[Phrase], rounds: int) -> list[Row]:
    """Let both speak all `phrases` `rounds` times, and once before to warm up. Raises `StartupError`."""
    log.info("Warming up")
    for phrase in phrases:
        _both(ours, theirs, phrase, swapped=False)
    heard: dict[Phrase, list[tuple[Timing, Timing]]] = {phrase: [] for phrase in phrases}
    for number in range(rounds):
        log.info("Round %d of %d", number + 1, rounds)
        for place, phrase in enumerate(phrases):
            heard[phrase].append(_both(ours, theirs, phrase, swapped=(number + place) % 2 == 1))
    return [_row(phrase, pairs) for phrase, pairs in heard.items()]


def _both(ours: Rival, theirs: Rival, phrase: Phrase, *, swapped: bool) -> tuple[Timing, Timing]:
    if swapped:
        second = theirs.speak(phrase)
        return ours.speak(phrase), second
    return ours.speak(phrase), theirs.speak(phrase)


def _row(phrase: Phrase, pairs: Sequence[tuple[Timing, Timing]]) -> Row:
    ours, theirs = zip(*pairs, strict=True)
    return Row(
        text=phrase.text,
        phonemes=len(phrase.phonemes),
        first=measure([timing.first for timing in ours], [timing.first for timing in theirs]),
        audible=measure([timing.audible for timing in ours], [timing.audible for timing in theirs]),
        total=measure([timing.total for timing in ours], [timing.total for timing in theirs]),
        rtf=measure([timing.rtf for timing in ours], [timing.rtf for timing in theirs]),
    )


def measure(ours: Sequence[float], theirs: Sequence[float]) -> Measure:
    """Return the medians and their ratio."""
    mine, other = statistics.median(ours), statistics.median(theirs)
    return Measure(mine, other, mine / other)


def page(report: Report) -> str:
    """Return `report` for a person."""
    rounds = "1 round" if report.rounds == 1 else f"{report.rounds} rounds"
    peak = report.peak_bytes
    return f"""\
wyoming-kokoro {report.version} / kokoro-onnx {report.kokoro_onnx} = ratio, medians of {rounds}
{report.machine}, Python {report.python}, ONNX Runtime {report.onnxruntime}, \
{report.threads} threads on {report.processors} processors
{report.voice} of {report.model}

{rows_page(report.rows)}

peak memory: {peak.ours / 1e6:.0f} / {peak.theirs / 1e6:.0f} MB = {peak.ratio:.2f}"""


def rows_page(rows: Sequence[Row]) -> str:
    """Return `rows` as a table."""
    heads = ["phonemes", "text", "TTFA, s", "first audible, s", "total, s", "RTF"]
    return table(heads, [_cells(row) for row in rows])


def _cells(row: Row) -> list[str]:
    measures = (row.first, row.audible, row.total, row.rtf)
    text = textwrap.shorten(row.text, SHOWN, placeholder=" …")
    return [
        str(row.phonemes),
        text,
        *(f"{each.ours:.3f} / {each.theirs:.3f} = {each.ratio:.2f}" for each in measures),
    ]


@contextmanager
def terminated_as_interrupted() -> Iterator[None]:
    """Let SIGTERM do what Ctrl-C does, for which asyncio is prepared, so that our processes end before we do."""
    before = signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
