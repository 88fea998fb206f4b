"""Plain kokoro-onnx as a program: what `bench` compares with, in a process that imports little else.

    python -m wyoming_kokoro.bench.plain_kokoro_onnx MODEL VOICES THREADS

The first line on stdout is the version of kokoro-onnx; then every `Wish` on stdin gets an `Answer`.
"""

from __future__ import annotations

import sys
import time
from importlib import metadata
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from wyoming_kokoro.types import SAMPLE_RATE, Samples

AUDIBLE = 0.01
"""The part of full scale from which on a sample is heard."""


class Wish(msgspec.Struct, frozen=True):
    """What is to be spoken, and how."""

    phonemes: str
    voice: str
    speed: float


class Answer(msgspec.Struct, frozen=True):
    """How speaking it went."""

    seconds: float
    """How long `create` took."""
    samples: int
    lead: float


def lead(samples: Samples, rate: int = SAMPLE_RATE) -> float:
    """Return how many seconds go by before the first sample that is heard: all of them if none is."""
    loud = np.flatnonzero(np.abs(samples) > AUDIBLE)
    return float(loud[0] if loud.size else len(samples)) / rate


def main(model: str, voices: str, threads: str) -> None:
    """Answer the wishes on stdin until it ends."""
    kokoro = _opened(Path(model), Path(voices), int(threads))
    _write(metadata.version("kokoro-onnx"))
    for line in sys.stdin:
        _write(_answer(kokoro, msgspec.json.decode(line, type=Wish)))


def _opened(model: Path, voices: Path, threads: int) -> Any:
    import onnxruntime  # noqa: PLC0415 kokoro-onnx may not be there, and this module still has `lead`
    from kokoro_onnx import Kokoro  # noqa: PLC0415

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    return Kokoro.from_session(session, str(voices))


def _answer(kokoro: Any, wish: Wish) -> Answer:
    started = time.perf_counter()
    samples, _ = kokoro.create(wish.phonemes, wish.voice, wish.speed, is_phonemes=True)
    return Answer(time.perf_counter() - started, len(samples), lead(samples))


def _write(message: object) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(message) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
