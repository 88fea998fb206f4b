from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pytest

from tests.helpers.synthesis.cpu_sessions import open_on_cpu
from tests.helpers.synthesis.windows import decode_windows
from wyoming_kokoro.api.providers import DevicePlacement, Provider, Session
from wyoming_kokoro.inference.fixed_windows import FixedWindows
from wyoming_kokoro.inference.pipeline import ModelPipeline
from wyoming_kokoro.inference.stage import OpenSession
from wyoming_kokoro.inference.vocoder import StageRunner
from wyoming_kokoro.model.builtin import builtin_styles
from wyoming_kokoro.model.istft import InverseStft
from wyoming_kokoro.model.manifest import WINDOW_FRAMES
from wyoming_kokoro.types import Array, Samples

pytestmark = pytest.mark.model

PHONEMES = "tˈaɪmɚ kˈænsəld."
FIXED_PROVIDER = Provider(
    "fixed",
    9,
    "float",
    open_on_cpu,
    opens_quickly=False,
    fixed_shapes=True,
)


@pytest.fixture(scope="module")
def session(stages: ModelPipeline) -> Iterator[Session]:
    opened = stages.open_vocoder(FIXED_PROVIDER, 2)
    yield opened
    opened.close()


def decode(stages: ModelPipeline, sizes: list[int], vocoder: StageRunner) -> tuple[Samples, Samples]:
    """Return an utterance decoded in windows of `sizes`, the last repeated, and decoded whole."""
    prosody = stages.predict_prosody(PHONEMES, builtin_styles().row("af_heart", len(PHONEMES)), 1.0)
    frames = stages.decode_frames(prosody)
    spectrum, mean, variance = stages.decode_whole(prosody, frames)
    windowed = decode_windows(stages, prosody, frames, (mean, variance), sizes, vocoder=vocoder)
    return windowed, InverseStft().feed(spectrum)


def test_utterance_with_a_short_last_window_equals_the_whole(stages: ModelPipeline, session: Session) -> None:
    windowed, whole = decode(stages, [WINDOW_FRAMES], session)
    assert np.abs(whole).max() > 0.1
    assert np.abs(windowed[: len(whole)] - whole).max() < 1e-4


def test_window_that_is_too_large_is_an_error(stages: ModelPipeline, session: Session) -> None:
    with pytest.raises(ValueError, match="32 frames; this session takes at most 16"):
        decode(stages, [WINDOW_FRAMES, 2 * WINDOW_FRAMES], session)


@pytest.mark.parametrize(
    "sizes", [[16, 8, 12, 16], *(pytest.param(sizes, marks=pytest.mark.slow) for sizes in ([16, 16, 32], [16]))]
)
def test_providers_can_alternate_within_an_utterance(stages: ModelPipeline, session: Session, sizes: list[int]) -> None:
    stages.vocoder.add_session(OpenSession(FIXED_PROVIDER, session, {WINDOW_FRAMES: 0.001}, WINDOW_FRAMES))
    try:
        windowed, whole = decode(stages, sizes, stages.vocoder)
    finally:
        stages.vocoder.remove_session("fixed", WINDOW_FRAMES)
    assert np.abs(windowed[: len(whole)] - whole).max() < 1e-4


def test_placement_is_that_of_the_later_graph() -> None:
    class PlacedSession:
        def __init__(self, placement: DevicePlacement | None) -> None:
            self.placement = placement

        def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
            return dict(feeds)

        def close(self) -> None:
            pass

    placement = DevicePlacement("Neural Engine", 0.9)
    assert FixedWindows(PlacedSession(None), PlacedSession(placement), (), WINDOW_FRAMES).placement is placement
    assert FixedWindows(PlacedSession(placement), PlacedSession(None), (), WINDOW_FRAMES).placement is None


class SessionThatFailsLater:
    """A session that works for some windows and then fails."""

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


@pytest.mark.parametrize("windows", [1, *(pytest.param(windows, marks=pytest.mark.slow) for windows in (0, 3))])
def test_provider_failure_within_an_utterance_is_not_audible(
    stages: ModelPipeline, session: Session, windows: int
) -> None:
    # A name of its own for each case: the selector skips a provider that failed, also in the next case.
    provider = replace(FIXED_PROVIDER, name=f"fixed-{windows}")
    failing = SessionThatFailsLater(session, windows)
    stages.vocoder.add_session(OpenSession(provider, failing, {WINDOW_FRAMES: 0.001}, WINDOW_FRAMES))
    try:
        windowed, whole = decode(stages, [WINDOW_FRAMES], stages.vocoder)
    finally:
        stages.vocoder.remove_session(provider.name, WINDOW_FRAMES)
    assert failing.left < 0
    assert np.abs(windowed[: len(whole)] - whole).max() < 1e-4
