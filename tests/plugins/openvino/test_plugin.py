"""OpenVINO: the precision it gets, its sound, its memory, and that it sends no telemetry."""

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

from tests.helpers.synthesis.cpu_sessions import open_on_cpu
from tests.helpers.synthesis.trials import run_trials
from wyoming_kokoro import Array, ConfigError, PluginUnavailable, Provider, SessionOptions
from wyoming_kokoro.inference.pipeline import ModelPipeline
from wyoming_kokoro.inference.selection import ProviderSelector
from wyoming_kokoro.model.builtin import builtin_styles
from wyoming_kokoro.onnx import instruction_sets
from wyoming_kokoro.preparation.store import LATER_WINDOW_FILE, fix_shapes
from wyoming_kokoro.scheduling.scheduler import Scheduler
from wyoming_kokoro.testing import check_provider, plugin_context
from wyoming_kokoro.trials.trial import VocoderTrial
from wyoming_kokoro_openvino import OpenVinoPlugin, fastest_precision

try:
    VERSION = metadata.version("openvino")
except metadata.PackageNotFoundError:
    VERSION = ""
needs_openvino = pytest.mark.skipif(not VERSION, reason="OpenVINO is not installed: pip install openvino")

PHONEMES = "ðə fɹˈʌnt dˈoːɹ ɪz lˈɑːkt, ænd ðə lˈaɪts ɑːɹ ˈɔf."
AVX2 = "fpu sse4_2 avx2"
# The signal-to-noise ratio in dB that the sound must have, with the sound of float as the signal.
MIN_SNR_DB = {"float": 60, "bfloat16": 30, "int8": 15, "mixed": 15}

# Checks the provider, and prints what a user might notice of OpenVINO beside that.
CONTRACT_PROGRAM = """
import json, sys, threading
from pathlib import Path

network_calls = []
calls = ("socket.getaddrinfo", "socket.gethostbyname", "socket.connect", "socket.sendto")
sys.addaudithook(lambda event, _: network_calls.append(event) if event in calls else None)

from wyoming_kokoro.testing import check_provider, plugin_context
from wyoming_kokoro_openvino import OpenVinoPlugin

(provider,) = OpenVinoPlugin(plugin_context("openvino", Path(sys.argv[1]))).kokoro_providers()
is_imported_early = "openvino" in sys.modules
problem = check_provider(provider, Path(sys.argv[1], "graphs"))
telemetry = [name for name in sys.modules if "telemetry" in name]
threads = [thread.name for thread in threading.enumerate()]
print(json.dumps([is_imported_early, problem, telemetry, threads, network_calls]))
"""
# Prints the resident memory before a session is open, while it is open, and after it is closed.
MEMORY_PROGRAM = """
import json, sys
from pathlib import Path

import psutil
from wyoming_kokoro_openvino.session import OpenVinoSession

resident = [psutil.Process().memory_info().rss]
session = OpenVinoSession(Path(sys.argv[1]), 2)
resident.append(psutil.Process().memory_info().rss)
session.close()
resident.append(psutil.Process().memory_info().rss)
print(json.dumps(resident))
"""


def durations(stages: ModelPipeline) -> Array:
    """Return the length of each token of a sentence, in frames."""
    return stages.predict_prosody(PHONEMES, builtin_styles().row("af_heart", len(PHONEMES)), 1.0).durations


def run_program(program: str, argument: Path, **environment: str) -> Any:
    """Return the JSON that `program` prints in a process of its own."""
    command = [sys.executable, "-c", program, str(argument)]
    child = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})
    assert child.returncode == 0, child.stderr
    return json.loads(child.stdout)


def provider_of(folder: Path, **table: str) -> Provider:
    (provider,) = OpenVinoPlugin(plugin_context("openvino", folder, table)).kokoro_providers()
    return provider


@pytest.mark.parametrize(
    ("names", "precision"),
    [
        (f"{AVX2} avx512_vnni avx512_bf16", "mixed"),
        (f"{AVX2} avx512_vnni amx_bf16 amx_int8", "mixed"),
        (f"{AVX2} avx512_vnni", "int8"),
        (AVX2, "int8"),
        ("fpu sse4_2 avx", "float"),
        ("fp asimd asimddp i8mm bf16", "float"),
    ],
)
def test_precision_is_the_fastest_for_the_cpu(names: str, precision: str) -> None:
    assert fastest_precision(frozenset(names.split())) == precision


