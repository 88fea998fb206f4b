"""The process in which Core ML compiles: what it tells, how it fails, and what it leaves."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import onnxruntime
import pytest

from tests.helpers.fake_mac import CPU, MAC, NEURAL, line, small
from wyoming_kokoro import SessionOptions
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro_coreml import CoreMlPlugin
from wyoming_kokoro_coreml.compilation import GRAPH_FILE, RESULT_FILE, load_or_compile, run_compiler
from wyoming_kokoro_coreml.compute_plan import neural_share
from wyoming_kokoro_coreml.variants import VARIANTS

ANE, GPU = VARIANTS["coreml-ane"], VARIANTS["coreml-gpu"]
on_linux = pytest.mark.skipif(
    "CoreMLExecutionProvider" in onnxruntime.get_available_providers(), reason="here it compiles in earnest"
)


def child(code: str) -> list[str]:
    return [sys.executable, "-c", f"import os, sys, time; {code}"]


def test_the_plan_is_what_the_process_writes_to_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    plan = [line("ios17.conv", NEURAL, 0.6), line("ios16.sin", CPU, 0.4)]
    told = run_compiler(child(f"print('for nobody'); sys.stderr.write({os.linesep.join(plan)!r})"))
    assert neural_share(told) == pytest.approx(0.6)
    assert capfd.readouterr().out == "", "stdout is for the server's results"


def test_the_system_is_told_to_write_there() -> None:
    assert run_compiler(child("sys.stderr.write(os.environ['CFLOG_FORCE_STDERR'])")) == ["YES"]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("sys.stderr.write('much\\nANECCompile failed'); sys.exit(1)", "^ANECCompile failed$"),
        ("sys.exit(1)", "gave no reason"),
        (f"os.kill(os.getpid(), {int(signal.SIGKILL)})", f"crashed with signal {int(signal.SIGKILL)}"),
    ],
)
def test_a_failure_has_a_reason(code: str, reason: str) -> None:
    with pytest.raises(RuntimeError, match=reason):
        run_compiler(child(code))


def test_a_compiler_that_hangs_is_given_up() -> None:
    with pytest.raises(TimeoutError, match=r"did not end within 0\.2 s"):
        run_compiler(child("time.sleep(600)"), timeout=0.2)


@on_linux
@pytest.mark.parametrize("name", VARIANTS)
def test_where_there_is_no_core_ml_nothing_is_left_behind(name: str, tmp_path: Path) -> None:
    plugin = CoreMlPlugin(plugin_context("coreml", tmp_path), MAC)
    (provider,) = (item for item in plugin.kokoro_providers() if item.name == name)
    with pytest.raises(RuntimeError, match=r"^the installed onnxruntime has no CoreMLExecutionProvider"):
        provider.open(small(tmp_path / "small.onnx"), SessionOptions(2, tmp_path / "compiled"))
    (folder,) = (item for item in (tmp_path / "compiled").glob(f"{name}-*/*") if item.is_dir())
    assert [item.name for item in folder.iterdir()] == [".lock"]


@on_linux
def test_what_is_no_graph_is_refused(tmp_path: Path) -> None:
    (tmp_path / "junk.onnx").write_bytes(b"This is no graph.")
    with pytest.raises(RuntimeError, match=r"(?i)pars|protobuf|decod"):
        load_or_compile(ANE, tmp_path / "junk.onnx", tmp_path / "coreml-ane-1" / "digest")


@pytest.mark.parametrize("share", [0.98, None])
def test_what_is_compiled_is_not_compiled_again(tmp_path: Path, share: float | None) -> None:
    folder = tmp_path / "coreml-ane-1" / "digest"
    folder.mkdir(parents=True)
    (folder / RESULT_FILE).write_text(json.dumps({"neural_engine": share}))
    found = load_or_compile(ANE, tmp_path / "later.onnx", folder)
    assert (found.share, found.graph) == (share, folder / GRAPH_FILE)
    assert load_or_compile(GPU, tmp_path / "later.onnx", folder).graph == tmp_path / "later.onnx"


@on_linux
def test_what_other_releases_compiled_is_removed(tmp_path: Path) -> None:
    """An update of macOS would leave 140 MB each time."""
    for name in ("coreml-ane-0.1-ort1.31-macos15.4", "coreml-ane-0.1-ort1.32-macos15.5", "coreml-gpu-0.1", "first-ab"):
        (tmp_path / name / "digest").mkdir(parents=True)
    with pytest.raises(RuntimeError):
        load_or_compile(ANE, small(tmp_path / "small.onnx"), tmp_path / "coreml-ane-0.1-ort1.32-macos15.5" / "digest")
    left = sorted(item.name for item in tmp_path.iterdir() if item.is_dir())
    assert left == ["coreml-ane-0.1-ort1.32-macos15.5", "coreml-gpu-0.1", "first-ab"]
