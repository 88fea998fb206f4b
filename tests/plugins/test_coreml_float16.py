"""The graphs that the Neural Engine is given: float16 inside, float outside, and the same sound."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from wyoming_kokoro import Provider, Session, SessionOptions
from wyoming_kokoro.eligibility import verdict
from wyoming_kokoro.inference.pipeline import ModelPipeline
from wyoming_kokoro.onnx import open_onnx, write_in_float16
from wyoming_kokoro.onnx.float16 import LARGEST, to_float16
from wyoming_kokoro.preparation.graph.view import value
from wyoming_kokoro.preparation.store import FIRST, LATER, fix_shapes
from wyoming_kokoro.trials.trial import MIN_SNR_DB, VocoderTrial

LIKENESS = 35.0
"""Decibels; what is measured is 48, and 42 where every sum is rounded, as the Neural Engine does."""


def sums() -> onnx.ModelProto:
    """Return a graph that adds a constant to its input, and gives the sum and its half."""
    constants = {"b": np.array([[1.0, 1e9, 1e-9]], dtype=np.float32), "h": np.array([0.5], dtype=np.float32)}
    nodes = [
        helper.make_node("Add", ["x", "b"], ["sum"], "sum"),
        helper.make_node("Mul", ["sum", "h"], ["half"], "half"),
        helper.make_node("Slice", ["x", "begin", "end"], ["part"], "part"),
    ]
    limits = {"begin": np.array([0], dtype=np.int64), "end": np.array([1], dtype=np.int64)}
    arrays = [numpy_helper.from_array(array, name) for name, array in (constants | limits).items()]
    shape = [1, 3]
    outputs = [value("sum", shape), value("half", shape), value("part", shape)]
    graph = helper.make_graph(nodes, "sums", [value("x", shape)], outputs, arrays)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    helper.set_model_props(model, {"COREML_CACHE_KEY": "abc"})
    return model


def test_everything_inside_is_float16() -> None:
    halved = to_float16(sums())
    onnx.checker.check_model(halved, full_check=True)
    inferred = onnx.shape_inference.infer_shapes(halved, strict_mode=True).graph
    kinds = {item.name: item.type.tensor_type.elem_type for item in (*inferred.value_info, *inferred.output)}
    assert {kinds[f"{name}_float16"] for name in ("x", "sum", "half", "part")} == {TensorProto.FLOAT16}
    assert {kinds[name] for name in ("sum", "half", "part")} == {TensorProto.FLOAT}
    assert {item.name: item.data_type for item in halved.graph.initializer}["begin"] == TensorProto.INT64
    assert [item.value for item in halved.metadata_props] == ["abc"]


def test_the_model_that_is_given_stays_as_it_is() -> None:
    model, same = sums(), sums()
    to_float16(model)
    assert model == same


def test_what_float16_cannot_hold_is_limited(tmp_path: Path) -> None:
    """Neither an input nor a weight becomes infinite."""
    onnx.save(sums(), tmp_path / "float.onnx")
    write_in_float16(tmp_path / "float.onnx", tmp_path / "half.onnx")
    session = open_onnx(tmp_path / "half.onnx", ["CPUExecutionProvider"], SessionOptions(1, tmp_path))
    made = session.run({"x": np.array([[1.0, 0.0, -1e9]], dtype=np.float32)})
    assert made["part"].dtype == np.float32
    assert made["sum"].tolist() == [[2.0, LARGEST, -LARGEST]]
    assert made["half"].tolist() == [[1.0, LARGEST / 2, -LARGEST / 2]]


@pytest.mark.model
@pytest.mark.parametrize("name", [FIRST, LATER])
def test_core_ml_takes_the_vocoder_in_float16_whole(stages_folder: Path, tmp_path: Path, name: str) -> None:
    write_in_float16(fix_shapes(stages_folder, "float") / name, tmp_path / name)
    found = verdict(tmp_path / name)
    assert found.is_whole, found
    assert (found.taken, found.partitions) == (found.nodes, 1)
    whole, half = (file.stat().st_size for file in (fix_shapes(stages_folder, "float") / name, tmp_path / name))
    assert half < 0.55 * whole


@pytest.fixture
def halved(stages: ModelPipeline, tmp_path: Path) -> Iterator[Session]:
    """The vocoder as the Neural Engine is given it, on the processor."""

    def open_halved(file: Path, options: SessionOptions) -> Session:
        write_in_float16(file, tmp_path / file.name)
        return open_onnx(tmp_path / file.name, ["CPUExecutionProvider"], options)

    opened = stages.open_vocoder(Provider("halved", 1, "float", open_halved, fixed_shapes=True), 2)
    yield opened
    opened.close()


@pytest.mark.model
def test_the_vocoder_in_float16_sounds_the_same(stages: ModelPipeline, halved: Session) -> None:
    trial = VocoderTrial(stages, stages.vocoder, halved)
    for _ in trial.steps():
        pass
    assert trial.snr_db > LIKENESS > MIN_SNR_DB
