from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from tools.coreml.arithmetic import CountingSession, measure_shares
from wyoming_kokoro.preparation.graph.view import float_tensor


@pytest.mark.slow
@pytest.mark.model
def test_vocoder_does_most_of_the_arithmetic(stages_folder: Path) -> None:
    found = measure_shares(stages_folder)
    assert set(found) == {"albert", "predictor", "decoder", "vocoder"}
    assert sum(found.values()) == pytest.approx(1)
    assert 0.85 < found["vocoder"] < 0.95


def test_multiplications_match_the_formula_of_each_operator(tmp_path: Path) -> None:
    """The graph is a convolution of 3 taps from 4 to 5 channels, an upsampling by 2, and a matrix product."""
    arrays = {"w": (5, 4, 1, 3), "v": (5, 6, 1, 2), "m": (16, 7)}
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["a"], "conv", kernel_shape=[1, 3]),
        helper.make_node("ConvTranspose", ["a", "v"], ["b"], "upsampling", kernel_shape=[1, 2], strides=[1, 2]),
        helper.make_node("MatMul", ["b", "m"], ["y"], "product"),
    ]
    constants = [numpy_helper.from_array(np.ones(shape, dtype=np.float32), name) for name, shape in arrays.items()]
    graph = helper.make_graph(
        nodes, "small", [float_tensor("x", [1, 4, 1, 10])], [float_tensor("y", [1, 6, 1, 7])], constants
    )
    file = tmp_path / "small.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9), file)
    session = CountingSession(file, tmp_path)
    for _ in range(2):
        session.run({"x": np.ones((1, 4, 1, 10), dtype=np.float32)})
    session.close()
    convolution, upsampling, product = 8 * 5 * 4 * 3, 8 * 5 * 6 * 2, 6 * 16 * 7
    assert session.multiplications == 2 * (convolution + upsampling + product)
