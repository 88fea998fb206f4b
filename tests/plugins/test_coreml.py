"""Core ML: what is offered, with which options, and that nothing is left to the processor."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import onnx
import onnxruntime
import pytest

import wyoming_kokoro_coreml
from tests.plugins.small_mac import CPU, GPU, KERNEL, LOG, MAC, NEURAL, line, small
from wyoming_kokoro import ConfigError, DevicePlacement, PluginUnavailable, SessionOptions
from wyoming_kokoro.config import Config
from wyoming_kokoro.onnx import open_onnx
from wyoming_kokoro.plugins.loader import OWN
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro_coreml import CoreMl
from wyoming_kokoro_coreml.compilation import Compiled
from wyoming_kokoro_coreml.machine import Machine
from wyoming_kokoro_coreml.opening import opened, session_settings
from wyoming_kokoro_coreml.plan import neural_share
from wyoming_kokoro_coreml.variants import VARIANTS, Units

if TYPE_CHECKING:
    from tests.helpers.distributions import Site

pytest_plugins = ["tests.helpers.distributions"]

ELSEWHERE = [replace(MAC, system="Linux"), replace(MAC, processor="x86_64"), replace(MAC, system="Linux", macos="")]


# What is offered


def test_each_choice_of_processors_is_a_provider_the_neural_engine_first(tmp_path: Path) -> None:
    providers = list(CoreMl(plugin_context("coreml", tmp_path), MAC).kokoro_providers())
    assert [(item.name, item.priority, item.precision) for item in providers] == [
        ("coreml-ane", 90, "float16"),
        ("coreml-all", 80, "float16"),
        ("coreml-gpu", 70, "float"),
    ]
    for provider in providers:
        assert (provider.opens_quickly, provider.fixed_shapes) == (False, True)
        assert provider.stages == {"vocoder", "albert"}
        assert provider.unavailable_reason is None


@pytest.mark.parametrize("machine", ELSEWHERE)
def test_it_is_unavailable_elsewhere(tmp_path: Path, machine: Machine) -> None:
    with pytest.raises(PluginUnavailable, match="needs a Mac with Apple silicon"):
        CoreMl(plugin_context("coreml", tmp_path), machine)


def test_it_is_listed_with_the_reason(site: Site, config: Config) -> None:
    """On a Mac it is active instead."""
    site.add_modules(OWN, {"coreml": "from wyoming_kokoro_coreml import CoreMl as Plugin"})
    (plugin,) = PluginManager.load(replace(config, plugins={})).loaded
    if Machine.here().is_apple_silicon:
        assert plugin.status == "active"
    else:
        assert (plugin.status, plugin.reason) == ("unavailable", "it needs a Mac with Apple silicon")


def test_an_unknown_setting_is_refused_everywhere(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="units"):
        CoreMl(plugin_context("coreml", tmp_path, {"units": "ALL"}))


@pytest.mark.parametrize("installed", ["1.26.0", "1.9.1", "0.27.0", ""])
def test_an_onnxruntime_without_the_sine_says_so(tmp_path: Path, installed: str) -> None:
    plugin = CoreMl(plugin_context("coreml", tmp_path), replace(MAC, onnxruntime=installed))
    for provider in plugin.kokoro_providers():
        assert "Sin is not in the Core ML list" in (provider.unavailable_reason or "")
        assert "install 1.27 or newer" in (provider.unavailable_reason or "")


@pytest.mark.parametrize("installed", ["1.27.0", "1.27.0rc1", "1.100.2", "2.0.0"])
def test_a_newer_one_does(installed: str) -> None:
    assert replace(MAC, onnxruntime=installed).why_not is None


@pytest.mark.parametrize(
    "other",
    [
        replace(MAC, onnxruntime="1.33.0"),
        replace(MAC, macos="15.6"),
        replace(MAC, kernel=KERNEL.replace("T8112", "T6041")),
    ],
)
def test_it_is_tried_anew_after_an_update_and_on_another_chip(other: Machine) -> None:
    assert other.version != MAC.version


def test_this_machine_is_known() -> None:
    here = Machine.here()
    assert here.onnxruntime == onnxruntime.__version__
    assert all((here.system, here.processor, here.kernel))


@pytest.mark.parametrize(
    ("share", "note"),
    [(0.934, "(93% of the work is the Neural Engine's)"), (None, "(Core ML does not tell where it runs; macOS 14.4")],
)
def test_where_it_runs_is_told_in_words_and_as_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: float | None, note: str
) -> None:
    """Core ML itself is a Mac's: a session of the processor stands in its place, behind a compilation that was done."""
    plugin = CoreMl(plugin_context("coreml", tmp_path), MAC)
    file = small(tmp_path / "albert-64.onnx")
    monkeypatch.setattr(wyoming_kokoro_coreml, "compiled", lambda *_: Compiled(file, tmp_path, share))
    monkeypatch.setattr(
        wyoming_kokoro_coreml,
        "opened",
        lambda graph, *_: open_onnx(graph, ["CPUExecutionProvider"], SessionOptions(1, tmp_path)),
    )
    session: Any = next(plugin.kokoro_providers()).open(file, SessionOptions(1, tmp_path))
    assert session.note.startswith(note)
    assert session.placement == (None if share is None else DevicePlacement("Neural Engine", share))


