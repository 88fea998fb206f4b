"""Accelerators of ONNX Runtime: which the installed one brings, and that none is replaced by the processor."""

from __future__ import annotations

import sys
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from wyoming_kokoro import Provider, SessionOptions
from wyoming_kokoro.onnx import open_onnx, runtime
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro_onnxruntime import OnnxRuntime
from wyoming_kokoro_onnxruntime.accelerators import ACCELERATORS, Accelerator
from wyoming_kokoro_onnxruntime.opening import PROCESSOR, open_on

CUDA = next(item for item in ACCELERATORS if item.name == "cuda")
NAMES = [item.name for item in ACCELERATORS]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an ONNX Runtime that has no accelerator, and that is all there is."""
    package = tmp_path / "site" / "onnxruntime"
    (package / "capi").mkdir(parents=True)
    (package / "__init__.py").touch()
    monkeypatch.setattr(sys, "path", [str(package.parent)])
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delitem(sys.modules, "onnxruntime", raising=False)
    return package.parent


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    """A graph that doubles."""
    taken, given = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy")
    made = helper.make_graph([helper.make_node("Add", ["x", "x"], ["y"])], "twice", [taken], [given])
    file = tmp_path / "twice.onnx"
    onnx.save(helper.make_model(made, opset_imports=[helper.make_opsetid("", 20)], ir_version=9), file)
    return file


def install(site: Path, distribution: str, version: str) -> None:
    folder = site / f"{distribution.replace('-', '_')}-{version}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")


def brought(folder: Path) -> dict[str, Provider]:
    plugin = OnnxRuntime(plugin_context("onnxruntime", folder))
    return {provider.name: provider for provider in plugin.kokoro_providers()}


def test_an_onnxruntime_for_the_processor_brings_none_and_each_says_where_it_is_from(site: Path) -> None:
    install(site, "onnxruntime", "1.32.0")
    found = brought(site)
    assert list(found) == NAMES
    for item in ACCELERATORS:
        assert item.distribution in str(found[item.name].unavailable_reason)
    assert "onnxruntime" not in sys.modules


@pytest.mark.parametrize("item", ACCELERATORS, ids=NAMES)
def test_a_build_with_an_accelerator_brings_that_one(site: Path, item: Accelerator) -> None:
    install(site, item.distribution, "1.31.1")
    (site / "onnxruntime" / item.library).touch()
    usable = [provider for provider in brought(site).values() if provider.unavailable_reason is None]
    assert [(provider.name, provider.precision) for provider in usable] == [(item.name, "float")]
    assert usable[0].version == f"{item.distribution} 1.31.1"
    assert not usable[0].opens_quickly


@pytest.mark.parametrize(("distributions", "version"), [(["onnxruntime"], "onnxruntime 1.30.0"), ([], "")])
def test_a_build_of_the_owners_is_as_good(site: Path, distributions: list[str], version: str) -> None:
    """Distributions like conda's call it `onnxruntime` whatever is in it."""
    for name in distributions:
        install(site, name, "1.30.0")
    (site / "onnxruntime" / CUDA.library).touch()
    assert brought(site)["cuda"].unavailable_reason is None
    assert brought(site)["cuda"].version == version


def test_without_any_onnxruntime_there_is_none(tmp_path: Path, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    assert all(provider.unavailable_reason for provider in brought(tmp_path).values())


def test_other_systems_are_not_told_of_what_they_cannot_have(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert brought(site) == {}


@pytest.mark.skipif(CUDA.execution_provider in runtime().get_available_providers(), reason="this one has CUDA")
def test_an_accelerator_that_onnxruntime_leaves_out_is_a_failure(
    graph: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """ONNX Runtime would open the file on the processor instead."""
    with (
        pytest.warns(UserWarning, match="not in available provider names"),
        pytest.raises(RuntimeError, match=r"cannot load it.*; it needs NVIDIA's driver"),
    ):
        open_on(CUDA, graph, SessionOptions(1, tmp_path))
    assert capsys.readouterr().out == ""


def test_a_session_tells_its_providers(graph: Path, tmp_path: Path) -> None:
    session = open_onnx(graph, [PROCESSOR], SessionOptions(1, tmp_path))
    assert session.providers == [PROCESSOR]
    session.close()


def test_onnxruntime_does_not_fall_back_by_itself(
    graph: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It would say so on stdout, which belongs to results and to clients, and go on with the processor."""
    with pytest.warns(UserWarning, match="not in available"), pytest.raises(RuntimeError, match="AbacusExecution"):
        open_onnx(graph, ["AbacusExecutionProvider", PROCESSOR], SessionOptions(1, tmp_path))
    assert capsys.readouterr().out == ""
