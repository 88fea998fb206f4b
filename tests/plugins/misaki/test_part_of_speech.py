from __future__ import annotations

import pytest

from wyoming_kokoro_misaki.part_of_speech import guess_part_of_speech


@pytest.mark.parametrize(
    ("previous", "following", "is_before_pause", "tag"),
    [
        ("the", "is", False, "NOUN"),
        ("please", "the", False, "VERB"),
        ("", "the", False, "VERB"),
        ("has", "it", False, "VBN"),
        ("lamp", "", True, "None"),
        ("lamp", "now", False, "DEFAULT"),
    ],
)
def test_part_of_speech_is_guessed_from_neighbors(
    previous: str, following: str, is_before_pause: bool, tag: str
) -> None:
    assert guess_part_of_speech(previous, following, is_before_pause) == tag
