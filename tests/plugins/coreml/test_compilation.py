"""The child process in which Core ML compiles: its output, its failures, and its files."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import onnxruntime
import pytest

from tests.helpers.synthesis.fake_mac import CPU, MAC, NEURAL, plan_line, write_small_graph
from wyoming_kokoro import SessionOptions, write_checked
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro_coreml import CoreMlPlugin
from wyoming_kokoro_coreml.compilation import (
    GRAPH_FILE,
    RESULT_FILE,
    CompilationResult,
    load_or_compile,
    neural_engine_share,
    run_compiler,
)
from wyoming_kokoro_coreml.variants import VARIANTS

ANE, GPU = VARIANTS["coreml-ane"], VARIANTS["coreml-gpu"]
without_core_ml = pytest.mark.skipif(
    "CoreMLExecutionProvider" in onnxruntime.get_available_providers(), reason="Core ML really compiles here"
)


def python_command(code: str) -> list[str]:
    return [sys.executable, "-c", f"import os, sys, time; {code}"]


def test_plan_is_read_from_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    plan = [plan_line("ios17.conv", NEURAL, 0.6), plan_line("ios16.sin", CPU, 0.4)]
    lines = run_compiler(python_command(f"print('ignored'); sys.stderr.write({os.linesep.join(plan)!r})"))
    assert neural_engine_share(lines) == pytest.approx(0.6)
    assert capfd.readouterr().out == ""


def test_system_log_is_redirected_to_stderr() -> None:
    assert run_compiler(python_command("sys.stderr.write(os.environ['CFLOG_FORCE_STDERR'])")) == ["YES"]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("sys.stderr.write('other lines\\nANECCompile failed'); sys.exit(1)", "^ANECCompile failed$"),
        ("sys.exit(1)", "gave no reason"),
        (f"os.kill(os.getpid(), {int(signal.SIGKILL)})", f"crashed with signal {int(signal.SIGKILL)}"),
    ],
)
def test_failure_has_a_reason(code: str, reason: str) -> None:
    with pytest.raises(RuntimeError, match=reason):
        run_compiler(python_command(code))


def test_hanging_compiler_is_stopped() -> None:
    with pytest.raises(TimeoutError, match=r"did not end within 0\.2 s"):
        run_compiler(python_command("time.sleep(600)"), timeout=0.2)


@without_core_ml
@pytest.mark.parametrize("name", VARIANTS)
def test_failed_compilation_leaves_no_files(name: str, tmp_path: Path) -> None:
    plugin = CoreMlPlugin(plugin_context("coreml", tmp_path), MAC)
    (provider,) = (item for item in plugin.kokoro_providers() if item.name == name)
    with pytest.raises(RuntimeError, match=r"^the installed onnxruntime has no CoreMLExecutionProvider"):
        provider.open(write_small_graph(tmp_path / "small.onnx"), SessionOptions(2, tmp_path / "compiled"))
    (folder,) = (item for item in (tmp_path / "compiled").glob(f"{name}-*/*") if item.is_dir())
    assert [item.name for item in folder.iterdir()] == [".lock"]


@without_core_ml
def test_damaged_graph_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "damaged.onnx").write_bytes(b"not a graph")
    with pytest.raises(RuntimeError, match=r"(?i)pars|protobuf|decod"):
        load_or_compile(ANE, tmp_path / "damaged.onnx", tmp_path / "coreml-ane-1" / "digest")


@pytest.mark.parametrize("share", [0.98, None])
def test_compiled_graph_is_loaded(tmp_path: Path, share: float | None) -> None:
    folder = tmp_path / "coreml-ane-1" / "digest"
    folder.mkdir(parents=True)
    write_checked(folder / RESULT_FILE, CompilationResult(share))
    found = load_or_compile(ANE, tmp_path / "graph.onnx", folder)
    assert (found.share, found.graph) == (share, folder / GRAPH_FILE)
    assert load_or_compile(GPU, tmp_path / "graph.onnx", folder).graph == tmp_path / "graph.onnx"


@without_core_ml
@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"neural_engine": 0.5}'])
def test_graph_with_a_damaged_result_is_compiled_again(tmp_path: Path, content: bytes) -> None:
    folder = tmp_path / "coreml-ane-1" / "digest"
    folder.mkdir(parents=True)
    (folder / RESULT_FILE).write_bytes(content)
    with pytest.raises(RuntimeError):
        load_or_compile(ANE, write_small_graph(tmp_path / "small.onnx"), folder)


@without_core_ml
def test_graphs_of_other_releases_are_removed(tmp_path: Path) -> None:
    for name in ("coreml-ane-0.1-ort1.31-macos15.4", "coreml-ane-0.1-ort1.32-macos15.5", "coreml-gpu-0.1", "first-ab"):
        (tmp_path / name / "digest").mkdir(parents=True)
    with pytest.raises(RuntimeError):
        load_or_compile(
            ANE, write_small_graph(tmp_path / "small.onnx"), tmp_path / "coreml-ane-0.1-ort1.32-macos15.5" / "digest"
        )
    left = sorted(item.name for item in tmp_path.iterdir() if item.is_dir())
    assert left == ["coreml-ane-0.1-ort1.32-macos15.5", "coreml-gpu-0.1", "first-ab"]
