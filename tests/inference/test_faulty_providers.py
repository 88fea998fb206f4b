"""A provider that fails in the middle of a sentence, in its own process, with the real model."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.fake_clock import FakeClock
from tests.helpers.synthesis.cpu_sessions import open_on_cpu
from tests.helpers.waiting import block_until
from tools.providers.faulty_provider import FAULTS, faulty_provider
from wyoming_kokoro import Provider, SessionOptions
from wyoming_kokoro.api.observations import Inference
from wyoming_kokoro.inference import process_session, stage
from wyoming_kokoro.inference.fixed_windows import FixedWindows
from wyoming_kokoro.inference.pacing import PlaybackPacer
from wyoming_kokoro.inference.pipeline import ModelPipeline
from wyoming_kokoro.inference.process_session import ProcessSession
from wyoming_kokoro.inference.selection import MAX_BACKOFF_SECONDS, ProviderSelector
from wyoming_kokoro.inference.stage import OpenSession
from wyoming_kokoro.inference.timeout_session import TimeoutSession
from wyoming_kokoro.model.builtin import builtin_statistics, builtin_styles
from wyoming_kokoro.model.manifest import WINDOW_FRAMES
from wyoming_kokoro.types import Samples

pytestmark = pytest.mark.model

PHONEMES, VOICE = "tˈaɪmɚ kˈænsəld.", "af_heart"
FAULTY_WINDOW = 3
FAULTY_RUNS = [fault for fault in FAULTS if fault not in ("flood", "leak")]
# Of full scale. Both providers compute in float.
MAX_DIFFERENCE = 1e-4


class FaultyPipeline:
    """Decodes a sentence on a faulty provider, which the CPU replaces."""

    def __init__(self, folder: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch, *, fixed_shapes: bool) -> None:
        self._monkeypatch = monkeypatch
        self.runs: list[Inference] = []
        self.clock = FakeClock()
        cpu = Provider("cpu", 10, "float", open_on_cpu)
        selector, options = ProviderSelector("faulty", self.clock), SessionOptions(2, folder / "compiled")
        self._pipeline = ModelPipeline(folder, [cpu], options, selector=selector, observe=self._observe)
        self.expected = self.decode()
        self._trigger = scratch / "fault"
        provider = faulty_provider(self._trigger, fixed_shapes=fixed_shapes)
        self.session = self._pipeline.open_vocoder(provider, 2)
        window = WINDOW_FRAMES if fixed_shapes else 0
        session = TimeoutSession(self.session, threading.TIMEOUT_MAX)
        self._item = OpenSession(provider, session, {WINDOW_FRAMES: 0.001}, window)
        self._pipeline.vocoder.add_session(self._item)

    def _observe(self, observation: object) -> None:
        if isinstance(observation, Inference) and observation.stage == "vocoder":
            self.runs.append(observation)

    def decode(self, fault: str = "") -> Samples:
        """Return the samples of the sentence. The fault happens in a window in the middle."""
        self.runs.clear()
        # A busy machine must not look like a provider that is late or hangs.
        self._monkeypatch.setattr(stage, "MIN_LATE_SECONDS", 60.0)
        self._monkeypatch.setattr(process_session, "TIMEOUT_SECONDS", 60.0)
        styles = builtin_styles()
        prosody = self._pipeline.predict_prosody(PHONEMES, styles.row(VOICE, len(PHONEMES)), 1.0)
        frames = self._pipeline.decode_frames(prosody)
        statistics = builtin_statistics(styles).predict(VOICE, self._pipeline.features(prosody, frames))
        stream = self._pipeline.start_vocoder(prosody, statistics, 0)
        samples = []
        # The selector counts the failures of each window size alone, so all windows have one size.
        windows = [window for window in PlaybackPacer.fixed_windows(0, frames.shape[1]) if window[1] <= frames.shape[1]]
        for number, (first, last) in enumerate(windows):
            if number == FAULTY_WINDOW and fault:
                self._trigger.write_text(fault)
                if "hang" in fault:
                    self._monkeypatch.setattr(stage, "MIN_LATE_SECONDS", 0.2)
                    self._monkeypatch.setattr(process_session, "TIMEOUT_SECONDS", 3.0)
            samples.append(stream.feed(frames[:, first:last]))
        return np.concatenate(samples)

    def wait_for_provider(self, fault: str) -> None:
        """Wait until the provider is open again and its back-off has passed."""
        self._wait_until_open()
        if "hang" in fault:
            # The failure of the late run is noticed in the next one.
            self.decode()
            assert not any(run.seconds for run in self.runs if run.provider == "faulty")
            self._wait_until_open()
        self.clock.now += 2 * MAX_BACKOFF_SECONDS

    def _wait_until_open(self) -> None:
        parts = [self.session._first, self.session._later] if isinstance(self.session, FixedWindows) else [self.session]
        block_until(lambda: not self._item.is_late)
        block_until(lambda: all(isinstance(part, ProcessSession) and part.is_running for part in parts))

    def close(self) -> None:
        self._pipeline.close()


@pytest.mark.parametrize(
    ("faults", "fixed_shapes"),
    [
        (("SIGSEGV", "NaN in the state"), False),
        pytest.param(FAULTY_RUNS, False, marks=pytest.mark.slow),
        pytest.param(FAULTY_RUNS, True, marks=pytest.mark.slow),
    ],
    ids=["two faults", "all faults", "all faults, windows of one size"],
)
def test_fault_costs_one_window_and_the_provider_returns(
    stages_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, faults: Sequence[str], fixed_shapes: bool
) -> None:
    for name in ("FIRST_BACKOFF_SECONDS", "MAX_BACKOFF_SECONDS"):
        monkeypatch.setattr(process_session, name, 0.01)
    faulty = FaultyPipeline(stages_folder, tmp_path, monkeypatch, fixed_shapes=fixed_shapes)
    with closing(faulty):
        for fault in faults:
            samples = faulty.decode(fault)
            assert samples.shape == faulty.expected.shape, fault
            assert np.abs(samples - faulty.expected).max() < MAX_DIFFERENCE < 0.1 < np.abs(samples).max(), fault
            runs = [(run.provider, run.seconds is not None) for run in faulty.runs]
            failure, on_cpu = ("faulty", False), runs.count(("cpu", True))
            assert on_cpu > 2
            if "hang" in fault:
                # A late run is no failure, but its process may be ended before the sentence is.
                runs = [run for run in runs if run != failure]
                runs.insert(FAULTY_WINDOW, failure)
            assert runs == [("faulty", True)] * FAULTY_WINDOW + [failure] + [("cpu", True)] * on_cpu, fault
            faulty.wait_for_provider(fault)
        faulty.decode()
        assert {run.provider for run in faulty.runs} == {"faulty"}
