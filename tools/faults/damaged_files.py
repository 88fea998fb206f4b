"""Damage the files of the cache and state directories at random, one at a time, and start the server after each damage.

    python -m tools.faults.damaged_files [--cases N] [--quality full|distilled] [--folder FOLDER] [--seed N]

After each damage, a server must speak a cached and a new sentence as before it, after at most one repair and without an
error in its log. The tool prints a table and the failures, and exits with 1 if there are any.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import multiprocessing
import os
import random
import shutil
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from wyoming_kokoro.api.lexicon import LexiconEntry
from wyoming_kokoro.api.observations import SegmentFinished
from wyoming_kokoro.api.speech_models import Quality
from wyoming_kokoro.backend import open_backend
from wyoming_kokoro.config import Config, Directories, load_config
from wyoming_kokoro.onnx import runtime
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.server.lifecycle import open_server
from wyoming_kokoro.server.startup_timeline import StartupTimeline
from wyoming_kokoro.speech.tts import TextToSpeech
from wyoming_kokoro.terminal import format_table

CACHED_TEXT = "The washing machine has finished."
TIMEOUT_SECONDS = 180.0
DISABLED = ("zeroconf", "dashboard", "openai", "systemd", "supervisor", "memory_watchdog")
BLOCK_BYTES = 4096
# The length of windows depends on the load, and int8 rounds each window differently, which changed three sentences by
# at most 0.2 dB. Scrambled samples, noise and silence differ by 17 dB or more.
MAX_DISTANCE_DB = 2.0
MAX_LENGTH_DIFFERENCE = 1200
FRAME_SAMPLES = 1024
# A level below the noise of 16 bits in a frame.
FLOOR = 100.0


@dataclass(frozen=True, slots=True)
class Start:
    """What a server said, and what it logged."""

    recordings: Sequence[bytes]
    log: Sequence[tuple[int, str]]

    def count(self, text: str) -> int:
        """Return the number of log lines with `text`."""
        return sum(text in line for _, line in self.log)


@dataclass
class DamageCounts:
    """The cases of one kind of file."""

    cases: int = 0
    unnoticed: int = 0
    repaired: int = 0
    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def main() -> None:
    """Damage files until all cases are done."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=int, default=300)
    parser.add_argument("--quality", choices=("full", "distilled"), default="full")
    parser.add_argument("--folder", type=Path, help="an empty folder on a disk with 1 GB; default: a temporary one")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with TemporaryDirectory(prefix="damaged-files-") as folder:
        counts = damage_files(options.folder or Path(folder), options.cases, options.quality, options.seed)
    print(format_counts(counts))
    failures = [failure for kind in counts.values() for failure in kind.failures]
    print("\n".join(failures))
    sys.exit(bool(failures))


class DamageRun:
    """Damages the files of one server, case by case."""

    def __init__(self, config: Config, intact: Path, model: Connection, dice: random.Random) -> None:
        """`intact` has a copy of the files without damage, with which `model` speaks."""
        self.counts: defaultdict[str, DamageCounts] = defaultdict(DamageCounts)
        self._config = config
        self._folder = Path(config.directories.cache).parent
        self._intact = intact
        self._model = model
        self._dice = dice

    def run_case(self, number: int) -> None:
        """Damage one file, start a server, and compare what it says. After a failure, begin with intact files."""
        texts = [CACHED_TEXT, f"Sensor {number} reports {number * 7} degrees."]
        file = self._dice.choice(find_files(self._folder))
        name, where = self._dice.choice(sorted(DAMAGES)), file.relative_to(self._folder)
        damage(file, name, self._dice)
        kind = self.counts[kind_of(where)]
        kind.cases += 1
        started_at = time.monotonic()
        try:
            found = start(self._config, texts)
        except RuntimeError as error:
            problems = [str(error)]
        else:
            kind.seconds.append(time.monotonic() - started_at)
            self._model.send(texts)
            problems = list(find_problems(found, self._model.recv()))
            is_noticed = any(level >= logging.WARNING for level, _ in found.log) or found.count("Prepar")
            kind.repaired += bool(is_noticed)
            kind.unnoticed += not is_noticed
        if problems:
            kind.failures.append(f"case {number}: {name} {where}: {'; '.join(problems)}")
            print(kind.failures[-1], file=sys.stderr, flush=True)
            shutil.rmtree(self._folder)
            shutil.copytree(self._intact, self._folder)


