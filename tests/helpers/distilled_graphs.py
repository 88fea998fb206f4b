"""Builds small graphs of the forms that distilled voices have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from wyoming_kokoro_distilled.synthesis import BINS, MAP_NAMES

CHANNELS = 2


def spectral_graph(*, stride: int = 1, extra: str = "", is_bypassed: bool = False) -> onnx.ModelProto:
    """Return a graph that makes one frame of each id.

    `extra` is an operator inside the decoder. `is_bypassed` adds a path around the first convolution.
    """
    generator = np.random.default_rng(0)
    weights = {
        "channel_axis": np.array([1], dtype=np.int64),
        "half": np.float32(0.5),
        "kernel": generator.normal(size=(CHANNELS, 3, 3)).astype(np.float32),
        "head": generator.normal(size=(CHANNELS, len(MAP_NAMES) * BINS)).astype(np.float32),
    }
    nodes = [
        helper.make_node("Cast", ["ids"], ["numbers"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["numbers", "speed"], ["f0"]),
        helper.make_node("Unsqueeze", ["numbers", "channel_axis"], ["text"]),
        helper.make_node("Unsqueeze", ["f0", "channel_axis"], ["pitch"]),
        helper.make_node("Mul", ["text", "half"], ["loudness"]),
        helper.make_node("Concat", ["text", "pitch", "loudness"], ["joined"], axis=1),
        helper.make_node("Conv", ["joined", "kernel"], ["hidden"], kernel_shape=[3], pads=[1, 1], strides=[stride]),
        helper.make_node("Add", ["hidden", "text" if is_bypassed else "half"], ["sums"]),
        helper.make_node(extra or "Erf", ["sums"], ["activated"]),
        helper.make_node("Transpose", ["activated"], ["transposed"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["transposed", "head"], ["products"]),
        helper.make_node("Transpose", ["products"], ["together"], perm=[0, 2, 1]),
        helper.make_node("Split", ["together"], list(MAP_NAMES), axis=1, num_outputs=len(MAP_NAMES)),
    ]
    return _model(nodes, {"ids": TensorProto.INT64, "speed": TensorProto.FLOAT}, [*MAP_NAMES, "f0"], weights)


def waveform_graph() -> onnx.ModelProto:
    """Return a graph that makes a sample of each id: a tenth of its number."""
    nodes = [
        helper.make_node("Cast", ["input_ids"], ["numbers"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["numbers", "speed"], ["faster"]),
        helper.make_node("Mul", ["faster", "tenth"], ["waveform"]),
    ]
    inputs = {"input_ids": TensorProto.INT64, "speed": TensorProto.FLOAT}
    return _model(nodes, inputs, ["waveform"], {"tenth": np.float32(0.1)})


def _model(
    nodes: list[onnx.NodeProto],
    inputs: Mapping[str, int],
    outputs: list[str],
    weights: Mapping[str, Any],
) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes,
        "voice",
        [
            helper.make_tensor_value_info(name, kind, [1] if name == "speed" else [1, None])
            for name, kind in inputs.items()
        ],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in weights.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
