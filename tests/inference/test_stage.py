from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.synthesis.fake_sessions import (
    ConstantSession,
    EchoSession,
    FailingSession,
    FakeSelector,
    ObservedChanges,
    open_session,
    provider,
    stage,
    window_feeds,
)
from wyoming_kokoro import DevicePlacement, Session, SessionOptions, StartupError, SynthesisFailed
from wyoming_kokoro.api.observations import AcceleratorShare, Inference, ProviderSwitched
from wyoming_kokoro.inference.stage import OpenSession, Stage
from wyoming_kokoro.model.manifest import NEXT_SUFFIX, WINDOW_FRAMES


def broken(file: Path, options: SessionOptions) -> Session:
    raise RuntimeError("no such device")


def names(stage: Stage) -> list[str]:
    return [item.provider.name for item in stage.open_sessions]


def run_windows(stage: Stage, *windows: int) -> list[float]:
    """Return the outputs for windows of these sizes."""
    return [float(stage.run(window_feeds(frames))["out"][0]) for frames in windows]


# Opening


def test_first_usable_provider_is_used(tmp_path: Path) -> None:
    gpu = replace(provider("gpu"), open=broken)
    whole = stage(tmp_path, provider("ane", unavailable_reason="needs macOS"), gpu, provider("cpu", ConstantSession(3)))
    assert whole.run({})["out"] == [3]
    assert names(whole) == ["cpu"]


def test_slow_or_fixed_shape_provider_is_not_opened_at_startup(tmp_path: Path) -> None:
    providers = provider("gpu", opens_quickly=False), provider("npu", fixed_shapes=True), provider("cpu")
    assert names(stage(tmp_path, *providers)) == ["cpu"]
    with pytest.raises(StartupError, match="none is usable"):
        stage(tmp_path, *providers[:2])


def test_error_names_each_provider_that_cannot_open(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match="gpu: no such device; npu: no such device"):
        stage(tmp_path, replace(provider("gpu"), open=broken), replace(provider("npu"), open=broken))


def test_provider_gets_the_file_of_its_precision_if_prepared(tmp_path: Path) -> None:
    (tmp_path / "vocoder.int8.onnx").touch()
    files = []

    def record_file(file: Path, options: SessionOptions) -> Session:
        files.append(file.name)
        return ConstantSession()

    for precision in ("int8", "float"):
        stage(tmp_path, replace(provider("cpu"), precision=precision, open=record_file))
    assert files == ["vocoder.int8.onnx", "vocoder.onnx"]


# Failures


def test_failed_provider_is_replaced_and_the_run_repeated(tmp_path: Path) -> None:
    whole = stage(tmp_path, provider("gpu", FailingSession(2)), provider("cpu", ConstantSession(9)))
    assert [int(whole.run({})["out"][0]) for _ in range(4)] == [1, 0, 9, 9]
    assert names(whole) == ["cpu"]


def test_another_open_provider_repeats_the_run_with_the_same_feeds(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    selector = FakeSelector("gpu")
    vocoder = stage(tmp_path, provider("cpu", EchoSession()), selector=selector)
    vocoder.add_session(open_session("gpu", FailingSession(0), priority=9))
    feeds = {**window_feeds(16), "source": np.arange(6.0)}
    outputs = vocoder.run(feeds)
    assert outputs.keys() == feeds.keys()
    assert all(outputs[name] is feeds[name] for name in feeds)
    assert [(run.provider, run.seconds is None) for run in selector.runs] == [("gpu", True), ("cpu", False)]
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING] == [
        "Provider gpu failed on vocoder.onnx (error code -1)"
    ]
    assert names(vocoder) == ["gpu", "cpu"], "the selector decides whether to try it again"


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_output_that_is_not_finite_is_a_failure(tmp_path: Path, number: float) -> None:
    vocoder = stage(tmp_path, provider("cpu", ConstantSession(3)), selector=FakeSelector("gpu"))
    vocoder.add_session(open_session("gpu", ConstantSession(number), priority=9))
    assert run_windows(vocoder, 16) == [3]
    vocoder.remove_session("cpu")
    with pytest.raises(SynthesisFailed):
        vocoder.run(window_feeds(16))


