"""Measure what runs the vocoder fastest here: ONNX Runtime on the processor, and OpenVINO in every precision.

    python tools/compare_providers.py [--rounds N] [--threads N] [--render DIR] [--json]

All are given the same windows of a real sentence in turns, so that what else the machine does disturbs all alike, and
ratios are medians over the rounds. With --render each also speaks twelve utterances into DIR/NAME, as pairs from which
an opinion score and a log-spectral distance can be measured; the reference is in DIR/onnxruntime-float.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from tools.render_pairs import SENTENCES, write
from wyoming_kokoro.api.providers import Provider, Session, SessionOptions
from wyoming_kokoro.backend import find_files
from wyoming_kokoro.cli.table import table
from wyoming_kokoro.config import Config
from wyoming_kokoro.cpu import default_threads
from wyoming_kokoro.errors import KokoroError
from wyoming_kokoro.inference.pacing import FRAME_SECONDS, PlaybackPacer
from wyoming_kokoro.inference.pipeline import ModelPipeline, Prosody
from wyoming_kokoro.inference.vocoder import FRAME_SAMPLES, StageRunner
from wyoming_kokoro.model.builtin import builtin_statistics
from wyoming_kokoro.model.fingerprint import Recipe
from wyoming_kokoro.model.manifest import WINDOW
from wyoming_kokoro.model.vocabulary import keep_known_symbols
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.preparation.store import prepare_stages
from wyoming_kokoro.storage import sha256_of
from wyoming_kokoro.synthesis.silence import speech_bounds
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro.types import Array, Samples
from wyoming_kokoro_cpu import CpuPlugin
from wyoming_kokoro_openvino import OpenVinoPlugin

FLOAT, INT8 = "onnxruntime-float", "onnxruntime-int8"
OPENVINO_PRECISIONS = ("float", "int8", "bfloat16", "mixed")
VOICES = {"af_heart": "en-US", "bf_emma": "en-GB"}
LEAST_ROUNDS, WARMING = 40, 3


@dataclass(frozen=True, slots=True)
class Row:
    """How long one takes for a window."""

    name: str
    first_ms: float
    """The window that begins an utterance."""
    later_ms: float
    first_to_float: float
    later_to_float: float
    later_to_int8: float
    real_time_factor: float


@dataclass(frozen=True, slots=True)
class Utterance:
    """All that the vocoder needs to speak a sentence."""

    name: str
    text: str
    prosody: Prosody
    frames: Samples
    told: tuple[Samples, Samples]


class Recorder:
    """Runs a session, and keeps what it is given."""

    def __init__(self, session: StageRunner) -> None:
        self._session = session
        self.windows: list[Mapping[str, Array]] = []

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """Return every output by its name."""
        self.windows.append(feeds)
        return self._session.run(feeds)


def main() -> None:
    """Print the table."""
    options = parsed()
    try:
        with tempfile.TemporaryDirectory() as folder, opened(Path(folder), options.threads) as (stages, sessions):
            utterances = list(said(stages))
            rows = compared(sessions, recorded(stages, utterances[0], sessions[FLOAT]), options.rounds)
            if options.render:
                render(stages, sessions, utterances, options.render)
    except KokoroError as error:
        sys.exit(f"compare_providers: {error}")
    print(json.dumps([asdict(row) for row in rows], indent=2) if options.json else page(rows))


def parsed() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS, metavar="N", help="default: %(default)s")
    parser.add_argument("--threads", type=int, default=default_threads(), metavar="N", help="default: %(default)s")
    parser.add_argument("--render", type=Path, metavar="DIR", help="write twelve utterances of each as well")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    if options.rounds < LEAST_ROUNDS or options.threads < 1:
        parser.error(f"a median wants at least {LEAST_ROUNDS} rounds, and a run at least one thread")
    return options


# What is compared


@contextmanager
def opened(folder: Path, threads: int) -> Iterator[tuple[ModelPipeline, dict[str, Session]]]:
    """Open the default model, and its vocoder on every provider. Raises `KokoroError`."""
    config = Config()
    files, _ = find_files(config, PluginManager.load(config))
    prepared_in = prepare_stages(
        files.model, sha256_of(files.model), Recipe.current().digest, config.directories.cache_path
    )
    providers = contenders(folder)
    with ExitStack() as stack:
        stages = ModelPipeline(prepared_in, [providers[FLOAT]], SessionOptions(threads, prepared_in / "compiled"))
        stack.callback(stages.close)
        sessions = {}
        for name, provider in providers.items():
            sessions[name] = stages.open_vocoder(provider, threads)
            stack.callback(sessions[name].close)
        yield stages, sessions


def contenders(folder: Path) -> dict[str, Provider]:
    """Return the providers by a name that tells their precision. Raises `PluginUnavailable`."""
    found: dict[str, Provider] = {}
    for precision in ("float", "int8"):
        context = plugin_context("cpu", folder, {"precision": precision})
        found |= {f"onnxruntime-{precision}": item for item in CpuPlugin(context).kokoro_providers()}
    for precision in OPENVINO_PRECISIONS:
        context = plugin_context("openvino", folder, {"precision": precision})
        found |= {f"openvino-{precision}": item for item in OpenVinoPlugin(context).kokoro_providers()}
    return found


def said(stages: ModelPipeline) -> Iterator[Utterance]:
    """Yield six sentences in two voices, ready for the vocoder."""
    plugins = PluginManager.load(Config())
    _, styles = find_files(Config(), plugins)
    statistics_of = builtin_statistics(styles)
    for voice, language in VOICES.items():
        phonemizer = plugins.phonemizer(language)
        assert phonemizer
        for number, text in enumerate(SENTENCES[3::5]):
            phonemes = keep_known_symbols(phonemizer.phonemize(text))
            prosody = stages.predict_prosody(phonemes, styles.row(voice, len(phonemes)), 1.0)
            frames = stages.decode_frames(prosody)
            told = statistics_of.predict(voice, stages.features(prosody, frames))
            yield Utterance(f"{voice}-{number:02d}", text, prosody, frames, told)


def recorded(stages: ModelPipeline, utterance: Utterance, session: Session) -> list[Mapping[str, Array]]:
    """Return the windows of an utterance, all of one size, as `session` carries them on."""
    recorder = Recorder(session)
    spoken_by(stages, recorder, utterance)
    return [window for window in recorder.windows if window["frames"].shape[-1] == WINDOW]


# The measurement


def compared(sessions: Mapping[str, Session], windows: Sequence[Mapping[str, Array]], rounds: int) -> list[Row]:
    """Run the first window and one of the later ones on all `sessions`, so many times in turns."""
    first, later = windows[0], windows[1:]
    begun: dict[str, list[float]] = {name: [] for name in sessions}
    gone_on: dict[str, list[float]] = {name: [] for name in sessions}
    for number in range(WARMING + rounds):
        turn = list(sessions) if number % 2 else list(sessions)[::-1]
        for name in turn:
            begun[name].append(timed(sessions[name], first))
        for name in turn:
            gone_on[name].append(timed(sessions[name], later[number % len(later)]))
    return [row(name, begun, gone_on) for name in sessions]


def timed(session: Session, window: Mapping[str, Array]) -> float:
    """Return how many seconds `session` takes."""
    start = time.perf_counter()
    session.run(window)
    return time.perf_counter() - start


def row(name: str, begun: Mapping[str, list[float]], gone_on: Mapping[str, list[float]]) -> Row:
    """Return what was measured of `name`, without the rounds that warm up."""
    later = statistics.median(gone_on[name][WARMING:])
    return Row(
        name,
        first_ms=1000 * statistics.median(begun[name][WARMING:]),
        later_ms=1000 * later,
        first_to_float=ratio(begun[name], begun[FLOAT]),
        later_to_float=ratio(gone_on[name], gone_on[FLOAT]),
        later_to_int8=ratio(gone_on[name], gone_on[INT8]),
        real_time_factor=later / (WINDOW * FRAME_SECONDS),
    )


def ratio(times: Sequence[float], others: Sequence[float]) -> float:
    """Return the median of what `times` are of `others`, round by round."""
    pairs = zip(times[WARMING:], others[WARMING:], strict=True)
    return statistics.median(mine / other for mine, other in pairs)


def page(rows: Sequence[Row]) -> str:
    """Return the table for people."""
    heads = ["vocoder on", "first ms", "later ms", "first/float", "later/float", "later/int8", "RTF"]
    lines = []
    for item in rows:
        _, *numbers = asdict(item).values()
        lines.append([item.name, *(f"{number:.{1 if number > 9 else 3}f}" for number in numbers)])
    return table(heads, lines)


# The sound


def render(stages: ModelPipeline, sessions: Mapping[str, Session], utterances: Sequence[Utterance], out: Path) -> None:
    """Let every session speak every utterance, into a folder of its own."""
    for name, session in sessions.items():
        for utterance in utterances:
            write(out / name, utterance.name, utterance.text, spoken_by(stages, session, utterance))


def spoken_by(stages: ModelPipeline, session: StageRunner, utterance: Utterance) -> Samples:
    """Return what is heard of `utterance`."""
    begin, end = speech_bounds(utterance.prosody.energy[0])
    reach = end + stages.lag
    frames = np.pad(utterance.frames, ((0, 0), (0, stages.lag)), mode="edge")[:, :reach]
    decoding = stages.start_vocoder(utterance.prosody, utterance.told, begin, session)
    windows = PlaybackPacer.fixed_windows(begin, reach)
    samples = np.concatenate([decoding.feed(frames[:, first:last]) for first, last in windows])
    return samples[: (end - begin) * FRAME_SAMPLES]


if __name__ == "__main__":
    main()
