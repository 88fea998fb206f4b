"""Compare how fast each provider runs the vocoder on this machine.

    python -m tools.providers.vocoder_providers [--rounds N] [--threads N] [--json]

The providers are ONNX Runtime on the CPU (float and int8), and OpenVINO in each of its precisions. They take turns on
the same windows of a real sentence, so that other programs disturb all of them equally. Times and ratios are medians
over the rounds. OpenVINO is left out if it is not installed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from wyoming_kokoro.api.providers import Provider, Session, SessionOptions
from wyoming_kokoro.config import Config
from wyoming_kokoro.cpu import default_threads
from wyoming_kokoro.errors import KokoroError, PluginUnavailable
from wyoming_kokoro.inference.pacing import FRAME_SECONDS, PlaybackPacer
from wyoming_kokoro.inference.pipeline import ModelPipeline
from wyoming_kokoro.inference.vocoder import StageRunner
from wyoming_kokoro.model.builtin import builtin_statistics
from wyoming_kokoro.model.fingerprint import recipe_digest
from wyoming_kokoro.model.locate import find_files
from wyoming_kokoro.model.manifest import WINDOW_FRAMES
from wyoming_kokoro.model.vocabulary import keep_known_symbols
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.preparation.store import prepare_stages
from wyoming_kokoro.storage import sha256_of
from wyoming_kokoro.synthesis.silence import speech_bounds
from wyoming_kokoro.terminal import format_table
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro.types import Array
from wyoming_kokoro_cpu import CpuPlugin
from wyoming_kokoro_openvino import OpenVinoPlugin

FLOAT, INT8 = "onnxruntime-float", "onnxruntime-int8"
OPENVINO_PRECISIONS = ("float", "int8", "bfloat16", "mixed")
VOICE = "af_heart"
TEXT = "Tomorrow will be cloudy, with some rain in the afternoon."
MIN_ROUNDS, WARMUP_ROUNDS = 40, 3

Feeds = Mapping[str, Array]


@dataclass(frozen=True, slots=True)
class ProviderSpeed:
    """Median times of one provider, and their ratios to the CPU."""

    name: str
    first_ms: float
    """The first window of an utterance."""
    later_ms: float
    """A window within an utterance."""
    first_to_float: float
    later_to_float: float
    later_to_int8: float
    rtf: float


class RecordingSession:
    """Runs a session and records its inputs."""

    def __init__(self, session: StageRunner) -> None:
        self._session = session
        self.inputs: list[Feeds] = []

    def run(self, feeds: Feeds) -> dict[str, Array]:
        """Return the outputs by name."""
        self.inputs.append(feeds)
        return self._session.run(feeds)


def main() -> None:
    """Print the table."""
    options = parse_arguments()
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            open_sessions(Path(folder), options.threads) as (stages, sessions),
        ):
            speeds = compare_providers(sessions, record_windows(stages, sessions[FLOAT]), options.rounds)
    except KokoroError as error:
        sys.exit(f"vocoder_providers: {error}")
    print(json.dumps([asdict(speed) for speed in speeds], indent=2) if options.json else format_speeds(speeds))


def parse_arguments() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--rounds", type=int, default=MIN_ROUNDS, metavar="N", help="runs per provider; default: %(default)s"
    )
    parser.add_argument(
        "--threads", type=int, default=default_threads(), metavar="N", help="threads per run; default: %(default)s"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    if options.rounds < MIN_ROUNDS or options.threads < 1:
        parser.error(f"--rounds must be at least {MIN_ROUNDS}, and --threads at least 1")
    return options


def open_pipeline(provider: Provider, threads: int) -> ModelPipeline:
    """Open the default model on `provider`. Raises `KokoroError`."""
    config = Config()
    files, _ = find_files(config, PluginManager.load(config))
    digest, recipe = sha256_of(files.model), recipe_digest()
    folder = prepare_stages(files.model, digest, recipe, config.directories.cache_path)
    return ModelPipeline(folder, [provider], SessionOptions(threads, folder / "compiled"))


@contextmanager
def open_sessions(folder: Path, threads: int) -> Iterator[tuple[ModelPipeline, dict[str, Session]]]:
    """Open the default model, and its vocoder on every provider. Raises `KokoroError`."""
    providers = find_providers(folder)
    with ExitStack() as stack:
        stages = open_pipeline(providers[FLOAT], threads)
        stack.callback(stages.close)
        sessions = {}
        for name, provider in providers.items():
            sessions[name] = stages.open_vocoder(provider, threads)
            stack.callback(sessions[name].close)
        yield stages, sessions


def find_providers(folder: Path) -> dict[str, Provider]:
    """Return the providers by names that include their precision."""
    providers: dict[str, Provider] = {}
    for precision in ("float", "int8"):
        context = plugin_context("cpu", folder, {"precision": precision})
        providers |= {f"onnxruntime-{precision}": provider for provider in CpuPlugin(context).kokoro_providers()}
    for precision in OPENVINO_PRECISIONS:
        context = plugin_context("openvino", folder, {"precision": precision})
        with suppress(PluginUnavailable):
            providers |= {f"openvino-{precision}": provider for provider in OpenVinoPlugin(context).kokoro_providers()}
    return providers


def record_windows(stages: ModelPipeline, session: Session) -> list[Feeds]:
    """Return the vocoder inputs of a sentence: windows of equal size, in order."""
    plugins = PluginManager.load(Config())
    _, styles = find_files(Config(), plugins)
    phonemizer = plugins.phonemizer("en-US")
    assert phonemizer
    phonemes = keep_known_symbols(phonemizer.phonemize(TEXT))
    prosody = stages.predict_prosody(phonemes, styles.row(VOICE, len(phonemes)), 1.0)
    frames = stages.decode_frames(prosody)
    utterance_statistics = builtin_statistics(styles).predict(VOICE, stages.features(prosody, frames))
    begin, end = speech_bounds(prosody.energy[0])
    frames_end = end + stages.lag
    frames = np.pad(frames, ((0, 0), (0, stages.lag)), mode="edge")[:, :frames_end]
    recorder = RecordingSession(session)
    decoding = stages.start_vocoder(prosody, utterance_statistics, begin, recorder)
    for first, last in PlaybackPacer.fixed_windows(begin, frames_end):
        decoding.feed(frames[:, first:last])
    return [feeds for feeds in recorder.inputs if feeds["frames"].shape[-1] == WINDOW_FRAMES]


def compare_providers(sessions: Mapping[str, Session], windows: Sequence[Feeds], rounds: int) -> list[ProviderSpeed]:
    """Time the first window and one later window on every session, in turns."""
    first, later = windows[0], windows[1:]
    first_seconds: dict[str, list[float]] = {name: [] for name in sessions}
    later_seconds: dict[str, list[float]] = {name: [] for name in sessions}
    for number in range(WARMUP_ROUNDS + rounds):
        # The order alternates, so that no provider always follows the same other one.
        names = list(sessions) if number % 2 else list(sessions)[::-1]
        for name in names:
            first_seconds[name].append(time_run(sessions[name], first))
        for name in names:
            later_seconds[name].append(time_run(sessions[name], later[number % len(later)]))
    return [summarize(name, first_seconds, later_seconds) for name in sessions]


def time_run(session: Session, window: Feeds) -> float:
    """Return the seconds that one run takes."""
    start = time.perf_counter()
    session.run(window)
    return time.perf_counter() - start


def summarize(
    name: str, first_seconds: Mapping[str, list[float]], later_seconds: Mapping[str, list[float]]
) -> ProviderSpeed:
    """Return the medians of one provider, without the warm-up rounds."""
    later = statistics.median(later_seconds[name][WARMUP_ROUNDS:])
    return ProviderSpeed(
        name,
        first_ms=1000 * statistics.median(first_seconds[name][WARMUP_ROUNDS:]),
        later_ms=1000 * later,
        first_to_float=median_ratio(first_seconds[name], first_seconds[FLOAT]),
        later_to_float=median_ratio(later_seconds[name], later_seconds[FLOAT]),
        later_to_int8=median_ratio(later_seconds[name], later_seconds[INT8]),
        rtf=later / (WINDOW_FRAMES * FRAME_SECONDS),
    )


def median_ratio(times: Sequence[float], reference: Sequence[float]) -> float:
    """Return the median of the ratios of both, round by round."""
    pairs = zip(times[WARMUP_ROUNDS:], reference[WARMUP_ROUNDS:], strict=True)
    return statistics.median(mine / other for mine, other in pairs)


def format_speeds(speeds: Sequence[ProviderSpeed]) -> str:
    """Return the results as a table."""
    heads = ["vocoder on", "first, ms", "later, ms", "first/float", "later/float", "later/int8", "RTF"]
    rows = []
    for speed in speeds:
        _, *numbers = asdict(speed).values()
        rows.append([speed.name, *(f"{number:.{1 if number > 9 else 3}f}" for number in numbers)])
    return format_table(heads, rows)


if __name__ == "__main__":
    main()
