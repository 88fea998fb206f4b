"""Windows of one size behave like windows of any size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pytest

from wyoming_kokoro.api.providers import DevicePlacement, Provider, Session
from wyoming_kokoro.inference.fixed_windows import FixedWindows
from wyoming_kokoro.inference.pipeline import ModelPipeline
from wyoming_kokoro.inference.stage import OpenSession
from wyoming_kokoro.inference.vocoder import StageRunner
from wyoming_kokoro.model.builtin import builtin_styles
from wyoming_kokoro.model.istft import InverseStft
from wyoming_kokoro.model.manifest import WINDOW
from wyoming_kokoro.onnx import open_onnx
from wyoming_kokoro.types import Array, Samples

pytestmark = pytest.mark.model

PHONEMES = "tˈaɪmɚ kˈænsəld."
FIXED = Provider(
    "fixed",
    9,
    "float",
    lambda file, options: open_onnx(file, ["CPUExecutionProvider"], options),
    opens_quickly=False,
    fixed_shapes=True,
)


@pytest.fixture(scope="module")
def session(stages: ModelPipeline) -> Iterator[Session]:
    opened = stages.open_vocoder(FIXED, 2)
    yield opened
    opened.close()


def decoded(stages: ModelPipeline, sizes: list[int], vocoder: StageRunner) -> tuple[Samples, Samples]:
    """Return an utterance in windows of `sizes`, the last repeated, and whole."""
    prosody = stages.predict_prosody(PHONEMES, builtin_styles().row("af_heart", len(PHONEMES)), 1.0)
    frames = stages.decode_frames(prosody)
    spectrum, mean, variance = stages.decode_whole(prosody, frames)
    decoding = stages.start_vocoder(prosody, (mean, variance), 0, vocoder)
    frames = np.pad(frames, ((0, 0), (0, stages.lag)), mode="edge")
    pieces: list[Samples] = []
    position = 0
    while position < frames.shape[1]:
        size = sizes[min(len(pieces), len(sizes) - 1)]
        pieces.append(decoding.feed(frames[:, position : position + size]))
        position += size
    return np.concatenate(pieces), InverseStft().feed(spectrum)


def test_an_utterance_whose_last_window_is_short_is_the_same(stages: ModelPipeline, session: Session) -> None:
    windowed, whole = decoded(stages, [WINDOW], session)
    assert np.abs(whole).max() > 0.1
    assert np.abs(windowed[: len(whole)] - whole).max() < 1e-4


def test_a_window_that_is_too_large_is_refused(stages: ModelPipeline, session: Session) -> None:
    with pytest.raises(ValueError, match="32 frames; this session takes at most 16"):
        decoded(stages, [WINDOW, 2 * WINDOW], session)


@pytest.mark.parametrize("sizes", [[16, 16, 32], [16, 8, 12, 16], [16]])
def test_another_provider_goes_on_in_the_middle_of_an_utterance(
    stages: ModelPipeline, session: Session, sizes: list[int]
) -> None:
    """Windows of the one size are run by the one, all others by the other, and nobody hears it."""
    stages.vocoder.add_session(OpenSession(FIXED, session, {WINDOW: 0.001}, WINDOW))
    try:
        windowed, whole = decoded(stages, sizes, stages.vocoder)
    finally:
        stages.vocoder.remove_session("fixed", WINDOW)
    assert np.abs(windowed[: len(whole)] - whole).max() < 1e-4


def test_where_the_work_is_done_is_told_of_the_graph_that_does_most() -> None:
    class Placed:
        def __init__(self, placement: DevicePlacement | None) -> None:
            self.placement = placement

        def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
            return dict(feeds)

        def close(self) -> None:
            pass

    placement = DevicePlacement("Neural Engine", 0.9)
    assert FixedWindows(Placed(None), Placed(placement), (), WINDOW).placement is placement
    assert FixedWindows(Placed(placement), Placed(None), (), WINDOW).placement is None


class FailingLater:
    """A session that works for some windows, and then never again."""

    def __init__(self, session: Session, windows: int) -> None:
        self._session = session
        self.left = windows

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        self.left -= 1
        if self.left < 0:
            raise RuntimeError("error code -1")
        return self._session.run(feeds)

    def close(self) -> None:
        pass


@pytest.mark.parametrize("windows", [0, 1, 3])
def test_a_provider_that_fails_in_mid_utterance_is_not_heard(
    stages: ModelPipeline, session: Session, windows: int
) -> None:
    """The window that it fails at, and all that follow, are run by the other: sample for sample the same sentence."""
    failing = FailingLater(session, windows)
    stages.vocoder.add_session(OpenSession(FIXED, failing, {WINDOW: 0.001}, WINDOW))
    try:
        windowed, whole = decoded(stages, [WINDOW], stages.vocoder)
    finally:
        stages.vocoder.remove_session("fixed", WINDOW)
    assert failing.left < 0
    assert np.abs(windowed[: len(whole)] - whole).max() < 1e-4
