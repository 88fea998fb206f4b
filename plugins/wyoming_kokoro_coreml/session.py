"""How a graph is opened with Core ML: as one ML program, or not at all."""

from __future__ import annotations

from pathlib import Path

from wyoming_kokoro import SessionOptions
from wyoming_kokoro.onnx import OnnxSession, open_onnx, runtime
from wyoming_kokoro_coreml.variants import Units

PROVIDER = "CoreMLExecutionProvider"
PLAN = "ProfileComputePlan"
StringMap = dict[str, str]


def session_settings(units: Units, cache: Path) -> tuple[StringMap, StringMap]:
    """Return ONNX Runtime's session configuration and the options of its Core ML provider.

    What is compiled is kept in `cache`, by the name that the graph has in its metadata (`COREML_CACHE_KEY`).
    """
    entries = {
        # Fused products are written into the program as text (ONNX Runtime's issue 32212).
        "optimization.disable_specified_optimizers": "MatMulAddFusion",
        # What Core ML does not take would run in pieces between two processors, slower than on one.
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

    Raises `RuntimeError` when this ONNX Runtime has no Core ML, and whatever ONNX Runtime raises: also when Core ML
    does not take all of the graph.
    """
    if PROVIDER not in runtime().get_available_providers():
        raise RuntimeError(f"the installed onnxruntime has no {PROVIDER}; install the package onnxruntime from PyPI")
    alone = SessionOptions(threads=1, cache_dir=Path(options["ModelCacheDirectory"]))
    return open_onnx(graph, [(PROVIDER, options)], alone, entries=entries)
