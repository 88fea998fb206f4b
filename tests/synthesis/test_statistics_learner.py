from __future__ import annotations

import signal
import time
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.waiting import block_until
from wyoming_kokoro.model.builtin import builtin_statistics, builtin_styles
from wyoming_kokoro.model.styles import Styles
from wyoming_kokoro.synthesis.statistics_learner import RESULT_FILE, StatisticsLearner

pytestmark = pytest.mark.model
LEARN_TIMEOUT_SECONDS = 800


@pytest.fixture(scope="module")
def blend(tmp_path_factory: pytest.TempPathFactory) -> Styles:
    """A custom voice halfway between two built-in voices."""
    builtin = builtin_styles()
    file = tmp_path_factory.mktemp("voices") / "voices.bin"
    with file.open("wb") as stream:
        np.savez(stream, af_blend=(builtin.all("af_heart") + builtin.all("af_bella"))[:, None, :] / 2)
    return Styles.from_file(file)


@pytest.fixture(scope="module")
def folder(stages_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared model whose folder this module may write to."""
    folder = tmp_path_factory.mktemp("stages")
    for file in stages_folder.iterdir():
        if file.is_file():
            (folder / file.name).symlink_to(file)
    return folder


@pytest.mark.slow  # the child process has the lowest priority
def test_learned_voice_is_stored_and_learned_again_if_damaged(folder: Path, blend: Styles) -> None:
    statistics = builtin_statistics(blend)
    learner = StatisticsLearner(folder, blend, {"af_blend": "en-US"}, statistics)
    learner.request("af_blend")
    learner.request("af_blend")
    deadline = time.monotonic() + LEARN_TIMEOUT_SECONDS
    while not statistics.has("af_blend") and time.monotonic() < deadline:
        time.sleep(0.2)
    learner.close()
    assert statistics.has("af_blend")

    stored = builtin_statistics(blend)
    StatisticsLearner(folder, blend, {"af_blend": "en-US"}, stored).close()
    assert stored.has_learned("af_blend")

    (learned,) = (folder / "learned").iterdir()
    (learned / RESULT_FILE).write_bytes(b"")  # damaged, as after a power cut
    damaged = builtin_statistics(blend)
    StatisticsLearner(folder, blend, {"af_blend": "en-US"}, damaged).close()
    assert not damaged.has("af_blend")


def test_blends_outside_the_configuration_are_not_learned(tmp_path: Path) -> None:
    builtin = builtin_styles()
    learner = StatisticsLearner(tmp_path, builtin, {"af_bella+af_heart": "en-US"}, builtin_statistics(builtin))
    for weight in range(2, 50):
        learner.request(f"af_bella*{weight}+af_heart")
    learner.close()
    assert list(tmp_path.iterdir()) == []


def test_closing_stops_the_child_process(stages_folder: Path, tmp_path: Path, blend: Styles) -> None:
    for file in stages_folder.iterdir():
        if file.is_file():
            (tmp_path / file.name).symlink_to(file)
    statistics = builtin_statistics(blend)
    learner = StatisticsLearner(tmp_path, blend, {"af_blend": "en-US"}, statistics)
    learner.request("af_blend")
    block_until(lambda: learner._children._running)
    (child,) = learner._children._running
    learner.close()
    assert child.returncode == -signal.SIGKILL
    assert not statistics.has("af_blend")
    assert list((tmp_path / "learned").iterdir()) == []


def test_voice_that_cannot_be_learned_is_logged(
    tmp_path: Path, blend: Styles, caplog: pytest.LogCaptureFixture
) -> None:
    learner = StatisticsLearner(tmp_path, blend, {"af_blend": "en-US"}, builtin_statistics(blend))
    learner.request("af_blend")
    block_until(lambda: "Cannot learn voice af_blend" in caplog.text)
    learner.close()
