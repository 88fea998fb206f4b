"""OpenVINO: which precision it is given, that it is right, and that it tells nobody."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wyoming_kokoro import Array, ConfigError, PluginUnavailable, Provider, SessionOptions
from wyoming_kokoro.inference.pipeline import ModelPipeline
from wyoming_kokoro.inference.selection import ProviderSelector
from wyoming_kokoro.inference.stage import SelectionPolicy
from wyoming_kokoro.model.builtin import builtin_styles
from wyoming_kokoro.onnx import open_onnx
from wyoming_kokoro.preparation.store import LATER, fix_shapes
from wyoming_kokoro.scheduling.idle import IdleTimer
from wyoming_kokoro.scheduling.scheduler import Scheduler
from wyoming_kokoro.testing import check_provider, plugin_context
from wyoming_kokoro.trials.results import TrialResults
from wyoming_kokoro.trials.runner import TrialRunner
from wyoming_kokoro.trials.trial import VocoderTrial
from wyoming_kokoro_openvino import OpenVino
from wyoming_kokoro_openvino.processor import best_for, best_precision

try:
    VERSION = metadata.version("openvino")
except metadata.PackageNotFoundError:
    VERSION = ""
needs_openvino = pytest.mark.skipif(not VERSION, reason="OpenVINO is not installed: pip install openvino")

PHONEMES = "ðə fɹˈʌnt dˈoːɹ ɪz lˈɑːkt, ænd ðə lˈaɪts ɑːɹ ˈɔf."
FLAGS = "flags\t\t: fpu sse4_2 avx2"
OLD = "flags\t\t: fpu sse4_2 avx"
PRECISIONS = {"float": 60, "bfloat16": 30, "int8": 15, "mixed": 15}
"""Decibels by which the sound is above its difference from float."""

ALONE = """
import json, sys, threading
from pathlib import Path

asked = []
calls = ("socket.getaddrinfo", "socket.gethostbyname", "socket.connect", "socket.sendto")
sys.addaudithook(lambda event, _: asked.append(event) if event in calls else None)

from wyoming_kokoro.testing import check_provider, plugin_context
from wyoming_kokoro_openvino import OpenVino

(provider,) = OpenVino(plugin_context("openvino", Path(sys.argv[1]))).kokoro_providers()
early = "openvino" in sys.modules
why_not = check_provider(provider, Path(sys.argv[1], "graphs"))
telling = [name for name in sys.modules if "telemetry" in name]
threads = [thread.name for thread in threading.enumerate()]
print(json.dumps([early, why_not, telling, threads, asked]))
"""
OPENED = """
import json, sys
from pathlib import Path

import psutil
from wyoming_kokoro_openvino.session import OpenVinoSession