def damage_files(folder: Path, cases: int, quality: Quality, seed: int) -> Mapping[str, DamageCounts]:
    """Return the counts by kind of file."""
    config, intact = make_config(folder / "used", quality), folder / "intact"
    # Every process below is a copy of this one. It has the slow imports, but no threads and no sessions.
    runtime()
    # The first start prepares everything, the second one makes what a first start leaves out.
    for _ in range(2):
        start(config, [CACHED_TEXT])
    shutil.copytree(folder / "used", intact)
    with intact_model(make_config(intact, quality)) as model:
        run = DamageRun(config, intact, model, random.Random(seed))
        # Control-C ends the run with the results so far.
        with suppress(KeyboardInterrupt):
            for number in range(cases):
                run.run_case(number)
    return run.counts


def find_problems(found: Start, right: Sequence[bytes]) -> Iterator[str]:
    """Yield what is wrong after a start."""
    for name, recording, expected in zip(("cached", "new"), found.recordings, right, strict=True):
        distance = spectral_distance(recording, expected)
        if distance > MAX_DISTANCE_DB:
            yield f"the {name} sentence sounds different ({distance:.1f} dB)"
    if found.count("Preparing ") > 1:
        yield "prepared twice"
    warnings = [line for level, line in found.log if level >= logging.WARNING]
    if len(warnings) > 1:
        yield f"{len(warnings)} warnings: {warnings}"
    yield from (line for level, line in found.log if level >= logging.ERROR)


def spectral_distance(recording: bytes, expected: bytes) -> float:
    """Return the mean difference of two spectra in dB, over all frames and frequencies; infinite for another length."""
    first, second = (np.frombuffer(pcm, dtype=np.int16).astype(np.float64) for pcm in (recording, expected))
    if abs(len(first) - len(second)) > MAX_LENGTH_DIFFERENCE:
        return np.inf
    length = min(len(first), len(second)) // FRAME_SAMPLES * FRAME_SAMPLES
    frames = (samples[:length].reshape(-1, FRAME_SAMPLES) * np.hanning(FRAME_SAMPLES) for samples in (first, second))
    levels = [20 * np.log10(np.abs(np.fft.rfft(frame)) + FLOOR) for frame in frames]
    return float(np.abs(levels[0] - levels[1]).mean())


def make_config(folder: Path, quality: Quality) -> Config:
    """Return the configuration of a server with its cache and state in `folder`."""
    config = load_config(None, {}, {})
    return replace(
        config,
        server=replace(config.server, uri="tcp://127.0.0.1:0"),
        voice=replace(config.voice, quality=quality),
        directories=Directories(str(folder / "cache"), str(folder / "state")),
        plugins={name: {"enabled": False} for name in DISABLED},
    )


def start(config: Config, texts: Sequence[str]) -> Start:
    """Return what a server in a process of its own says. Raises `RuntimeError` if it ends without an answer."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=serve_once, args=(config, texts, sender))
    process.start()
    sender.close()
    with closing(receiver):
        try:
            if not receiver.poll(TIMEOUT_SECONDS):
                raise RuntimeError("no answer in time")
            result: Start | str = receiver.recv()
        except EOFError:
            process.join()
            raise RuntimeError(f"ended with code {process.exitcode}") from None
        finally:
            process.join(TIMEOUT_SECONDS)
            process.kill()
    if isinstance(result, str):
        raise RuntimeError(result)
    return result


def serve_once(config: Config, texts: Sequence[str], sender: Connection) -> None:
    """Run a server that says `texts`, and send the result or the error."""
    log: list[tuple[int, str]] = []

    class Recorder(logging.Handler):
        """Keeps all records."""

        def emit(self, record: logging.LogRecord) -> None:
            log.append((record.levelno, self.format(record)))

    root = logging.getLogger()
    root.handlers[:] = [Recorder()]
    root.setLevel(logging.INFO)
    try:
        recordings = asyncio.run(speak(config, texts))
    except Exception as error:  # noqa: BLE001 every error is a failure of the case
        sender.send(f"{type(error).__name__}: {error}")
    else:
        sender.send(Start(recordings, log))


async def speak(config: Config, texts: Sequence[str]) -> list[bytes]:
    """Return the PCM of each text."""
    async with open_server(config, await asyncio.to_thread(PluginManager.load, config), StartupTimeline()) as server:
        recordings = [await speak_text(server.backend.tts, text) for text in texts]
        for strategy in server.warmup_strategies:
            await asyncio.to_thread(strategy.phrases, server.default_voice)
        # So that the files of state exist.
        if server.lexicon and not server.lexicon.entries():
            await asyncio.to_thread(server.lexicon.teach, LexiconEntry("Zigbee", "zig bee", "en"))
        for text in texts:
            server.emit(SegmentFinished(text, server.default_voice.name, cached=True, seconds=1.0))
        await asyncio.to_thread(server.backend.capacity.save)
        await server.backend.cache.flush()
    return recordings


async def speak_text(tts: TextToSpeech, text: str) -> bytes:
    """Return the PCM of a text."""
    utterance = tts.utterance()
    utterance.feed(text)
    utterance.finish()
    return b"".join([chunk async for chunk in utterance.pcm()])


@contextmanager
def intact_model(config: Config) -> Iterator[Connection]:
    """Yield a connection to a process that receives lists of texts, and sends how they sound without damage."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve_intact, args=(config, theirs), daemon=True)
    process.start()
    try:
        yield ours
    finally:
        process.kill()
        process.join()