def test_plugin_is_unavailable_without_openvino(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(PluginUnavailable, match=r"pip install 'wyoming-kokoro\[openvino\]'"):
        OpenVinoPlugin(plugin_context("openvino", tmp_path))


def test_unknown_precision_is_a_configuration_error(tmp_path: Path) -> None:
    """The settings are read first, so this also holds where OpenVINO is not installed."""
    with pytest.raises(ConfigError, match=r"plugins\.openvino\.precision"):
        OpenVinoPlugin(plugin_context("openvino", tmp_path, {"precision": "float16"}))


@needs_openvino
@pytest.mark.parametrize("precision", MIN_SNR_DB)
def test_configured_precision_is_used(tmp_path: Path, precision: str) -> None:
    provider = provider_of(tmp_path, precision=precision)
    assert (provider.name, provider.precision, provider.version) == ("openvino", precision, VERSION)
    assert (provider.unavailable_reason, provider.opens_quickly, provider.fixed_shapes) == (None, False, True)


@needs_openvino
def test_default_precision_depends_on_the_cpu(tmp_path: Path) -> None:
    assert provider_of(tmp_path).precision == fastest_precision(instruction_sets())


@needs_openvino
@pytest.mark.parametrize("precision", MIN_SNR_DB)
def test_provider_meets_the_contract_in_every_precision(tmp_path: Path, precision: str) -> None:
    assert check_provider(provider_of(tmp_path, precision=precision), tmp_path / "graphs") is None


@needs_openvino
def test_openvino_sends_no_telemetry(tmp_path: Path) -> None:
    """Its converter otherwise resolves Google's address, starts a thread and writes a folder into the home."""
    home = tmp_path / "home"
    home.mkdir()
    printed = run_program(CONTRACT_PROGRAM, tmp_path, HOME=str(home))
    is_imported_early, problem, telemetry, threads, network_calls = printed
    assert not is_imported_early
    assert problem is None
    assert (telemetry, threads, network_calls) == ([], ["MainThread"], [])
    assert list(home.iterdir()) == []


@needs_openvino
@pytest.mark.model
@pytest.mark.parametrize(("precision", "min_snr_db"), MIN_SNR_DB.items())
def test_sentence_sounds_like_float(stages: ModelPipeline, tmp_path: Path, precision: str, min_snr_db: float) -> None:
    session = stages.open_vocoder(provider_of(tmp_path, precision=precision), 2)
    trial = VocoderTrial(stages, stages.vocoder, session)
    for _ in trial.units():
        pass
    session.close()
    assert trial.snr_db >= min_snr_db


@needs_openvino
@pytest.mark.model
async def test_albert_runs_on_openvino_when_it_is_configured(stages_folder: Path, tmp_path: Path) -> None:
    """The plugin does not offer ALBERT, which is slower than int8 on the CPU; the durations are nearly the same."""
    cpu = Provider("cpu", 10, "int8", open_on_cpu)
    provider = replace(await asyncio.to_thread(provider_of, tmp_path), stages=frozenset({"albert"}))
    selector = ProviderSelector(provider.name)
    stages = await asyncio.to_thread(
        ModelPipeline, stages_folder, [cpu], SessionOptions(2, tmp_path), selector=selector
    )
    before = await asyncio.to_thread(durations, stages)
    async with Scheduler() as scheduler:
        await run_trials(scheduler, stages, tmp_path, provider)
    assert "albert" in stages.precision
    after = await asyncio.to_thread(durations, stages)
    await asyncio.to_thread(stages.close)
    # One side computes in float, the other in int8.
    assert np.count_nonzero(before != after) <= 0.1 * len(before)
    assert np.abs(before - after).max() <= 1


@needs_openvino
@pytest.mark.model
def test_closed_session_frees_its_memory(stages_folder: Path) -> None:
    """At least half of about 200 MB is freed. OpenVINO keeps the rest for the next session."""
    before, open_, closed = run_program(MEMORY_PROGRAM, fix_shapes(stages_folder, "float") / LATER_WINDOW_FILE)
    assert open_ - before > 100_000_000
    assert closed - before < (open_ - before) / 2
