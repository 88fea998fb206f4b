"""Split prosody at the output of ALBERT: `python -m wyoming_kokoro.preparation.split_albert STAGES FOLDER`.

STAGES is the folder of a prepared model. FOLDER gets ALBERT and the predictor as in the model, and ALBERT in float with
fixed shapes, one file for each of `ALBERT_SIZES`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx

from wyoming_kokoro.errors import GraphMismatch
from wyoming_kokoro.model.manifest import ALBERT_SIZES, CONTEXT
from wyoming_kokoro.model.vocabulary import SYMBOL_COUNT
from wyoming_kokoro.onnx import runtime
from wyoming_kokoro.preparation.fix_shapes import with_cache_key
from wyoming_kokoro.preparation.graph.albert import (
    CONTEXT_WIDTH,
    EMBEDDED_WIDTH,
    AlbertTensors,
    find_albert,
    static_albert,
)
from wyoming_kokoro.preparation.graph.dequantize import dequantize
from wyoming_kokoro.preparation.graph.view import GraphView, Shape, cut, rename, shape_of
from wyoming_kokoro.preparation.store import ALBERT_FILE, PREDICTOR_FILE, albert_file, run_child
from wyoming_kokoro.types import FloatArray

TOKENS: dict[str, Shape] = {"tokens": [1, "T"]}
# The context length of ALBERT.
MAX_TOKENS = 512


def write_split_prosody(stages: str, target: str) -> None:
    """Write the parts of prosody into the folder `target`. Raises `GraphMismatch`."""
    prosody, folder = onnx.load(Path(stages, "prosody.onnx")), Path(target)
    float_prosody = dequantize(prosody)
    tensors = find_albert(float_prosody.graph)
    names = {tensors.context: CONTEXT}
    onnx.save(rename(cut(prosody, TOKENS, [tensors.context]), names), folder / ALBERT_FILE)
    inputs: dict[str, Shape] = {
        tensors.context: [1, "T", CONTEXT_WIDTH],
        **{item.name: shape_of(item) for item in prosody.graph.input},
    }
    predictor = cut(prosody, inputs, [item.name for item in prosody.graph.output])
    onnx.save(rename(predictor, names), folder / PREDICTOR_FILE)
    symbols, positions = _extract_embeddings(float_prosody, tensors)
    for size in ALBERT_SIZES:
        albert = static_albert(float_prosody, tensors, symbols, positions[:size])
        onnx.save(with_cache_key(albert), folder / albert_file(size))


def _extract_embeddings(model: onnx.ModelProto, tensors: AlbertTensors) -> tuple[FloatArray, FloatArray]:
    """Return the embeddings of symbols, relative to the first one, and those of the first symbol in each position."""
    part = cut(model, TOKENS, [tensors.embedded])
    session = runtime().InferenceSession(part.SerializeToString(), providers=["CPUExecutionProvider"])

    def embed(ids: range | list[int]) -> FloatArray:
        rows: FloatArray = session.run(None, {"tokens": np.array([ids], dtype=np.int64)})[0][0]
        return rows

    view = GraphView(part.graph)
    if (SYMBOL_COUNT, EMBEDDED_WIDTH) not in {view.dims(node.input[0]) for node in view.nodes("Gather")}:
        raise GraphMismatch(f"the model has no embeddings for {SYMBOL_COUNT} symbols")
    positions = embed([0] * MAX_TOKENS)
    return embed(range(SYMBOL_COUNT)) - positions[:SYMBOL_COUNT], positions


if __name__ == "__main__":
    raise SystemExit(run_child(write_split_prosody))
