"""Opening a stage on an accelerator, and nowhere else."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from pathlib import Path

from wyoming_kokoro import Session, SessionOptions
from wyoming_kokoro.onnx import open_onnx, runtime
from wyoming_kokoro_onnxruntime.accelerators import Accelerator

CPU_PROVIDER = "CPUExecutionProvider"
"""Runs the few operations that an accelerator does not know."""


def open_session(accelerator: Accelerator, file: Path, options: SessionOptions) -> Session:
    """Open `file` on `accelerator`.

    Raises `RuntimeError` when ONNX Runtime leaves it out, which it does in silence when a library or the device is
    missing, and whatever ONNX Runtime raises.
    """
    trouble = _load_libraries()
    wanted = (accelerator.execution_provider, dict(accelerator.options))
    session = open_onnx(file, [wanted, CPU_PROVIDER], options)
    if accelerator.execution_provider not in session.providers:
        session.close()
        raise RuntimeError(f"ONNX Runtime cannot load it{trouble}; it needs {accelerator.needs}")
    return session


def _load_libraries() -> str:
    """Load CUDA from the packages that `onnxruntime-gpu[cuda,cudnn]` installs; return what went wrong, if anything.

    ONNX Runtime does not find it there by itself. A build for something else loads nothing.
    """
    printed = io.StringIO()
    with redirect_stdout(printed):
        getattr(runtime(), "preload_dlls", int)()  # since 1.21
    first, *_ = printed.getvalue().splitlines() or [""]
    return first and f" ({first})"
