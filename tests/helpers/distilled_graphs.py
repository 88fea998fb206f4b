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


def paradee_graph() -> onnx.ModelProto:
    """Return a small graph with the parts of the Paradee family: the same inputs and output, LSTM and random noise.

    `input_ids` int64 [1, T] and `speed` float [1] become `waveform` float [1, S]. Embeddings pass an LSTM. The duration
    of each token, in frames of 300 samples, is divided by the speed. A matrix spreads the tokens over the frames, and a
    transposed convolution makes samples, to which noise is added. Weights are int8 with `DequantizeLinear`.
    """
    generator = np.random.default_rng(0)

    def random(*shape: int) -> np.ndarray:
        return (0.3 * generator.standard_normal(shape)).astype(np.float32)

    hop, size = 300, 8
    weights = {
        "embedding_q": generator.integers(-127, 127, (178, size)).astype(np.int8),
        "embedding_scale": np.float32(0.01),
        "embedding_zero": np.int8(0),
        "lstm_w": random(1, 4 * size, size),
        "lstm_r": random(1, 4 * size, size),
        "lengths_w": random(size, 1),
        "kernel": random(size, 1, hop),
        "mean_frames": np.float32(6),
        "one": np.float32(1),
        "one_i": np.int64(1),
        "zero_i": np.int64(0),
        "axis_0": np.array([0], dtype=np.int64),
        "axis_1": np.array([1], dtype=np.int64),
        "axis_2": np.array([2], dtype=np.int64),
        "flat": np.array([-1], dtype=np.int64),
        "quiet": np.float32(0.01),
        "gain": np.float32(0.5),
    }
    node = helper.make_node
    nodes = [
        node("DequantizeLinear", ["embedding_q", "embedding_scale", "embedding_zero"], ["embedding"]),
        node("Gather", ["embedding", "input_ids"], ["embedded"]),  # [1, T, size]
        node("Transpose", ["embedded"], ["steps"], perm=[1, 0, 2]),
        node("LSTM", ["steps", "lstm_w", "lstm_r"], ["states"], hidden_size=size),  # [T, 1, 1, size]
        node("Squeeze", ["states", "axis_1"], ["hidden"]),  # [T, 1, size]
        node("MatMul", ["hidden", "lengths_w"], ["logits"]),
        node("Sigmoid", ["logits"], ["shares"]),
        node("Mul", ["shares", "mean_frames"], ["frames"]),
        node("Reshape", ["frames", "flat"], ["durations"]),
        node("Div", ["durations", "speed"], ["scaled"]),
        node("Round", ["scaled"], ["rounded"]),
        node("Max", ["rounded", "one"], ["counts_f"]),
        node("Cast", ["counts_f"], ["counts"], to=TensorProto.INT64),
        node("CumSum", ["counts", "zero_i"], ["ends"]),
        node("Sub", ["ends", "counts"], ["starts"]),
        node("ReduceSum", ["counts"], ["total"], keepdims=0),
        node("Range", ["zero_i", "total", "one_i"], ["positions"]),
        node("Unsqueeze", ["starts", "axis_1"], ["starts_2"]),
        node("Unsqueeze", ["ends", "axis_1"], ["ends_2"]),
        node("GreaterOrEqual", ["positions", "starts_2"], ["after"]),
        node("Less", ["positions", "ends_2"], ["before"]),
        node("And", ["after", "before"], ["inside"]),
        node("Cast", ["inside"], ["alignment"], to=TensorProto.FLOAT),  # [T, F]
        node("Transpose", ["hidden"], ["channels"], perm=[1, 2, 0]),  # [1, size, T]
        node("MatMul", ["channels", "alignment"], ["spread"]),
        node("ConvTranspose", ["spread", "kernel"], ["raw"], strides=[hop], kernel_shape=[hop]),  # [1, 1, S]
        node("Squeeze", ["raw", "axis_1"], ["voiced"]),
        node("RandomNormalLike", ["voiced"], ["random"]),
        node("RandomUniform", [], ["offset"], shape=[1, 1], low=-1.0, high=1.0),
        node("Add", ["random", "offset"], ["noise"]),
        node("Mul", ["noise", "quiet"], ["hiss"]),
        node("Add", ["voiced", "hiss"], ["sum"]),
        node("Mul", ["sum", "gain"], ["waveform"]),
    ]
    inputs = {"input_ids": TensorProto.INT64, "speed": TensorProto.FLOAT}
    return _model(nodes, inputs, ["waveform"], weights)


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