# How it is opened


@pytest.mark.parametrize("units", ["CPUAndNeuralEngine", "ALL", "CPUAndGPU"])
def test_it_is_opened_as_one_ml_program_of_fixed_shapes(units: Units, tmp_path: Path) -> None:
    _, options = session_settings(units, tmp_path)
    assert options == {
        "ModelFormat": "MLProgram",
        "MLComputeUnits": units,
        "RequireStaticInputShapes": "1",
        "EnableOnSubgraphs": "0",
        "ModelCacheDirectory": str(tmp_path),
    }


def test_the_neural_engine_is_given_float16_and_the_gpu_float() -> None:
    """Of an ML program in float the Neural Engine is given nothing."""
    given = {item.units: item.in_float16 for item in VARIANTS.values()}
    assert given == {"CPUAndNeuralEngine": True, "ALL": True, "CPUAndGPU": False}


def operators(file: Path, made: Path, entries: dict[str, str]) -> list[str]:
    """Return the operators of `file` as ONNX Runtime optimises it with `entries`."""
    settings = onnxruntime.SessionOptions()
    settings.optimized_model_filepath = str(made)
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    for name, text in entries.items():
        settings.add_session_config_entry(name, text)
    onnxruntime.InferenceSession(str(file), settings, providers=["CPUExecutionProvider"])
    return [node.op_type for node in onnx.load(made).graph.node]


def test_products_are_not_fused(tmp_path: Path) -> None:
    """ONNX Runtime takes any name for a setting: that this one has an effect must be seen."""
    entries, _ = session_settings("ALL", tmp_path)
    key = "optimization.disable_specified_optimizers"
    file = small(tmp_path / "small.onnx")
    assert operators(file, tmp_path / "fused.onnx", {}) == ["Gemm"]
    assert operators(file, tmp_path / "apart.onnx", {key: entries[key]}) == ["MatMul", "Add"]


def test_what_is_left_to_the_processor_is_an_error(tmp_path: Path) -> None:
    entries, _ = session_settings("ALL", tmp_path)
    options = SessionOptions(1, tmp_path)
    with pytest.raises(Exception, match="fallback to CPU EP has been explicitly disabled"):
        open_onnx(small(tmp_path / "small.onnx"), [], options, entries=entries)


def test_an_onnxruntime_without_core_ml_says_so(tmp_path: Path) -> None:
    if "CoreMLExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this one has it")
    with pytest.raises(RuntimeError, match="has no CoreMLExecutionProvider; install"):
        opened(small(tmp_path / "small.onnx"), *session_settings("ALL", tmp_path))


# Where it runs


@pytest.mark.parametrize(
    ("lines", "share"),
    [
        ([line("ios17.conv", NEURAL, 0.75), line("ios16.sin", CPU, 0.25)], 0.75),
        ([line("ios17.conv", NEURAL, 0.5), line("ios17.concat", NEURAL, 0.0)], 1.0),
        ([line("ios17.conv", GPU, 0.9), line("ios17.add", GPU, 0.1)], 0.0),
        ([line("ios17.conv", NEURAL, 0.4), line("ios16.reshape", "", 0.0), line("ios17.mul", CPU, 0.1)], 0.8),
        ([line("ios17.conv", CPU, 0.0), line("ios17.mul", NEURAL, 0.0)], 0.5),
        ([LOG + "profile function : main", line("ios17.conv", NEURAL, 0.2), "[W:onnxruntime:, ...]"], 1.0),
        ([LOG + "Error loading compute plan: (null)"], None),
        ([], None),
    ],
)
def test_the_neural_engines_share_is_read_from_the_plan(lines: list[str], share: float | None) -> None:
    assert neural_share(lines) == (share if share is None else pytest.approx(share))