def test_state_that_is_not_finite_is_a_failure(tmp_path: Path) -> None:
    """Otherwise the state would spoil the next window on every provider."""
    state = {f"carried_0{NEXT_SUFFIX}": np.array([np.nan])}
    with pytest.raises(SynthesisFailed):
        stage(tmp_path, provider("cpu", EchoSession())).run(state)


def test_output_of_the_wrong_shape_is_a_failure(tmp_path: Path) -> None:
    selector = FakeSelector("gpu")
    vocoder = stage(
        tmp_path, provider("cpu", ConstantSession(3)), selector=selector, output_shapes=lambda _: {"out": (1,)}
    )
    vocoder.add_session(open_session("gpu", ConstantSession(3)))
    assert run_windows(vocoder, 16) == [3]
    vocoder.add_session(open_session("gpu", EchoSession(), priority=9))
    assert run_windows(vocoder, 16) == [3]
    assert [(run.provider, run.seconds is None) for run in selector.runs[1:]] == [("gpu", True), ("cpu", False)]
    vocoder._output_shapes = lambda _: {"out": (2,)}
    with pytest.raises(SynthesisFailed, match=r"returned out with the shape \(1,\), not \(2,\)"):
        vocoder.run(window_feeds(16))


def test_session_with_a_process_is_restarted_after_a_failure(tmp_path: Path) -> None:
    class RestartableSession(FailingSession):
        restarts = 0

        def restart(self) -> None:
            self.restarts += 1

    session = RestartableSession(1)
    vocoder = stage(tmp_path, provider("cpu", ConstantSession(3)), selector=FakeSelector("gpu"))
    vocoder.add_session(open_session("gpu", session, priority=9))
    assert run_windows(vocoder, 16, 16) == [0, 3]
    assert session.restarts == 1


def test_provider_with_a_process_of_its_own_is_not_opened_at_startup(tmp_path: Path) -> None:
    """It takes seconds, and the CPU must be open when the process fails."""
    vocoder = stage(tmp_path, provider("gpu", priority=9, process=True), provider("cpu"))
    assert names(vocoder) == ["cpu"]
    assert not vocoder._untried


def test_error_of_the_last_provider_is_raised(tmp_path: Path) -> None:
    whole = stage(tmp_path, provider("cpu", FailingSession(0)))
    with pytest.raises(RuntimeError, match="error code -1"):
        whole.run({})
    whole.add_session(open_session("gpu", ConstantSession(np.nan), priority=9))
    with pytest.raises(RuntimeError, match="error code -1"):
        whole.run({})


# Adding and removing


def test_sessions_are_added_and_removed_by_priority(tmp_path: Path) -> None:
    vocoder = stage(tmp_path, provider("cpu", ConstantSession(1), priority=10))
    vocoder.add_session(open_session("gpu", ConstantSession(2), priority=50))
    vocoder.add_session(open_session("npu", ConstantSession(3), priority=30))
    assert names(vocoder) == ["gpu", "npu", "cpu"]
    assert run_windows(vocoder, 16) == [2]
    vocoder.remove_session("gpu")
    assert names(vocoder) == ["npu", "cpu"]
    assert run_windows(vocoder, 16) == [3]
    vocoder.remove_session("gpu")
    assert names(vocoder) == ["npu", "cpu"]


def test_new_session_replaces_that_of_the_same_provider(tmp_path: Path) -> None:
    vocoder = stage(tmp_path, provider("cpu", ConstantSession(1)))
    vocoder.add_session(open_session("cpu", ConstantSession(2), 0.05))
    assert names(vocoder) == ["cpu"]
    assert vocoder.open_sessions[0].window_seconds == {WINDOW_FRAMES: 0.05}
    assert run_windows(vocoder, 16) == [2]


