"""A graph is optimized once for each CPU. A damaged or missing result is created again."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from wyoming_kokoro import cpu, prepare_folder
from wyoming_kokoro.api.providers import SessionOptions
from wyoming_kokoro.onnx import open_onnx
from wyoming_kokoro.onnx.optimized import GRAPH_FILE, WEIGHTS_FILE
from wyoming_kokoro.types import Array

X = np.linspace(-1, 1, 64, dtype=np.float32)[None]


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    """A matrix product, and a constant sum that optimization computes."""
    weights = np.random.default_rng(1).normal(size=(64, 64)).astype(np.float32)
    nodes = [
        helper.make_node("Add", ["half", "half"], ["weights"]),
        helper.make_node("MatMul", ["x", "weights"], ["y"]),
    ]
    value = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 64]) for name in "xy"]
    graph = helper.make_graph(nodes, "test", value[:1], value[1:], [numpy_helper.from_array(weights, "half")])
    file = tmp_path / "stage.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), file)
    return file


def run(file: Path, folder: Path) -> Array:
    session = open_onnx(file, ["CPUExecutionProvider"], SessionOptions(1, folder))
    return session.run({"x": X})["y"]


def optimized_graphs(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def test_graph_is_optimized_once(graph: Path, tmp_path: Path) -> None:
    folder = tmp_path / "compiled"
    first = run(graph, folder)
    (optimized,) = optimized_graphs(folder)
    assert [node.op_type for node in onnx.load(optimized / GRAPH_FILE).graph.node] == ["MatMul"]
    assert (optimized / WEIGHTS_FILE).stat().st_size >= 64 * 64 * 4
    written_at = (optimized / GRAPH_FILE).stat().st_mtime_ns
    assert np.array_equal(run(graph, folder), first)
    assert optimized_graphs(folder) == [optimized]
    assert (optimized / GRAPH_FILE).stat().st_mtime_ns == written_at


def test_optimized_graph_is_opened_instead_of_the_original(graph: Path, tmp_path: Path) -> None:
    folder = tmp_path / "compiled"
    before = run(graph, folder)
    (optimized,) = optimized_graphs(folder)
    double_weights(optimized)
    files = {name: (optimized / name).read_bytes() for name in (GRAPH_FILE, WEIGHTS_FILE)}
    with prepare_folder(optimized) as part:
        for name, content in files.items():
            (part / name).write_bytes(content)
    assert np.allclose(run(graph, folder), 2 * before)


def test_graph_with_changed_weights_is_optimized_again(
    graph: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "compiled"
    before = run(graph, folder)
    (optimized,) = optimized_graphs(folder)
    double_weights(optimized)
    assert np.array_equal(run(graph, folder), before)
    assert "weights.bin has another content" in caplog.text


def double_weights(optimized: Path) -> None:
    weights = np.memmap(optimized / WEIGHTS_FILE, dtype=np.float32, mode="r+")
    weights *= 2
    weights.flush()


@pytest.mark.parametrize("damage", [b"", b"no graph"])
def test_damaged_graph_is_optimized_again(
    graph: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: bytes
) -> None:
    folder = tmp_path / "compiled"
    before = run(graph, folder)
    (optimized,) = optimized_graphs(folder)
    (optimized / GRAPH_FILE).write_bytes(damage)
    assert np.array_equal(run(graph, folder), before)
    assert "are prepared again" in caplog.text
    assert (optimized / GRAPH_FILE).stat().st_size > len(damage)


def test_graph_without_weights_is_optimized_again(graph: Path, tmp_path: Path) -> None:
    folder = tmp_path / "compiled"
    before = run(graph, folder)
    (optimized,) = optimized_graphs(folder)
    (optimized / WEIGHTS_FILE).unlink()
    assert np.array_equal(run(graph, folder), before)


def test_changed_graph_is_optimized_again(graph: Path, tmp_path: Path) -> None:
    folder = tmp_path / "compiled"
    before = run(graph, folder)
    model = onnx.load(graph)
    model.graph.initializer[0].CopyFrom(numpy_helper.from_array(np.eye(64, dtype=np.float32), "half"))
    onnx.save(model, graph)
    after = run(graph, folder)
    assert np.allclose(after, 2 * X)
    assert not np.allclose(after, before)


def test_graph_is_optimized_for_each_cpu(graph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache directory can be moved to another machine."""
    run(graph, tmp_path / "compiled")
    other = tmp_path / "cpuinfo"
    other.write_text("model name\t: Pentium\nflags\t\t: fpu mmx\n")
    monkeypatch.setattr(cpu, "CPUINFO", other)
    run(graph, tmp_path / "compiled")
    assert len(optimized_graphs(tmp_path / "compiled")) == 2


def test_original_is_opened_without_a_writable_cache(
    graph: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    file = tmp_path / "file"
    file.write_text("no folder")
    assert run(graph, file).shape == (1, 64)
    assert "starts take longer" in caplog.text


def test_invalid_graph_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "stage.onnx"
    file.write_bytes(b"no graph")
    with pytest.raises(Exception, match=r"(?i)protobuf|parse"):
        run(file, tmp_path / "compiled")
    assert not optimized_graphs(tmp_path / "compiled")
