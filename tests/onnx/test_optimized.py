"""A graph is optimised once, and its form is never trusted more than the graph."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from wyoming_kokoro import cpu
from wyoming_kokoro.api.providers import SessionOptions
from wyoming_kokoro.onnx import open_onnx
from wyoming_kokoro.onnx.optimized import GRAPH, WEIGHTS
from wyoming_kokoro.types import Array

X = np.linspace(-1, 1, 64, dtype=np.float32)[None]


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    """A matrix product, and a sum that can be folded."""
    weights = np.random.default_rng(1).normal(size=(64, 64)).astype(np.float32)
    nodes = [
        helper.make_node("Add", ["half", "half"], ["weights"]),
        helper.make_node("MatMul", ["x", "weights"], ["y"]),
    ]
    value = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 64]) for name in "xy"]
    made = helper.make_graph(nodes, "test", value[:1], value[1:], [numpy_helper.from_array(weights, "half")])
    file = tmp_path / "stage.onnx"
    onnx.save(helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), file)
    return file


def run(file: Path, folder: Path) -> Array:
    session = open_onnx(file, ["CPUExecutionProvider"], SessionOptions(1, folder))
    return session.run({"x": X})["y"]


def forms(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def test_a_form_is_made_once_and_then_used(graph: Path, tmp_path: Path) -> None:
    """It has the sum folded, its weights beside it, and gives the same to the bit."""
    folder = tmp_path / "compiled"
    first = run(graph, folder)
    (form,) = forms(folder)
    assert [node.op_type for node in onnx.load(form / GRAPH).graph.node] == ["MatMul"]
    assert (form / WEIGHTS).stat().st_size >= 64 * 64 * 4
    written_at = (form / GRAPH).stat().st_mtime_ns
    assert np.array_equal(run(graph, folder), first)
    assert forms(folder) == [form]
    assert (form / GRAPH).stat().st_mtime_ns == written_at


def test_a_form_is_what_is_opened(graph: Path, tmp_path: Path) -> None:
    """Another graph put in its place is run: the original is not read again."""
    folder = tmp_path / "compiled"
    before = run(graph, folder)
    (form,) = forms(folder)
    weights = np.memmap(form / WEIGHTS, dtype=np.float32, mode="r+")
    weights *= 2
    weights.flush()
    assert np.allclose(run(graph, folder), 2 * before)


@pytest.mark.parametrize("damage", [b"", b"no graph"])
def test_a_damaged_form_is_made_again(
    graph: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: bytes
) -> None:
    folder = tmp_path / "compiled"
    before = run(graph, folder)
    (form,) = forms(folder)
    (form / GRAPH).write_bytes(damage)
    assert np.array_equal(run(graph, folder), before)
    assert "made again" in caplog.text
    assert (form / GRAPH).stat().st_size > len(damage)


def test_weights_that_are_gone_are_made_again(graph: Path, tmp_path: Path) -> None:
    folder = tmp_path / "compiled"
    before = run(graph, folder)
    (form,) = forms(folder)
    (form / WEIGHTS).unlink()
    assert np.array_equal(run(graph, folder), before)


def test_a_changed_graph_has_another_form(graph: Path, tmp_path: Path) -> None:
    folder = tmp_path / "compiled"
    before = run(graph, folder)
    model = onnx.load(graph)
    model.graph.initializer[0].CopyFrom(numpy_helper.from_array(np.eye(64, dtype=np.float32), "half"))
    onnx.save(model, graph)
    after = run(graph, folder)
    assert np.allclose(after, 2 * X)
    assert not np.allclose(after, before)


def test_another_processor_has_another_form(graph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache directory may be moved to another machine."""
    run(graph, tmp_path / "compiled")
    other = tmp_path / "cpuinfo"
    other.write_text("model name\t: Pentium\nflags\t\t: fpu mmx\n")
    monkeypatch.setattr(cpu, "CPUINFO", other)
    run(graph, tmp_path / "compiled")
    assert len(forms(tmp_path / "compiled")) == 2


def test_nothing_can_be_kept(graph: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Where nothing can be written, the graph itself is opened."""
    caplog.set_level(logging.INFO)
    taken = tmp_path / "file"
    taken.write_text("no folder")
    assert run(graph, taken).shape == (1, 64)
    assert "starts take a little longer" in caplog.text


def test_what_is_no_graph_fails_as_before(tmp_path: Path) -> None:
    file = tmp_path / "stage.onnx"
    file.write_bytes(b"no graph")
    with pytest.raises(Exception, match=r"(?i)protobuf|parse"):
        run(file, tmp_path / "compiled")
    assert not forms(tmp_path / "compiled")
