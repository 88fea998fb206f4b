from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from wyoming_kokoro import Array
from wyoming_kokoro.model.manifest import CONTEXT
from wyoming_kokoro.trials.trial import MIN_SNR_DB, AlbertTrial


class NoisyReader:
    """Reads texts with an error that depends on their number."""

    def __init__(self, *errors: float) -> None:
        """`errors` are those of the first texts; later ones have none."""
        self._errors = list(errors)

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        error = self._errors.pop(0) if self._errors else 0.0
        return {CONTEXT: np.full((1, feeds["tokens"].shape[-1], 768), 1 + error, dtype=np.float32)}


def albert_trial(*errors: float) -> AlbertTrial:
    trial = AlbertTrial(32, NoisyReader(), NoisyReader(*errors))
    for _ in trial.units():
        pass
    return trial


@pytest.mark.parametrize(
    ("errors", "is_correct"),
    [
        ((), True),
        ((0.2,), True),
        ((0.7,), False),
        ((0.3,) * 10, False),
        ((0.2,) * 10, True),
        ((np.nan,), False),
        ((0.0, np.inf), False),
    ],
)
def test_candidate_must_be_right_as_a_whole_and_in_each_part(errors: tuple[float, ...], is_correct: bool) -> None:
    assert albert_trial(*errors).is_correct == is_correct


def test_wrong_beginning_does_not_disappear_in_the_average() -> None:
    """Core ML in float16 begins robotically on some chips, and is right afterwards."""
    trial = albert_trial(0.7)
    assert trial.snr_db > MIN_SNR_DB
    assert trial.worst_snr_db == pytest.approx(3.1, abs=0.1)