def serve_intact(config: Config, connection: Connection) -> None:
    """Answer forever."""
    plugins = {**config.plugins, "phrase_cache": {"enabled": False}}
    asyncio.run(answer_intact(replace(config, plugins=plugins), connection))


async def answer_intact(config: Config, connection: Connection) -> None:
    """Answer forever."""
    async with open_backend(config, await asyncio.to_thread(PluginManager.load, config)) as backend:
        while True:
            texts = await asyncio.to_thread(connection.recv)
            connection.send([await speak_text(backend.tts, text) for text in texts])


def find_files(folder: Path) -> Sequence[Path]:
    """Return all files that a damage may hit."""
    return sorted(file for file in folder.rglob("*") if file.is_file() and file.name != ".lock")


def kind_of(file: Path) -> str:
    """Return the name of a group of files for the table."""
    folders = [part for part in file.parts[1:-1] if "-ort" not in part and "-onnxruntime" not in part]
    names = [name.split("-")[0] for name in folders]
    return "/".join([*names, file.suffix.lstrip(".") if "phrases" in names else file.name])


def damage(file: Path, name: str, dice: random.Random) -> None:
    """Damage `file`. Half of the damages do not change its modification time."""
    state = file.stat()
    DAMAGES[name](file, dice)
    if file.exists() and dice.random() < 0.5:
        os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))


def _overwrite(file: Path, position: int, content: bytes) -> None:
    with file.open("r+b") as stream:
        stream.seek(position)
        stream.write(content)


def _position(file: Path, dice: random.Random) -> int:
    return dice.randrange(max(1, file.stat().st_size))


def _flip_bit(file: Path, dice: random.Random) -> None:
    position = _position(file, dice)
    with file.open("rb") as stream:
        stream.seek(position)
        (byte,) = stream.read(1) or b"\0"
    _overwrite(file, position, bytes([byte ^ 1 << dice.randrange(8)]))


def _swap(file: Path, dice: random.Random) -> None:
    other = dice.choice([item for item in file.parent.iterdir() if item.is_file()])
    shutil.copyfile(other, file.with_name("swapped"))
    file.with_name("swapped").replace(file)


DAMAGES: Mapping[str, Callable[[Path, random.Random], object]] = {
    "empty": lambda file, _: os.truncate(file, 0),
    "truncate": lambda file, dice: os.truncate(file, _position(file, dice)),
    "flip a bit of": _flip_bit,
    "scramble a block of": lambda file, dice: _overwrite(file, _position(file, dice), dice.randbytes(BLOCK_BYTES)),
    "zero a block of": lambda file, dice: _overwrite(file, _position(file, dice), bytes(BLOCK_BYTES)),
    "zero": lambda file, _: _overwrite(file, 0, bytes(file.stat().st_size)),
    "put one byte that is not UTF-8 into": lambda file, dice: _overwrite(file, _position(file, dice), b"\xff"),
    "append to": lambda file, dice: _overwrite(file, file.stat().st_size, dice.randbytes(100)),
    "delete": lambda file, _: file.unlink(),
    "put another file in the place of": _swap,
}


def format_counts(counts: Mapping[str, DamageCounts]) -> str:
    """Return the table."""
    rows = [
        [
            kind,
            str(each.cases),
            str(each.unnoticed),
            str(each.repaired),
            str(len(each.failures)),
            f"{sum(each.seconds) / max(1, len(each.seconds)):.1f}",
        ]
        for kind, each in sorted(counts.items())
    ]
    totals = Counter[str]()
    for each in counts.values():
        totals.update(cases=each.cases, unnoticed=each.unnoticed, repaired=each.repaired, failed=len(each.failures))
    rows.append(["all", *(str(totals[name]) for name in ("cases", "unnoticed", "repaired", "failed")), ""])
    return format_table(["file", "cases", "no effect", "repaired", "failed", "seconds"], rows)


if __name__ == "__main__":
    main()
