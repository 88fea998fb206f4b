"""A voice of somebody's own becomes known in the background, once."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from wyoming_kokoro.model.builtin import builtin_statistics, builtin_styles
from wyoming_kokoro.model.styles import Styles
from wyoming_kokoro.synthesis.statistics_learner import StatisticsLearner

pytestmark = pytest.mark.model
PATIENCE = 800


@pytest.fixture(scope="module")
def blend(tmp_path_factory: pytest.TempPathFactory) -> Styles:
    """A voice between two of ours."""
    own = builtin_styles()
    file = tmp_path_factory.mktemp("voices") / "voices.bin"
    with file.open("wb") as stream:
        np.savez(stream, af_blend=(own.all("af_heart") + own.all("af_bella"))[:, None, :] / 2)
    return Styles.from_file(file)


@pytest.fixture(scope="module")
def folder(stages_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared model of this module's own."""
    folder = tmp_path_factory.mktemp("stages")
    for file in stages_folder.iterdir():
        if file.is_file():
            (folder / file.name).symlink_to(file)
    return folder


@pytest.mark.timeout(900)  # learning gives way to everything else that the machine has to do
def test_a_blend_is_learned_and_kept(folder: Path, blend: Styles) -> None:
    statistics = builtin_statistics(blend)
    learner = StatisticsLearner(folder, blend, {"af_blend": "en-US"}, statistics)
    learner.request("af_blend")
    learner.request("af_blend")
    deadline = time.monotonic() + PATIENCE
    while not statistics.has("af_blend") and time.monotonic() < deadline:
        time.sleep(0.2)
    learner.close()
    assert statistics.has("af_blend")

    again = builtin_statistics(blend)
    StatisticsLearner(folder, blend, {"af_blend": "en-US"}, again).close()
    assert again.has_learned("af_blend")

    (learned,) = (folder / "learned").glob("*.npz")
    learned.write_bytes(b"")  # as after a power cut
    once_more = builtin_statistics(blend)
    StatisticsLearner(folder, blend, {"af_blend": "en-US"}, once_more).close()
    assert not once_more.has("af_blend")
    assert not learned.exists()


def test_blends_that_nobody_configured_are_not_learned(tmp_path: Path) -> None:
    """Whoever asks for endless blends gives the learner no work, and leaves nothing on the disk."""
    own = builtin_styles()
    learner = StatisticsLearner(tmp_path, own, {"af_bella+af_heart": "en-US"}, builtin_statistics(own))
    for weight in range(2, 50):
        learner.request(f"af_bella*{weight}+af_heart")
    learner.close()
    assert list(tmp_path.iterdir()) == []


def test_closing_ends_what_is_half_learned(stages_folder: Path, tmp_path: Path, blend: Styles) -> None:
    for file in stages_folder.iterdir():
        if file.is_file():
            (tmp_path / file.name).symlink_to(file)
    statistics = builtin_statistics(blend)
    learner = StatisticsLearner(tmp_path, blend, {"af_blend": "en-US"}, statistics)
    learner.request("af_blend")
    time.sleep(1.5)
    begun = time.monotonic()
    learner.close()
    assert time.monotonic() - begun < 3
    assert not statistics.has("af_blend")
    assert list((tmp_path / "learned").glob("*.npz")) == []


def test_what_cannot_be_learned_is_a_warning(tmp_path: Path, blend: Styles, caplog: pytest.LogCaptureFixture) -> None:
    learner = StatisticsLearner(tmp_path, blend, {"af_blend": "en-US"}, builtin_statistics(blend))
    learner.request("af_blend")
    deadline = time.monotonic() + 30
    while "cannot be learned" not in caplog.text and time.monotonic() < deadline:
        time.sleep(0.1)
    learner.close()
    assert "af_blend cannot be learned" in caplog.text
