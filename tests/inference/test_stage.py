"""A stage runs on the provider that is chosen, and on another when that one fails."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.fake_sessions import (
    Answering,
    Echoing,
    Failing,
    FakeSelector,
    ObservedChanges,
    fed,
    opened,
    provider,
    stage,
)
from wyoming_kokoro import DevicePlacement, Session, SessionOptions, StartupError, SynthesisFailed
from wyoming_kokoro.api.observations import AcceleratorShare, Inference, ProviderSwitched
from wyoming_kokoro.inference.stage import OpenSession, Stage
from wyoming_kokoro.model.manifest import NEXT, WINDOW


def broken(file: Path, options: SessionOptions) -> Session:
    raise RuntimeError("no such device")


def names(stage: Stage) -> list[str]:
    return [item.provider.name for item in stage.open_sessions]


def answers(stage: Stage, *windows: int) -> list[float]:
    """Return what is answered to windows of so many frames."""
    return [float(stage.run(fed(frames))["out"][0]) for frames in windows]


# Opening


def test_the_first_usable_provider_is_used(tmp_path: Path) -> None:
    """A provider that cannot be used here, or cannot open the file, is passed over."""
    gpu = replace(provider("gpu"), open=broken)
    whole = stage(tmp_path, provider("ane", unavailable_reason="needs macOS"), gpu, provider("cpu", Answering(3)))
    assert whole.run({})["out"] == [3]
    assert names(whole) == ["cpu"]


def test_one_that_takes_long_or_wants_fixed_windows_is_not_waited_for(tmp_path: Path) -> None:
    """It is opened in the background, and brought when it is."""
    providers = provider("gpu", opens_quickly=False), provider("npu", fixed_shapes=True), provider("cpu")
    assert names(stage(tmp_path, *providers)) == ["cpu"]
    with pytest.raises(StartupError, match="none is usable"):
        stage(tmp_path, *providers[:2])


def test_no_provider_left_is_one_clear_error(tmp_path: Path) -> None:
    """When no provider can open the stage, the error names each and its reason."""
    with pytest.raises(StartupError, match="gpu: no such device; npu: no such device"):
        stage(tmp_path, replace(provider("gpu"), open=broken), replace(provider("npu"), open=broken))


def test_a_provider_is_given_the_form_of_its_precision(tmp_path: Path) -> None:
    """A form that was not prepared is no obstacle."""
    (tmp_path / "vocoder.int8.onnx").touch()
    files = []

    def noting(file: Path, options: SessionOptions) -> Session:
        files.append(file.name)
        return Answering()

    for precision in ("int8", "float"):
        stage(tmp_path, replace(provider("cpu"), precision=precision, open=noting))
    assert files == ["vocoder.int8.onnx", "vocoder.onnx"]


# Failing


def test_a_provider_that_fails_at_run_time_is_replaced_without_losing_the_run(tmp_path: Path) -> None:
    """The run in which the only open provider fails is answered by the next one."""
    whole = stage(tmp_path, provider("gpu", Failing(2)), provider("cpu", Answering(9)))
    assert [int(whole.run({})["out"][0]) for _ in range(4)] == [1, 0, 9, 9]
    assert names(whole) == ["cpu"]


def test_one_that_is_open_already_answers_the_same_feeds(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    selector = FakeSelector("gpu")
    vocoder = stage(tmp_path, provider("cpu", Echoing()), selector=selector)
    vocoder.add_session(opened("gpu", Failing(0), rank=9))
    feeds = {**fed(16), "source": np.arange(6.0)}
    made = vocoder.run(feeds)
    assert made.keys() == feeds.keys()
    assert all(made[name] is feeds[name] for name in feeds)
    assert [(run.provider, run.seconds is None) for run in selector.runs] == [("gpu", True), ("cpu", False)]
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING] == [
        "Provider gpu failed on vocoder.onnx (error code -1)"
    ]
    assert names(vocoder) == ["gpu", "cpu"], "whether it is tried again is for the selector to say"


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_what_is_no_number_is_a_failure(tmp_path: Path, number: float) -> None:
    vocoder = stage(tmp_path, provider("cpu", Answering(3)), selector=FakeSelector("gpu"))
    vocoder.add_session(opened("gpu", Answering(number), rank=9))
    assert answers(vocoder, 16) == [3]
    vocoder.remove_session("cpu")
    with pytest.raises(SynthesisFailed):
        vocoder.run(fed(16))


def test_what_is_carried_is_not_looked_at(tmp_path: Path) -> None:
    """It is large, and what is wrong with it is heard in the next window."""
    carried = {f"carried_0{NEXT}": np.array([np.nan])}
    assert stage(tmp_path, provider("cpu", Echoing())).run(carried) == carried


def test_the_last_provider_s_own_error_is_told(tmp_path: Path) -> None:
    """When every provider fails at run time, the error of the last comes through."""
    whole = stage(tmp_path, provider("cpu", Failing(0)))
    with pytest.raises(RuntimeError, match="error code -1"):
        whole.run({})
    whole.add_session(opened("gpu", Answering(np.nan), rank=9))
    with pytest.raises(RuntimeError, match="error code -1"):
        whole.run({})


# Adopting and dismissing


def test_providers_come_and_go(tmp_path: Path) -> None:
    vocoder = stage(tmp_path, provider("cpu", Answering(1), rank=10))
    vocoder.add_session(opened("gpu", Answering(2), rank=50))
    vocoder.add_session(opened("npu", Answering(3), rank=30))
    assert names(vocoder) == ["gpu", "npu", "cpu"]
    assert answers(vocoder, 16) == [2]
    vocoder.remove_session("gpu")
    assert names(vocoder) == ["npu", "cpu"]
    assert answers(vocoder, 16) == [3]
    vocoder.remove_session("gpu")
    assert names(vocoder) == ["npu", "cpu"]


def test_one_that_is_opened_anew_takes_its_own_place(tmp_path: Path) -> None:
    vocoder = stage(tmp_path, provider("cpu", Answering(1)))
    vocoder.add_session(opened("cpu", Answering(2), 0.05))
    assert names(vocoder) == ["cpu"]
    assert vocoder.open_sessions[0].window_seconds == {WINDOW: 0.05}
    assert answers(vocoder, 16) == [2]


def test_all_that_is_open_is_closed(tmp_path: Path) -> None:
    cpu, gpu, dismissed = Answering(), Answering(), Answering()
    vocoder = stage(tmp_path, provider("cpu", cpu))
    vocoder.add_session(opened("gpu", gpu))
    vocoder.add_session(opened("npu", dismissed))
    vocoder.remove_session("npu")
    vocoder.close()
    assert [session.is_closed for session in (cpu, gpu, dismissed)] == [True, True, False]


# FakeSelector


def test_the_selector_is_obeyed_and_told(tmp_path: Path) -> None:
    selector = FakeSelector("cpu")
    vocoder = stage(tmp_path, provider("cpu", Answering(1)), selector=selector)
    vocoder.add_session(opened("gpu", Answering(2), 0.02, rank=9))
    assert answers(vocoder, 16) == [1]
    selector.wanted = "gpu"
    assert answers(vocoder, 8) == [2]
    assert selector.questions == [
        ("vocoder", 16, {"gpu": 0.02, "cpu": None}),
        ("vocoder", 8, {"gpu": 0.01, "cpu": None}),
    ]
    assert [(run.provider, run.stage, run.window) for run in selector.runs] == [
        ("cpu", "vocoder", 16),
        ("gpu", "vocoder", 8),
    ]
    assert all(run.seconds is not None and run.seconds >= 0 for run in selector.runs)


def test_whole_segments_have_no_measured_time(tmp_path: Path) -> None:
    """Their time depends on their length."""
    selector = FakeSelector()
    whole = stage(tmp_path, provider("cpu"), name="decoder.int8.onnx", selector=selector)
    whole.add_session(opened("cpu", seconds=0.02))
    whole.run({"frames": np.zeros((1, 2, 1, WINDOW))})
    assert selector.questions == [("decoder", 0, {"cpu": None})]
    assert [replace(run, seconds=0.0) for run in selector.runs] == [Inference("decoder", 0, "cpu", 0.0)]


def test_one_of_fixed_windows_is_offered_those_alone(tmp_path: Path) -> None:
    selector = FakeSelector("npu")
    vocoder = stage(tmp_path, provider("cpu", Answering(1)), selector=selector)
    vocoder.add_session(OpenSession(provider("npu", fixed_shapes=True, rank=9), Answering(2), {WINDOW: 0.01}, WINDOW))
    assert answers(vocoder, WINDOW, WINDOW - 4, 2 * WINDOW) == [2, 1, 1]
    assert [list(measured) for _, _, measured in selector.questions] == [["npu", "cpu"], ["cpu"], ["cpu"]]
    assert vocoder.run({})["out"] == [1]


def test_a_provider_may_have_a_session_for_each_size(tmp_path: Path) -> None:
    """Each is chosen, measured and dismissed by itself; what the floor takes is known for each size, too."""
    selector = FakeSelector("npu")
    albert = stage(tmp_path, provider("cpu", Answering(1)), selector=selector)
    for number, size in enumerate((32, 64), start=2):
        albert.add_session(OpenSession(provider("npu", rank=9), Answering(number), {size: size / 1000}, size))
    albert.add_session(replace(albert.open_sessions[-1], window_seconds={32: 0.05, 64: 0.08}))
    assert answers(albert, 32, 64, 128) == [2, 3, 1]
    assert [measured for _, _, measured in selector.questions] == [
        {"npu": 0.032, "cpu": 0.05},
        {"npu": 0.064, "cpu": 0.08},
        {"cpu": 0.16},
    ]
    albert.remove_session("npu", 32)
    assert answers(albert, 32, 64) == [1, 3]


def test_it_can_be_asked_what_would_be_chosen(tmp_path: Path) -> None:
    selector = FakeSelector("gpu")
    vocoder = stage(tmp_path, provider("cpu"), selector=selector)
    assert vocoder.selected_provider(WINDOW).name == "cpu"
    assert vocoder.would_select(provider("gpu", rank=9), WINDOW, 0.02)
    selector.wanted = "cpu"
    assert not vocoder.would_select(provider("gpu", rank=9), WINDOW, 0.02)
    assert selector.questions[1:] == 2 * [("vocoder", WINDOW, {"gpu": 0.02, "cpu": None})]
    assert list(selector.questions[1][2]) == ["gpu", "cpu"], "by their rank"
    assert not selector.runs


# Telling


def test_a_switch_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    selector, told = FakeSelector("cpu"), ObservedChanges()
    vocoder = stage(tmp_path, provider("cpu"), selector=selector, observe=told)
    vocoder.add_session(opened("gpu", rank=9))
    with caplog.at_level(logging.INFO):
        answers(vocoder, 16, 16, 8)
        selector.wanted = "gpu"
        answers(vocoder, 16, 16, 16)
    assert told == [ProviderSwitched("vocoder", 16, "cpu", "gpu")]
    messages = [record.getMessage() for record in caplog.records]
    assert messages == ["Provider switched for vocoder (window 16: cpu to gpu)"]
    answers(vocoder, 8)
    selector.wanted = "cpu"
    answers(vocoder, 16)
    assert told[1:] == [ProviderSwitched("vocoder", 8, "cpu", "gpu"), ProviderSwitched("vocoder", 16, "gpu", "cpu")]


def test_where_the_work_is_done_is_told_when_a_provider_takes_over(tmp_path: Path) -> None:
    """Once for each size of windows; of those whose plan is not known, nothing."""
    selector, told = FakeSelector("cpu"), ObservedChanges()
    vocoder = stage(tmp_path, provider("cpu"), selector=selector, observe=told)
    vocoder.add_session(replace(opened("ane", rank=9), placement=DevicePlacement("Neural Engine", 0.93)))
    answers(vocoder, 16)
    selector.wanted = "ane"
    answers(vocoder, 16, 16)
    selector.wanted = "cpu"
    answers(vocoder, 16)
    selector.wanted = "ane"
    answers(vocoder, 16, 8)
    assert [item for item in told if isinstance(item, AcceleratorShare)] == [
        AcceleratorShare("vocoder", 16, "ane", "Neural Engine", 0.93),
        AcceleratorShare("vocoder", 8, "ane", "Neural Engine", 0.93),
    ]
    assert told[:2] == [ProviderSwitched("vocoder", 16, "cpu", "ane"), told[1]]


def test_one_that_never_runs_is_not_told_of(tmp_path: Path) -> None:
    told = ObservedChanges()
    vocoder = stage(tmp_path, provider("cpu"), selector=FakeSelector("ane"), observe=told)
    vocoder.add_session(replace(opened("ane", Failing(0), rank=9), placement=DevicePlacement("Neural Engine", 0.93)))
    answers(vocoder, 16)
    assert told == []


def test_a_failure_is_a_switch_too(tmp_path: Path) -> None:
    told = ObservedChanges()
    vocoder = stage(tmp_path, provider("cpu"), selector=FakeSelector("gpu"), observe=told)
    vocoder.add_session(opened("gpu", Failing(1), rank=9))
    answers(vocoder, 16, 16, 16)
    assert told == [ProviderSwitched("vocoder", 16, "gpu", "cpu")]


def test_the_precision_is_that_of_all_that_speak(tmp_path: Path) -> None:
    """What is kept of mixed classes must not stand for either."""
    selector = FakeSelector("cpu")
    vocoder = stage(tmp_path, replace(provider("cpu"), precision="int8"), selector=selector)
    vocoder.add_session(opened("gpu", rank=9))
    answers(vocoder, 16)
    assert vocoder.precision == "int8"
    selector.wanted = "gpu"
    answers(vocoder, 8)
    assert vocoder.precision == "float+int8"
    answers(vocoder, 16)
    assert vocoder.precision == "float"
