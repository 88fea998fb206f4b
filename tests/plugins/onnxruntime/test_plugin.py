"""The accelerators of the installed ONNX Runtime, and that none silently falls back to the CPU."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from wyoming_kokoro import Provider, SessionOptions
from wyoming_kokoro.onnx import open_onnx, runtime
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro_onnxruntime import OnnxRuntimePlugin
from wyoming_kokoro_onnxruntime.accelerators import ACCELERATORS, Accelerator
from wyoming_kokoro_onnxruntime.session import CPU_PROVIDER, open_session

CUDA = next(item for item in ACCELERATORS if item.name == "cuda")
NAMES = [item.name for item in ACCELERATORS]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an ONNX Runtime without accelerators. It is the only folder that Python imports from."""
    package = tmp_path / "site" / "onnxruntime"
    (package / "capi").mkdir(parents=True)
    (package / "__init__.py").touch()
    monkeypatch.setattr(sys, "path", [str(package.parent)])
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delitem(sys.modules, "onnxruntime", raising=False)
    return package.parent


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    """A graph that doubles its input."""
    source, output = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy")
    doubling = helper.make_graph([helper.make_node("Add", ["x", "x"], ["y"])], "double", [source], [output])
    file = tmp_path / "double.onnx"
    onnx.save(helper.make_model(doubling, opset_imports=[helper.make_opsetid("", 20)], ir_version=9), file)
    return file


def install(site: Path, distribution: str, version: str) -> None:
    folder = site / f"{distribution.replace('-', '_')}-{version}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")


def providers_of(folder: Path) -> dict[str, Provider]:
    plugin = OnnxRuntimePlugin(plugin_context("onnxruntime", folder))
    return {provider.name: provider for provider in plugin.kokoro_providers()}


def test_cpu_build_has_no_accelerator_and_names_the_package_of_each(site: Path) -> None:
    install(site, "onnxruntime", "1.32.0")
    found = providers_of(site)
    assert list(found) == NAMES
    for item in ACCELERATORS:
        assert item.distribution in str(found[item.name].unavailable_reason)
    assert "onnxruntime" not in sys.modules


@pytest.mark.parametrize("item", ACCELERATORS, ids=NAMES)
def test_build_with_an_accelerator_provides_it(site: Path, item: Accelerator) -> None:
    install(site, item.distribution, "1.31.1")
    (site / "onnxruntime" / item.library).touch()
    usable = [provider for provider in providers_of(site).values() if provider.unavailable_reason is None]
    assert [(provider.name, provider.precision) for provider in usable] == [(item.name, "float")]
    assert usable[0].version == f"{item.distribution} 1.31.1"
    assert not usable[0].opens_quickly
    assert usable[0].process
    assert pickle.loads(pickle.dumps(usable[0].open)).args == (item,)


@pytest.mark.parametrize(("distributions", "version"), [(["onnxruntime"], "onnxruntime 1.30.0"), ([], "")])
def test_custom_build_provides_its_accelerator(site: Path, distributions: list[str], version: str) -> None:
    """conda names every build `onnxruntime`."""
    for name in distributions:
        install(site, name, "1.30.0")
    (site / "onnxruntime" / CUDA.library).touch()
    assert providers_of(site)["cuda"].unavailable_reason is None
    assert providers_of(site)["cuda"].version == version


def test_missing_onnxruntime_provides_nothing(tmp_path: Path, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    assert all(provider.unavailable_reason for provider in providers_of(tmp_path).values())


def test_other_systems_have_no_providers(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert providers_of(site) == {}


@pytest.mark.skipif(CUDA.execution_provider in runtime().get_available_providers(), reason="this onnxruntime has CUDA")
def test_accelerator_that_cannot_be_loaded_is_an_error(
    graph: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """ONNX Runtime alone would open the file on the CPU."""
    with (
        pytest.warns(UserWarning, match="not in available provider names"),
        pytest.raises(RuntimeError, match=r"cannot load cuda.*; it needs NVIDIA's driver"),
    ):
        open_session(CUDA, graph, SessionOptions(1, tmp_path))
    assert capsys.readouterr().out == ""


def test_session_lists_its_providers(graph: Path, tmp_path: Path) -> None:
    session = open_onnx(graph, [CPU_PROVIDER], SessionOptions(1, tmp_path))
    assert session.providers == [CPU_PROVIDER]
    session.close()


def test_onnxruntime_does_not_fall_back_to_the_cpu(
    graph: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its own fallback would also print to stdout, which the command line and Wyoming need."""
    with pytest.warns(UserWarning, match="not in available"), pytest.raises(RuntimeError, match="AbacusExecution"):
        open_onnx(graph, ["AbacusExecutionProvider", CPU_PROVIDER], SessionOptions(1, tmp_path))
    assert capsys.readouterr().out == ""
