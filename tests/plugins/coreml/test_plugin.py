"""The plugin coreml: its providers, its session options, and its reading of the compute plan."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import onnx
import onnxruntime
import pytest

import wyoming_kokoro_coreml
from tests.helpers.synthesis.fake_mac import CPU, GPU, KERNEL, LOG_PREFIX, MAC, NEURAL, plan_line, write_small_graph
from wyoming_kokoro import ConfigError, DevicePlacement, PluginUnavailable, SessionOptions
from wyoming_kokoro.config import Config
from wyoming_kokoro.onnx import open_onnx
from wyoming_kokoro.plugins.loader import BUILTIN_DISTRIBUTION
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro_coreml import CoreMlPlugin
from wyoming_kokoro_coreml.compilation import CompiledGraph, neural_engine_share
from wyoming_kokoro_coreml.platform_info import PlatformInfo
from wyoming_kokoro_coreml.session import open_session, session_settings
from wyoming_kokoro_coreml.variants import VARIANTS, Units

if TYPE_CHECKING:
    from tests.helpers.distributions import Site

pytest_plugins = ["tests.helpers.distributions"]

OTHER_PLATFORMS = [
    replace(MAC, system="Linux"),
    replace(MAC, processor="x86_64"),
    replace(MAC, system="Linux", macos=""),
]


# Providers


def test_each_variant_is_a_provider_and_the_neural_engine_is_first(tmp_path: Path) -> None:
    providers = list(CoreMlPlugin(plugin_context("coreml", tmp_path), MAC).kokoro_providers())
    assert [(item.name, item.priority, item.precision) for item in providers] == [
        ("coreml-ane", 90, "float16"),
        ("coreml-all", 80, "float16"),
        ("coreml-gpu", 70, "float"),
    ]
    for provider in providers:
        assert (provider.opens_quickly, provider.fixed_shapes) == (False, True)
        assert provider.stages == {"vocoder", "albert"}
        assert provider.unavailable_reason is None


def test_sessions_run_in_processes_of_their_own(tmp_path: Path) -> None:
    for provider in CoreMlPlugin(plugin_context("coreml", tmp_path), MAC).kokoro_providers():
        assert provider.process
        copy = pickle.loads(pickle.dumps(provider.open))
        assert copy.func.__self__._context == plugin_context("coreml", tmp_path)
        assert copy.func.__self__._platform == MAC


@pytest.mark.parametrize("platform", OTHER_PLATFORMS)
def test_plugin_is_unavailable_on_other_platforms(tmp_path: Path, platform: PlatformInfo) -> None:
    with pytest.raises(PluginUnavailable, match="needs a Mac with Apple silicon"):
        CoreMlPlugin(plugin_context("coreml", tmp_path), platform)


def test_unavailable_plugin_is_listed_with_its_reason(site: Site, config: Config) -> None:
    site.add_modules(BUILTIN_DISTRIBUTION, {"coreml": "from wyoming_kokoro_coreml import CoreMlPlugin as Plugin"})
    (plugin,) = PluginManager.load(replace(config, plugins={})).loaded
    if PlatformInfo.here().is_apple_silicon:
        assert plugin.status == "active"
    else:
        assert (plugin.status, plugin.reason) == ("unavailable", "it needs a Mac with Apple silicon")


def test_unknown_setting_is_a_configuration_error_on_every_platform(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="units"):
        CoreMlPlugin(plugin_context("coreml", tmp_path, {"units": "ALL"}))


@pytest.mark.parametrize("installed", ["1.26.0", "1.9.1", "0.27.0", ""])
def test_onnxruntime_without_sin_is_the_unavailable_reason(tmp_path: Path, installed: str) -> None:
    plugin = CoreMlPlugin(plugin_context("coreml", tmp_path), replace(MAC, onnxruntime=installed))
    for provider in plugin.kokoro_providers():
        assert "Core ML lacks Sin" in (provider.unavailable_reason or "")
        assert "install 1.27 or newer" in (provider.unavailable_reason or "")


@pytest.mark.parametrize("installed", ["1.27.0", "1.27.0rc1", "1.100.2", "2.0.0"])
def test_onnxruntime_with_sin_is_available(installed: str) -> None:
    assert replace(MAC, onnxruntime=installed).unavailable_reason is None


@pytest.mark.parametrize(
    "other",
    [
        replace(MAC, onnxruntime="1.33.0"),
        replace(MAC, macos="15.6"),
        replace(MAC, kernel=KERNEL.replace("T8112", "T6041")),
    ],
)
def test_version_changes_with_every_update_and_chip(other: PlatformInfo) -> None:
    assert other.version != MAC.version


def test_facts_about_this_machine_are_found() -> None:
    here = PlatformInfo.here()
    assert here.onnxruntime == onnxruntime.__version__
    assert all((here.system, here.processor, here.kernel))


@pytest.mark.parametrize(
    ("share", "note"),
    [(0.934, "(93% of the work on the Neural Engine)"), (None, "(Core ML reports the device only on macOS 14.4")],
)
def test_session_has_its_placement_as_text_and_as_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: float | None, note: str
) -> None:
    """A CPU session and a finished compilation replace Core ML, which exists only on a Mac."""
    plugin = CoreMlPlugin(plugin_context("coreml", tmp_path), MAC)
    file = write_small_graph(tmp_path / "albert-64.onnx")
    monkeypatch.setattr(wyoming_kokoro_coreml, "load_or_compile", lambda *_: CompiledGraph(file, tmp_path, share))
    monkeypatch.setattr(
        wyoming_kokoro_coreml,
        "open_session",
        lambda graph, *_: open_onnx(graph, ["CPUExecutionProvider"], SessionOptions(1, tmp_path)),
    )
    session: Any = next(plugin.kokoro_providers()).open(file, SessionOptions(1, tmp_path))
    assert session.note.startswith(note)
    assert session.placement == (None if share is None else DevicePlacement("Neural Engine", share))


# Sessions


@pytest.mark.parametrize("units", ["CPUAndNeuralEngine", "ALL", "CPUAndGPU"])
def test_session_is_one_ml_program_with_static_shapes(units: Units, tmp_path: Path) -> None:
    _, options = session_settings(units, tmp_path)
    assert options == {
        "ModelFormat": "MLProgram",
        "MLComputeUnits": units,
        "RequireStaticInputShapes": "1",
        "EnableOnSubgraphs": "0",
        "ModelCacheDirectory": str(tmp_path),
    }


def test_only_the_gpu_alone_gets_float() -> None:
    """The Neural Engine runs no operation in float."""
    precisions = {item.units: item.in_float16 for item in VARIANTS.values()}
    assert precisions == {"CPUAndNeuralEngine": True, "ALL": True, "CPUAndGPU": False}


def optimized_operators(file: Path, output: Path, entries: dict[str, str]) -> list[str]:
    """Return the operators of `file` after ONNX Runtime has optimized it with `entries`."""
    settings = onnxruntime.SessionOptions()
    settings.optimized_model_filepath = str(output)
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    for name, text in entries.items():
        settings.add_session_config_entry(name, text)
    onnxruntime.InferenceSession(str(file), settings, providers=["CPUExecutionProvider"])
    return [node.op_type for node in onnx.load(output).graph.node]


def test_products_are_not_fused_with_sums(tmp_path: Path) -> None:
    """ONNX Runtime accepts unknown configuration keys, so the test checks the effect of this one."""
    entries, _ = session_settings("ALL", tmp_path)
    key = "optimization.disable_specified_optimizers"
    file = write_small_graph(tmp_path / "small.onnx")
    assert optimized_operators(file, tmp_path / "fused.onnx", {}) == ["Gemm"]
    assert optimized_operators(file, tmp_path / "separate.onnx", {key: entries[key]}) == ["MatMul", "Add"]


def test_fallback_to_the_cpu_is_an_error(tmp_path: Path) -> None:
    entries, _ = session_settings("ALL", tmp_path)
    options = SessionOptions(1, tmp_path)
    with pytest.raises(Exception, match="fallback to CPU EP has been explicitly disabled"):
        open_onnx(write_small_graph(tmp_path / "small.onnx"), [], options, entries=entries)


def test_onnxruntime_without_core_ml_is_an_error(tmp_path: Path) -> None:
    if "CoreMLExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this onnxruntime has Core ML")
    with pytest.raises(RuntimeError, match="has no CoreMLExecutionProvider; install"):
        open_session(write_small_graph(tmp_path / "small.onnx"), *session_settings("ALL", tmp_path))


# The compute plan


@pytest.mark.parametrize(
    ("lines", "share"),
    [
        ([plan_line("ios17.conv", NEURAL, 0.75), plan_line("ios16.sin", CPU, 0.25)], 0.75),
        ([plan_line("ios17.conv", NEURAL, 0.5), plan_line("ios17.concat", NEURAL, 0.0)], 1.0),
        ([plan_line("ios17.conv", GPU, 0.9), plan_line("ios17.add", GPU, 0.1)], 0.0),
        (
            [
                plan_line("ios17.conv", NEURAL, 0.4),
                plan_line("ios16.reshape", "", 0.0),
                plan_line("ios17.mul", CPU, 0.1),
            ],
            0.8,
        ),
        ([plan_line("ios17.conv", CPU, 0.0), plan_line("ios17.mul", NEURAL, 0.0)], 0.5),
        ([LOG_PREFIX + "profile function : main", plan_line("ios17.conv", NEURAL, 0.2), "[W:onnxruntime:, ...]"], 1.0),
        ([LOG_PREFIX + "Error loading compute plan: (null)"], None),
        ([], None),
    ],
)
def test_neural_engine_share_is_read_from_the_plan(lines: list[str], share: float | None) -> None:
    assert neural_engine_share(lines) == (share if share is None else pytest.approx(share))
