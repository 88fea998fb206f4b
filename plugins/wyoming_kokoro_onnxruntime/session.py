"""Opening a stage on an accelerator, without falling back to the CPU."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from pathlib import Path

from wyoming_kokoro import Session, SessionOptions
from wyoming_kokoro.onnx import open_onnx, runtime
from wyoming_kokoro_onnxruntime.accelerators import Accelerator

# Runs the few operations that the accelerator does not support.
CPU_PROVIDER = "CPUExecutionProvider"


def open_session(accelerator: Accelerator, file: Path, options: SessionOptions) -> Session:
    """Open `file` on `accelerator`.

    Raises `RuntimeError` if ONNX Runtime cannot load the accelerator, and the errors of ONNX Runtime.
    """
    problem = _load_libraries()
    provider = (accelerator.execution_provider, dict(accelerator.options))
    session = open_onnx(file, [provider, CPU_PROVIDER], options)
    # ONNX Runtime silently drops a provider whose library or device is missing.
    if accelerator.execution_provider not in session.providers:
        session.close()
        raise RuntimeError(f"ONNX Runtime cannot load {accelerator.name}{problem}; it needs {accelerator.needs}")
    return session


def _load_libraries() -> str:
    """Load CUDA from the packages of `onnxruntime-gpu[cuda,cudnn]`; return the first problem, if any.

    ONNX Runtime alone does not find these packages. Builds for other accelerators load nothing.
    """
    ort = runtime()
    printed = io.StringIO()
    if hasattr(ort, "preload_dlls"):  # since ONNX Runtime 1.21
        with redirect_stdout(printed):
            ort.preload_dlls()
    first, *_ = printed.getvalue().splitlines() or [""]
    return first and f" ({first})"