def test_close_closes_all_added_sessions(tmp_path: Path) -> None:
    cpu, gpu, removed = ConstantSession(), ConstantSession(), ConstantSession()
    vocoder = stage(tmp_path, provider("cpu", cpu))
    vocoder.add_session(open_session("gpu", gpu))
    vocoder.add_session(open_session("npu", removed))
    vocoder.remove_session("npu")
    vocoder.close()
    assert [session.is_closed for session in (cpu, gpu, removed)] == [True, True, False]


# Selection


def test_selected_provider_runs_and_the_selector_gets_the_result(tmp_path: Path) -> None:
    selector = FakeSelector("cpu")
    vocoder = stage(tmp_path, provider("cpu", ConstantSession(1)), selector=selector)
    vocoder.add_session(open_session("gpu", ConstantSession(2), 0.02, priority=9))
    assert run_windows(vocoder, 16) == [1]
    selector.wanted = "gpu"
    assert run_windows(vocoder, 8) == [2]
    assert selector.selections == [
        ("vocoder", 16, {"gpu": 0.02, "cpu": None}),
        ("vocoder", 8, {"gpu": 0.01, "cpu": None}),
    ]
    assert [(run.provider, run.stage, run.window) for run in selector.runs] == [
        ("cpu", "vocoder", 16),
        ("gpu", "vocoder", 8),
    ]
    assert all(run.seconds is not None and run.seconds >= 0 for run in selector.runs)


def test_whole_segments_have_no_expected_time(tmp_path: Path) -> None:
    """Their time depends on their length."""
    selector = FakeSelector()
    whole = stage(tmp_path, provider("cpu"), name="decoder.int8.onnx", selector=selector)
    whole.add_session(open_session("cpu", seconds=0.02))
    whole.run({"frames": np.zeros((1, 2, 1, WINDOW_FRAMES))})
    assert selector.selections == [("decoder", 0, {"cpu": None})]
    assert [replace(run, seconds=0.0) for run in selector.runs] == [Inference("decoder", 0, "cpu", 0.0)]


def test_fixed_size_provider_is_a_candidate_only_for_its_size(tmp_path: Path) -> None:
    selector = FakeSelector("npu")
    vocoder = stage(tmp_path, provider("cpu", ConstantSession(1)), selector=selector)
    vocoder.add_session(
        OpenSession(
            provider("npu", fixed_shapes=True, priority=9), ConstantSession(2), {WINDOW_FRAMES: 0.01}, WINDOW_FRAMES
        )
    )
    assert run_windows(vocoder, WINDOW_FRAMES, WINDOW_FRAMES - 4, 2 * WINDOW_FRAMES) == [2, 1, 1]
    assert [list(measured) for _, _, measured in selector.selections] == [["npu", "cpu"], ["cpu"], ["cpu"]]
    assert vocoder.run({})["out"] == [1]


def test_provider_can_have_a_session_for_each_window_size(tmp_path: Path) -> None:
    selector = FakeSelector("npu")
    albert = stage(tmp_path, provider("cpu", ConstantSession(1)), selector=selector)
    for number, size in enumerate((32, 64), start=2):
        albert.add_session(OpenSession(provider("npu", priority=9), ConstantSession(number), {size: size / 1000}, size))
    albert.add_session(replace(albert.open_sessions[-1], window_seconds={32: 0.05, 64: 0.08}))
    assert run_windows(albert, 32, 64, 128) == [2, 3, 1]
    assert [measured for _, _, measured in selector.selections] == [
        {"npu": 0.032, "cpu": 0.05},
        {"npu": 0.064, "cpu": 0.08},
        {"cpu": 0.16},
    ]
    albert.remove_session("npu", 32)
    assert run_windows(albert, 32, 64) == [1, 3]