taken = [psutil.Process().memory_info().rss]
session = OpenVinoSession(Path(sys.argv[1]), 2)
taken.append(psutil.Process().memory_info().rss)
session.close()
taken.append(psutil.Process().memory_info().rss)
print(json.dumps(taken))
"""


class Silent(IdleTimer):
    seconds = 3600.0


def durations(stages: ModelPipeline) -> Array:
    """Return how long each token of a sentence is, in frames."""
    return stages.prosody(PHONEMES, builtin_styles().row("af_heart", len(PHONEMES)), 1.0).durations


def in_a_process(program: str, argument: Path, **environment: str) -> Any:
    """Return what `program` prints, as JSON."""
    command = [sys.executable, "-c", program, str(argument)]
    child = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})
    assert child.returncode == 0, child.stderr
    return json.loads(child.stdout)


def provider_of(folder: Path, **table: str) -> Provider:
    (provider,) = OpenVino(plugin_context("openvino", folder, table)).kokoro_providers()
    return provider


@pytest.mark.parametrize(
    ("line", "precision"),
    [
        (f"{FLAGS} avx512_vnni avx512_bf16", "mixed"),
        (f"{FLAGS} avx512_vnni amx_bf16 amx_int8", "mixed"),
        (f"{FLAGS} avx512_vnni", "int8"),
        (f"{FLAGS} avx_vnni", "int8"),
        (FLAGS, "int8"),
        (OLD, "float"),
        ("Features\t: fp asimd asimddp i8mm bf16", "float"),
        ("model name\t: avx512_vnni avx512_bf16", "float"),
    ],
)
def test_the_precision_is_what_the_processor_multiplies_fast(line: str, precision: str) -> None:
    assert best_for(["processor\t: 0", line, line]) == precision


def test_without_openvino_the_plugin_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(PluginUnavailable, match=r"pip install 'wyoming-kokoro\[openvino\]'"):
        OpenVino(plugin_context("openvino", tmp_path))


def test_other_precisions_are_refused(tmp_path: Path) -> None:
    """Also where OpenVINO is not installed: a misspelt setting is one anywhere."""
    with pytest.raises(ConfigError, match=r"plugins\.openvino\.precision"):
        OpenVino(plugin_context("openvino", tmp_path, {"precision": "float16"}))


@needs_openvino
@pytest.mark.parametrize("wanted", PRECISIONS)
def test_the_owner_decides(tmp_path: Path, wanted: str) -> None:
    provider = provider_of(tmp_path, precision=wanted)
    assert (provider.name, provider.precision, provider.version) == ("openvino", wanted, VERSION)
    assert (provider.unavailable_reason, provider.opens_quickly, provider.fixed_shapes) == (None, False, True)


@needs_openvino
def test_else_the_processor_does(tmp_path: Path) -> None:
    assert provider_of(tmp_path).precision == best_precision()


@needs_openvino
@pytest.mark.parametrize("precision", PRECISIONS)
def test_it_keeps_the_contract_in_every_precision(tmp_path: Path, precision: str) -> None:
    assert check_provider(provider_of(tmp_path, precision=precision), tmp_path / "graphs") is None


@needs_openvino
def test_nobody_is_told_that_it_is_used(tmp_path: Path) -> None:
    """OpenVINO by itself asks for Google's address, from a thread, and leaves a folder in the owner's home."""
    home = tmp_path / "home"
    home.mkdir()
    early, why_not, telling, threads, asked = in_a_process(ALONE, tmp_path, HOME=str(home))
    assert not early, "the plugin imports OpenVINO before it is needed"
    assert why_not is None
    assert (telling, threads, asked) == ([], ["MainThread"], [])
    assert list(home.iterdir()) == []


@needs_openvino
@pytest.mark.model
@pytest.mark.parametrize(("precision", "decibels"), PRECISIONS.items())
def test_a_sentence_sounds_as_it_should(stages: ModelPipeline, tmp_path: Path, precision: str, decibels: float) -> None:
    session = stages.open_vocoder(provider_of(tmp_path, precision=precision), 2)
    trial = VocoderTrial(stages, stages.vocoder, session)
    for _ in trial.steps():
        pass
    session.close()
    assert trial.snr_db >= decibels


@needs_openvino
@pytest.mark.model
async def test_it_reads_texts_where_the_owner_wants_it(stages_folder: Path, tmp_path: Path) -> None:
    """It does not offer that, being slower there than int8 on the processor; what it says is the same."""
    cpu = Provider("cpu", 10, "int8", lambda file, options: open_onnx(file, ["CPUExecutionProvider"], options))
    reader = replace(provider_of(tmp_path), stages=frozenset({"albert"}))
    choice = SelectionPolicy(ProviderSelector(reader.name))
    stages = await asyncio.to_thread(ModelPipeline, stages_folder, [cpu], SessionOptions(2, tmp_path), choice)
    before = await asyncio.to_thread(durations, stages)
    async with Scheduler() as engine:
        await TrialRunner(stages, [reader], await asyncio.to_thread(TrialResults, tmp_path), 2).run(engine, Silent())
    assert "albert" in stages.precision
    after = await asyncio.to_thread(durations, stages)
    await asyncio.to_thread(stages.close)
    assert np.count_nonzero(before != after) <= 0.1 * len(before), "float against int8"
    assert np.abs(before - after).max() <= 1


@needs_openvino
@pytest.mark.model
def test_what_is_closed_takes_no_memory(stages_folder: Path) -> None:
    """Of some 200 MB, half at least is given back at once; what OpenVINO takes but once stays."""
    before, opened, closed = in_a_process(OPENED, fix_shapes(stages_folder, "float") / LATER)
    assert opened - before > 100_000_000
    assert closed - before < (opened - before) / 2
