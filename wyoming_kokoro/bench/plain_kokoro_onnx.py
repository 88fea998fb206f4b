"""Child program of `bench`: speaks with plain kokoro-onnx, and imports little else, so that memory can be compared.

    python -m wyoming_kokoro.bench.plain_kokoro_onnx MODEL VOICES THREADS VOICE SPEED

The first line on stdout is the version of kokoro-onnx. After that, each line of phonemes on stdin is answered with the
seconds that `Kokoro.create` took and the seconds of audio that it returned.
"""

from __future__ import annotations

import sys
import time
from importlib import metadata

import onnxruntime
from kokoro_onnx import Kokoro


def main(model: str, voices: str, threads: str, voice: str, speed: str) -> None:
    """Answer the lines on stdin until it ends."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(threads)
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    kokoro = Kokoro.from_session(session, voices)
    print(metadata.version("kokoro-onnx"), flush=True)  # noqa: T201 stdout answers the parent
    for line in sys.stdin:
        started = time.perf_counter()
        samples, rate = kokoro.create(line.rstrip("\n"), voice, float(speed), is_phonemes=True)
        print(time.perf_counter() - started, len(samples) / rate, flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