def test_would_select_asks_the_selector_without_recording_a_run(tmp_path: Path) -> None:
    selector = FakeSelector("gpu")
    vocoder = stage(tmp_path, provider("cpu"), selector=selector)
    assert vocoder.selected_provider(WINDOW_FRAMES).name == "cpu"
    assert vocoder.would_select(provider("gpu", priority=9), WINDOW_FRAMES, 0.02)
    selector.wanted = "cpu"
    assert not vocoder.would_select(provider("gpu", priority=9), WINDOW_FRAMES, 0.02)
    assert selector.selections[1:] == 2 * [("vocoder", WINDOW_FRAMES, {"gpu": 0.02, "cpu": None})]
    assert list(selector.selections[1][2]) == ["gpu", "cpu"], "by priority"
    assert not selector.runs


# Observations


def test_provider_switch_is_observed_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    selector, changes = FakeSelector("cpu"), ObservedChanges()
    vocoder = stage(tmp_path, provider("cpu"), selector=selector, observe=changes)
    vocoder.add_session(open_session("gpu", priority=9))
    with caplog.at_level(logging.INFO):
        run_windows(vocoder, 16, 16, 8)
        selector.wanted = "gpu"
        run_windows(vocoder, 16, 16, 16)
    assert changes == [ProviderSwitched("vocoder", 16, "cpu", "gpu")]
    messages = [record.getMessage() for record in caplog.records]
    assert messages == ["Provider switched for vocoder (window 16: cpu to gpu)"]
    run_windows(vocoder, 8)
    selector.wanted = "cpu"
    run_windows(vocoder, 16)
    assert changes[1:] == [ProviderSwitched("vocoder", 8, "cpu", "gpu"), ProviderSwitched("vocoder", 16, "gpu", "cpu")]


def test_device_share_is_observed_once_for_each_window_size(tmp_path: Path) -> None:
    selector, changes = FakeSelector("cpu"), ObservedChanges()
    vocoder = stage(tmp_path, provider("cpu"), selector=selector, observe=changes)
    vocoder.add_session(replace(open_session("ane", priority=9), placement=DevicePlacement("Neural Engine", 0.93)))
    run_windows(vocoder, 16)
    selector.wanted = "ane"
    run_windows(vocoder, 16, 16)
    selector.wanted = "cpu"
    run_windows(vocoder, 16)
    selector.wanted = "ane"
    run_windows(vocoder, 16, 8)
    assert [item for item in changes if isinstance(item, AcceleratorShare)] == [
        AcceleratorShare("vocoder", 16, "ane", "Neural Engine", 0.93),
        AcceleratorShare("vocoder", 8, "ane", "Neural Engine", 0.93),
    ]
    assert changes[:2] == [ProviderSwitched("vocoder", 16, "cpu", "ane"), changes[1]]


def test_provider_that_never_runs_is_not_observed(tmp_path: Path) -> None:
    changes = ObservedChanges()
    vocoder = stage(tmp_path, provider("cpu"), selector=FakeSelector("ane"), observe=changes)
    vocoder.add_session(
        replace(open_session("ane", FailingSession(0), priority=9), placement=DevicePlacement("Neural Engine", 0.93))
    )
    run_windows(vocoder, 16)
    assert changes == []


def test_switch_after_a_failure_is_observed(tmp_path: Path) -> None:
    changes = ObservedChanges()
    vocoder = stage(tmp_path, provider("cpu"), selector=FakeSelector("gpu"), observe=changes)
    vocoder.add_session(open_session("gpu", FailingSession(1), priority=9))
    run_windows(vocoder, 16, 16, 16)
    assert changes == [ProviderSwitched("vocoder", 16, "gpu", "cpu")]


def test_precision_names_all_providers_in_use(tmp_path: Path) -> None:
    """Cached audio of mixed precision must not be used for either class."""
    selector = FakeSelector("cpu")
    vocoder = stage(tmp_path, replace(provider("cpu"), precision="int8"), selector=selector)
    vocoder.add_session(open_session("gpu", priority=9))
    run_windows(vocoder, 16)
    assert vocoder.precision == "int8"
    selector.wanted = "gpu"
    run_windows(vocoder, 8)
    assert vocoder.precision == "float+int8"
    run_windows(vocoder, 16)
    assert vocoder.precision == "float"
