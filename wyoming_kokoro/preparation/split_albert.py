"""Divide prosody at ALBERT: `python -m wyoming_kokoro.preparation.split_albert STAGES FOLDER`.

STAGES is a prepared model. FOLDER gets ALBERT and what follows it, both as the model has them, and ALBERT in float for
texts of at most so many `TOKENS`. It is run as a process of its own, so that its memory is not the server's. Exits with
`MISMATCH`, and the reason on stderr, when ALBERT is not found.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx

from wyoming_kokoro.errors import GraphMismatch
from wyoming_kokoro.model.manifest import ALBERT_SIZES, CONTEXT
from wyoming_kokoro.model.vocabulary import SYMBOL_COUNT
from wyoming_kokoro.preparation.fix_shapes import with_cache_key
from wyoming_kokoro.preparation.graph.albert import (
    CONTEXT_WIDTH,
    EMBEDDED_WIDTH,
    AlbertTensors,
    Embeddings,
    Floats,
    find_albert,
    static_albert,
)
from wyoming_kokoro.preparation.graph.dequantize import dequantize
from wyoming_kokoro.preparation.graph.view import GraphView, Shape, cut, rename
from wyoming_kokoro.preparation.store import ALBERT_FILE, MISMATCH_EXIT_CODE, PREDICTOR_FILE, albert_file

TEXT: dict[str, Shape] = {"tokens": [1, "T"]}
MAX_TOKENS = 512
"""The model's context."""


def main() -> int:
    """Divide what the command line names."""
    stages, folder = map(Path, sys.argv[1:])
    try:
        write_split(onnx.load(stages / "prosody.onnx"), folder)
    except GraphMismatch as mismatch:
        sys.stderr.write(f"{mismatch}\n")
        return MISMATCH_EXIT_CODE
    return 0


def write_split(prosody: onnx.ModelProto, folder: Path) -> None:
    """Write both parts of `prosody`. Raises `GraphMismatch`."""
    whole = dequantize(prosody)
    found = find_albert(whole.graph)
    names = {found.context: CONTEXT}
    onnx.save(rename(cut(prosody, TEXT, [found.context]), names), folder / ALBERT_FILE)
    rest: dict[str, Shape] = {found.context: [1, "T", CONTEXT_WIDTH], **_shapes(prosody)}
    predictor = cut(prosody, rest, [item.name for item in prosody.graph.output])
    onnx.save(rename(predictor, names), folder / PREDICTOR_FILE)
    embeddings = _embeddings(whole, found)
    for size in ALBERT_SIZES:
        onnx.save(with_cache_key(static_albert(whole, found, embeddings, size)), folder / albert_file(size))


def _shapes(model: onnx.ModelProto) -> dict[str, Shape]:
    return {
        item.name: [dim.dim_param or dim.dim_value for dim in item.type.tensor_type.shape.dim]
        for item in model.graph.input
    }


def _embeddings(whole: onnx.ModelProto, found: AlbertTensors) -> Embeddings:
    """Return the embeddings: sums, which are taken apart by what they are for one token in each position."""
    import onnxruntime  # noqa: PLC0415 slow, and needed in this one place

    part = cut(whole, TEXT, [found.embedded])
    session = onnxruntime.InferenceSession(part.SerializeToString(), providers=["CPUExecutionProvider"])

    def embedded(ids: range | list[int]) -> Floats:
        rows: Floats = session.run(None, {"tokens": np.array([ids], dtype=np.int64)})[0][0]
        return rows

    view = GraphView(part.graph)
    if (SYMBOL_COUNT, EMBEDDED_WIDTH) not in {view.dims(node.input[0]) for node in view.nodes("Gather")}:
        raise GraphMismatch(f"there are no embeddings of {SYMBOL_COUNT} symbols")
    positions = embedded([0] * MAX_TOKENS)
    return Embeddings(embedded(range(SYMBOL_COUNT)) - positions[:SYMBOL_COUNT], positions)


if __name__ == "__main__":
    sys.exit(main())
