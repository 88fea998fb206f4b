from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from tests.helpers.distilled_graphs import waveform_graph
from wyoming_kokoro import Array
from wyoming_kokoro_distilled.noise import TABLE_SIZE, fix_noise


def random_model(node: onnx.NodeProto) -> onnx.ModelProto:
    graph = helper.make_graph(
        [node],
        "noise",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["A", "B"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def run(model: onnx.ModelProto, *shape: int) -> Array:
    session = onnxruntime.InferenceSession(model.SerializeToString())
    names = [item.name for item in session.get_inputs()]
    (y,) = session.run(None, {name: np.zeros(shape, dtype=np.float32) for name in names})
    return np.asarray(y)


@pytest.mark.parametrize(
    ("node", "shape", "mean", "deviation"),
    [
        (helper.make_node("RandomNormalLike", ["x"], ["y"], mean=2.0, scale=3.0), (3, 20_000), 2.0, 3.0),
        (helper.make_node("RandomUniformLike", ["x"], ["y"], low=-1.0, high=1.0), (3, 20_000), 0.0, 3**-0.5),
        (helper.make_node("RandomNormal", [], ["y"], shape=[2, 10_000]), (2, 10_000), 0.0, 1.0),
        (helper.make_node("RandomUniform", [], ["y"], shape=[2, 10_000]), (2, 10_000), 0.5, 12**-0.5),
        (helper.make_node("RandomNormalLike", ["x"], ["y"]), (2, TABLE_SIZE), 0.0, 1.0),
    ],
)
def test_noise_keeps_its_distribution_and_is_the_same_each_time(
    node: onnx.NodeProto, shape: tuple[int, int], mean: float, deviation: float
) -> None:
    model = random_model(node)
    assert fix_noise(model)
    noise = run(model, *shape)
    assert noise.shape == shape
    assert noise.mean() == pytest.approx(mean, abs=0.05)
    assert noise.std() == pytest.approx(deviation, rel=0.02)
    np.testing.assert_array_equal(noise, run(model, *shape))


def test_graph_without_noise_is_unchanged() -> None:
    model = waveform_graph()
    before = model.SerializeToString()
    assert not fix_noise(model)
    assert model.SerializeToString() == before
