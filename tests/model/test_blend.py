"""Blends: how they are written, and what is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro.model.blend import MAX_VOICES, MAX_WEIGHT, Blend

NAMES = st.from_regex(r"[abefhijpz][fm]_[a-z]{1,8}", fullmatch=True)
PARTS = st.lists(
    st.tuples(NAMES, st.integers(1, MAX_WEIGHT)),
    min_size=1,
    max_size=MAX_VOICES,
    unique_by=lambda part: part[0],
)


def written(parts: list[tuple[str, int]], space: str = "") -> str:
    """Return parts as somebody writes them who gives every weight."""
    return f"{space}+{space}".join(f"{name}{space}*{space}{weight}" for name, weight in parts)


@given(PARTS, st.sampled_from(["", " "]))
def test_a_blend_is_read_as_it_was_written(parts: list[tuple[str, int]], space: str) -> None:
    blend = Blend.parse(written(parts, space))
    assert blend.names == tuple(name for name, _ in parts)
    whole = sum(weight for _, weight in parts)
    assert blend.shares == pytest.approx({name: weight / whole for name, weight in parts})
    assert sum(blend.shares.values()) == pytest.approx(1)


@given(PARTS)
def test_writing_and_reading_change_nothing(parts: list[tuple[str, int]]) -> None:
    blend = Blend.parse(written(parts))
    assert Blend.parse(str(blend)) == blend
    assert Blend.parse(blend.style_name).style_name == blend.style_name


@given(PARTS, st.randoms(), st.integers(1, 3))
def test_what_sounds_the_same_is_the_same(parts: list[tuple[str, int]], chance: object, times: int) -> None:
    """Neither the order nor a common factor of the weights is heard."""
    small = [(name, 1 + weight % 30) for name, weight in parts]
    other = [(name, weight * times) for name, weight in small]
    chance.shuffle(other)  # type: ignore[attr-defined]
    assert Blend.parse(written(other)).style_name == Blend.parse(written(small)).style_name


@given(PARTS, st.data())
def test_what_sounds_different_is_not(parts: list[tuple[str, int]], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(parts) - 1))
    weight = data.draw(st.integers(1, MAX_WEIGHT))
    other = [(name, weight if place == index else old) for place, (name, old) in enumerate(parts)]
    one, two = Blend.parse(written(parts)), Blend.parse(written(other))
    assert (one.style_name == two.style_name) == (one.shares == pytest.approx(two.shares))


@given(st.text(max_size=40))
def test_any_text_is_a_blend_or_one_line(text: str) -> None:
    said = ""
    try:
        blend = Blend.parse(text)
    except ValueError as error:
        said = str(error)
    else:
        assert Blend.parse(str(blend)) == blend
    assert len(said.splitlines()) <= 1


def test_one_voice_is_a_blend_of_itself() -> None:
    assert Blend.parse("af_heart*7").style_name == "af_heart"
    assert str(Blend.parse("af_heart + af_bella*2")) == "af_heart+af_bella*2"
    assert Blend.parse("af_heart*2+af_bella*4").style_name == "af_bella*2+af_heart"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is no part of a blend; write af_heart"),
        ("af_heart+", "'' is no part of a blend"),
        ("af_heart*0", "weights from 1 to 100"),
        ("af_heart*101+af_bella", "weights from 1 to 100"),
        ("af_heart*0.7+af_bella*0.3", r"'af_heart\*0\.7' is no part"),
        ("af_heart*-1", r"'af_heart\*-1' is no part"),
        ("af_heart(2)+af_bella(1) ", r"af_heart\*2"),
        ("af_heart+af_heart", r"af_heart is named twice; .* af_heart\*2"),
        ("+".join("abcdefghi"), "at most 8 voices"),
        ("af heart", "'af heart' is no part"),
    ],
)
def test_what_is_no_blend_is_told(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Blend.parse(text)
