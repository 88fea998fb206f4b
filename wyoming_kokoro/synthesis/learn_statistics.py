"""Measures the AdaIN statistics of a voice in a child process.

Called as `python -m wyoming_kokoro.synthesis.learn_statistics STAGES STYLES LANGUAGE RESULT`.

STAGES is a prepared model, STYLES an .npy file of a voice's styles [510, 256]. The voice speaks phoneme material of
its language, whole, and RESULT becomes an .npz of every utterance's features and statistics. It takes about 20 s
on an idle core, in a process of its own so that its memory is not the server's.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from importlib import resources
from pathlib import Path

import numpy as np

from wyoming_kokoro.api.providers import Provider, SessionOptions
from wyoming_kokoro.inference.pipeline import ModelPipeline
from wyoming_kokoro.model.features import Floats
from wyoming_kokoro.model.statistics import to_log_space
from wyoming_kokoro.onnx import open_onnx

LINE_COUNTS = (30, 25, 15)
"""How many short, medium and long lines the material of each language has."""
SINGLE_VOICE_COUNTS = (9, 6, 0)
"""How many of each kind are spoken to find the centre of one voice: the long ones say least for their time."""
EVERY_VOICE_COUNTS = (11, 7, 3)
"""How many of each kind are spoken by each voice to learn what is common to all."""
NICENESS = 19
"""The niceness of this process: speaking comes first."""
SLOWEST, FASTEST = 0.5, 2.0
"""Every other line is spoken at a speed between these."""


def main() -> None:
    """Learn the voice that the command line names."""
    stages, styles, language, result = sys.argv[1:]
    os.nice(NICENESS)
    learn(open_stages(Path(stages), threads=1), np.load(styles), language, SINGLE_VOICE_COUNTS, Path(result))


def open_stages(folder: Path, threads: int) -> ModelPipeline:
    """Open the prepared stages in `folder` on the processor."""
    provider = Provider("cpu", 1, "float", lambda file, options: open_onnx(file, ["CPUExecutionProvider"], options))
    return ModelPipeline(folder, [provider], SessionOptions(threads, folder))


def learn(stages: ModelPipeline, styles: Floats, language: str, wanted: Sequence[int], result: Path) -> None:
    """Write what is heard when the voice of `styles` speaks material of `language`, whole or not at all."""
    seed = int.from_bytes(styles[0, :1].tobytes(), "little")  # voices of one language speak different lines
    lines = sample_lines(language, wanted, seed)
    heard = [measure_utterance(stages, line, styles[len(line) - 1][None], speed) for line, speed in lines]
    told, stood = (np.stack(part) for part in zip(*heard, strict=True))
    part = result.with_suffix(".part.npz")
    np.savez(part, features=told, statistics=stood)
    part.replace(result)


def measure_utterance(stages: ModelPipeline, phonemes: str, style: Floats, speed: float) -> tuple[Floats, Floats]:
    """Return the features and the statistics, in their `standing` form, of one utterance."""
    prosody = stages.predict_prosody(phonemes, style, speed)
    frames = stages.decode_frames(prosody)
    _, mean, variance = stages.decode_whole(prosody, frames)
    return stages.features(prosody, frames), to_log_space(mean, variance)


def sample_lines(language: str, wanted: Sequence[int], seed: int) -> Iterator[tuple[str, float]]:
    """Yield phonemes and the speed to speak them at: so many of each kind as are `wanted`, chosen by `seed`."""
    choice = np.random.default_rng(seed)
    folder = resources.files("wyoming_kokoro") / "data" / "material"
    lines = (folder / f"{language}.txt").read_text("utf-8").splitlines()
    first = 0
    for count, some in zip(LINE_COUNTS, wanted, strict=True):
        for index, line in enumerate(choice.choice(lines[first : first + count], some, replace=False)):
            speed = float(np.exp(choice.uniform(np.log(SLOWEST), np.log(FASTEST)))) if index % 2 else 1.0
            yield str(line), speed
        first += count


if __name__ == "__main__":
    main()
