"""The products of bytes by the installed ONNX Runtime. Versions 1.21 to 1.24 are wrong on CPUs with AMX."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper

CHANNELS = 512


@pytest.mark.parametrize("frames", [40, 46, 276, 505])
def test_convolution_of_bytes_is_exact(frames: int) -> None:
    """The decoder of the model has such convolutions."""
    shapes = {"x": [1, CHANNELS, frames], "w": [CHANNELS, CHANNELS, 1], "x_zero": [], "w_zero": []}
    graph = helper.make_graph(
        [helper.make_node("ConvInteger", list(shapes), ["y"])],
        "convolution",
        [helper.make_tensor_value_info(name, TensorProto.UINT8, shape) for name, shape in shapes.items()],
        [helper.make_tensor_value_info("y", TensorProto.INT32, [1, CHANNELS, frames])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    random = np.random.default_rng(0)
    x, w = (random.integers(0, 256, shapes[name]).astype(np.uint8) for name in ("x", "w"))
    (y,) = session.run(None, {"x": x, "w": w, "x_zero": np.array(117, np.uint8), "w_zero": np.array(3, np.uint8)})
    assert np.array_equal(y[0], (w[:, :, 0].astype(np.int64) - 3) @ (x[0].astype(np.int64) - 117))
