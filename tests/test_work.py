"""Where the model's arithmetic is done."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from wyoming_kokoro.preparation.graph.view import value
from wyoming_kokoro.work import CountingSession, shares


@pytest.mark.model
def test_the_vocoder_does_nearly_all_of_the_work(stages_folder: Path) -> None:
    found = shares(stages_folder)
    assert set(found) == {"albert", "predictor", "decoder", "vocoder"}
    assert sum(found.values()) == pytest.approx(1)
    assert 0.85 < found["vocoder"] < 0.95


def test_multiplications_are_counted_as_on_paper(tmp_path: Path) -> None:
    """A convolution of 3 taps from 4 to 5 channels, one back that doubles the time, and a product."""
    arrays = {"w": (5, 4, 1, 3), "v": (5, 6, 1, 2), "m": (16, 7)}
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["a"], "conv", kernel_shape=[1, 3]),
        helper.make_node("ConvTranspose", ["a", "v"], ["b"], "back", kernel_shape=[1, 2], strides=[1, 2]),
        helper.make_node("MatMul", ["b", "m"], ["y"], "product"),
    ]
    constants = [numpy_helper.from_array(np.ones(shape, dtype=np.float32), name) for name, shape in arrays.items()]
    graph = helper.make_graph(nodes, "small", [value("x", [1, 4, 1, 10])], [value("y", [1, 6, 1, 7])], constants)
    file = tmp_path / "small.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9), file)
    session = CountingSession(file, tmp_path)
    for _ in range(2):
        session.run({"x": np.ones((1, 4, 1, 10), dtype=np.float32)})
    session.close()
    conv, back, product = 8 * 5 * 4 * 3, 8 * 5 * 6 * 2, 6 * 16 * 7
    assert session.multiplications == 2 * (conv + back + product)
