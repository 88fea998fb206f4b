"""The float16 graphs for the Neural Engine: float inputs and outputs, and the same sound."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from tools.coreml.eligibility import check_eligibility
from wyoming_kokoro import Provider, Session, SessionOptions
from wyoming_kokoro.inference.pipeline import ModelPipeline
from wyoming_kokoro.onnx import open_onnx, write_in_float16
from wyoming_kokoro.onnx.float16 import MAX_FLOAT16, to_float16
from wyoming_kokoro.preparation.graph.view import float_tensor
from wyoming_kokoro.preparation.store import FIRST_WINDOW_FILE, LATER_WINDOW_FILE, fix_shapes
from wyoming_kokoro.trials.trial import MIN_SNR_DB as TRIAL_MIN_SNR_DB
from wyoming_kokoro.trials.trial import VocoderTrial

# Measured: 48 dB, and 42 dB with every sum rounded to float16, as on the Neural Engine.
MIN_SNR_DB = 35.0


def create_sum_model() -> onnx.ModelProto:
    """Return a model that returns its input plus a constant, half of that, and a slice of the input."""
    constants = {"b": np.array([[1.0, 1e9, 1e-9]], dtype=np.float32), "h": np.array([0.5], dtype=np.float32)}
    nodes = [
        helper.make_node("Add", ["x", "b"], ["sum"], "sum"),
        helper.make_node("Mul", ["sum", "h"], ["half"], "half"),
        helper.make_node("Slice", ["x", "begin", "end"], ["part"], "part"),
    ]
    limits = {"begin": np.array([0], dtype=np.int64), "end": np.array([1], dtype=np.int64)}
    arrays = [numpy_helper.from_array(array, name) for name, array in (constants | limits).items()]
    shape = [1, 3]
    outputs = [float_tensor("sum", shape), float_tensor("half", shape), float_tensor("part", shape)]
    graph = helper.make_graph(nodes, "sums", [float_tensor("x", shape)], outputs, arrays)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    helper.set_model_props(model, {"COREML_CACHE_KEY": "abc"})
    return model


def test_every_inner_tensor_is_float16() -> None:
    converted = to_float16(create_sum_model())
    onnx.checker.check_model(converted, full_check=True)
    inferred = onnx.shape_inference.infer_shapes(converted, strict_mode=True).graph
    kinds = {item.name: item.type.tensor_type.elem_type for item in (*inferred.value_info, *inferred.output)}
    assert {kinds[f"{name}_float16"] for name in ("x", "sum", "half", "part")} == {TensorProto.FLOAT16}
    assert {kinds[name] for name in ("sum", "half", "part")} == {TensorProto.FLOAT}
    assert {item.name: item.data_type for item in converted.graph.initializer}["begin"] == TensorProto.INT64
    assert [item.value for item in converted.metadata_props] == ["abc"]


def test_original_model_is_not_changed() -> None:
    model, copy = create_sum_model(), create_sum_model()
    to_float16(model)
    assert model == copy


def test_values_beyond_float16_are_clipped(tmp_path: Path) -> None:
    """Neither an input nor a weight becomes infinite."""
    onnx.save(create_sum_model(), tmp_path / "float.onnx")
    write_in_float16(tmp_path / "float.onnx", tmp_path / "half.onnx")
    session = open_onnx(tmp_path / "half.onnx", ["CPUExecutionProvider"], SessionOptions(1, tmp_path))
    outputs = session.run({"x": np.array([[1.0, 0.0, -1e9]], dtype=np.float32)})
    assert outputs["part"].dtype == np.float32
    assert outputs["sum"].tolist() == [[2.0, MAX_FLOAT16, -MAX_FLOAT16]]
    assert outputs["half"].tolist() == [[1.0, MAX_FLOAT16 / 2, -MAX_FLOAT16 / 2]]


@pytest.mark.model
@pytest.mark.parametrize("name", [FIRST_WINDOW_FILE, LATER_WINDOW_FILE])
def test_core_ml_runs_the_float16_vocoder_as_one_program(stages_folder: Path, tmp_path: Path, name: str) -> None:
    write_in_float16(fix_shapes(stages_folder, "float") / name, tmp_path / name)
    found = check_eligibility(tmp_path / name)
    assert found.is_whole, found
    assert (found.supported, found.partitions) == (found.nodes, 1)
    float_bytes, float16_bytes = (
        file.stat().st_size for file in (fix_shapes(stages_folder, "float") / name, tmp_path / name)
    )
    assert float16_bytes < 0.55 * float_bytes


@pytest.mark.model
@pytest.mark.parametrize("name", [FIRST_WINDOW_FILE, LATER_WINDOW_FILE])
def test_spectrum_is_computed_in_float_outside_of_the_neural_engine(stages_folder: Path, name: str) -> None:
    """The Neural Engine computes in float16 only, and Core ML keeps the types of a program."""
    model = onnx.shape_inference.infer_shapes(to_float16(onnx.load(fix_shapes(stages_folder, "float") / name)))
    kinds = {item.name: item.type.tensor_type.elem_type for item in (*model.graph.value_info, *model.graph.output)}
    kinds |= {item.name: item.data_type for item in model.graph.initializer}
    convolutions = [node for node in model.graph.node if node.op_type in ("Conv", "ConvTranspose")]
    in_float = [node for node in convolutions if {kinds[name] for name in node.input} == {TensorProto.FLOAT}]
    in_float16 = [node for node in convolutions if {kinds[name] for name in node.input} == {TensorProto.FLOAT16}]
    assert [list(node.output) for node in in_float] == [["spectrum"]]
    assert len(in_float) + len(in_float16) == len(convolutions) > 40


@pytest.mark.model
@pytest.mark.parametrize("name", [FIRST_WINDOW_FILE, LATER_WINDOW_FILE])
def test_source_and_inverse_transform_are_not_in_the_graph(stages_folder: Path, name: str) -> None:
    """`HarmonicSource` and `InverseStft` compute them in float: in float16 the phase collapses and exp overflows.

    A graph with a second output stays on the Neural Engine, where one with a single output does not.
    """
    graph = onnx.load(fix_shapes(stages_folder, "float") / name).graph
    makers = {name: node for node in graph.node for name in node.output}
    operators = {node.op_type for node in graph.node}
    assert operators <= {"Conv", "ConvTranspose", "Add", "Mul", "Div", "Sin", "LeakyRelu", "Concat", "Slice", "Split"}
    assert "source" in {item.name for item in graph.input}
    constants = {item.name for item in graph.initializer}
    for node in graph.node:
        if node.op_type == "Sin":
            # Snake: the sine of a signal times a constant.
            assert makers[node.input[0]].op_type == "Mul"
            assert constants & set(makers[node.input[0]].input)
    assert makers["spectrum"].op_type == "Conv"
    assert len(graph.output) > 1


@pytest.fixture
def float16_vocoder(stages: ModelPipeline, tmp_path: Path) -> Iterator[Session]:
    """The Neural Engine's vocoder, run on the CPU."""

    def open_float16(file: Path, options: SessionOptions) -> Session:
        write_in_float16(file, tmp_path / file.name)
        return open_onnx(tmp_path / file.name, ["CPUExecutionProvider"], options)

    session = stages.open_vocoder(Provider("float16", 1, "float", open_float16, fixed_shapes=True), 2)
    yield session
    session.close()


@pytest.mark.model
def test_float16_vocoder_sounds_like_float(stages: ModelPipeline, float16_vocoder: Session) -> None:
    trial = VocoderTrial(stages, stages.vocoder, float16_vocoder)
    for _ in trial.units():
        pass
    assert trial.snr_db > MIN_SNR_DB > TRIAL_MIN_SNR_DB
