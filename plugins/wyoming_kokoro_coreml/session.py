"""Opening a graph with Core ML, which must run all of it as one ML program."""

from __future__ import annotations

from pathlib import Path

from wyoming_kokoro import SessionOptions
from wyoming_kokoro.onnx import OnnxSession, open_onnx, runtime
from wyoming_kokoro_coreml.variants import Units

PROVIDER = "CoreMLExecutionProvider"
PLAN = "ProfileComputePlan"
StringMap = dict[str, str]


def session_settings(units: Units, cache: Path) -> tuple[StringMap, StringMap]:
    """Return ONNX Runtime's session configuration, and the options of its Core ML provider.

    Core ML keeps the compiled form in `cache`, under the name in the graph's metadata (`COREML_CACHE_KEY`).
    """
    entries = {
        # ONNX Runtime writes the weights of a fused product into the program as text (its issue 32212).
        "optimization.disable_specified_optimizers": "MatMulAddFusion",
        # A graph that is split between Core ML and the CPU is slower than on either of them.
        "session.disable_cpu_ep_fallback": "1",
    }
    options = {
        "ModelFormat": "MLProgram",
        "MLComputeUnits": units,
        "RequireStaticInputShapes": "1",
        "EnableOnSubgraphs": "0",
        "ModelCacheDirectory": str(cache),
    }
    return entries, options


def open_session(graph: Path, entries: StringMap, options: StringMap) -> OnnxSession:
    """Open `graph`.

    Raises `RuntimeError` if this ONNX Runtime has no Core ML, and the errors of ONNX Runtime. One of them means that
    Core ML does not support all of the graph.
    """
    if PROVIDER not in runtime().get_available_providers():
        raise RuntimeError(f"the installed onnxruntime has no {PROVIDER}; install the package onnxruntime from PyPI")
    single_thread = SessionOptions(threads=1, cache_dir=Path(options["ModelCacheDirectory"]))
    return open_onnx(graph, [(PROVIDER, options)], single_thread, entries=entries)
