"""Child program of `bench`: speaks with plain kokoro-onnx, and imports little else, so that memory can be compared.

    python -m wyoming_kokoro.bench.plain_kokoro_onnx MODEL VOICES THREADS

The first line on stdout is the version of kokoro-onnx. After that, each `CreateRequest` on stdin is answered with a
`CreateResult`, as JSON, one per line.
"""

from __future__ import annotations

import sys
import time
from importlib import metadata

import msgspec


class CreateRequest(msgspec.Struct, frozen=True):
    """Arguments of `Kokoro.create`."""

    phonemes: str
    voice: str
    speed: float


class CreateResult(msgspec.Struct, frozen=True):
    """How long `Kokoro.create` took, and how much audio it returned."""

    seconds: float
    audio_seconds: float


def main(model: str, voices: str, threads: str) -> None:
    """Answer the requests on stdin until it ends."""
    # `bench` imports this module for the two classes, where kokoro-onnx may be missing.
    import onnxruntime  # noqa: PLC0415
    from kokoro_onnx import Kokoro  # noqa: PLC0415

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(threads)
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    kokoro = Kokoro.from_session(session, voices)
    _write_line(metadata.version("kokoro-onnx"))
    for line in sys.stdin:
        request = msgspec.json.decode(line, type=CreateRequest)
        started = time.perf_counter()
        samples, rate = kokoro.create(request.phonemes, request.voice, request.speed, is_phonemes=True)
        _write_line(CreateResult(time.perf_counter() - started, len(samples) / rate))


def _write_line(message: object) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(message) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
