from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro.model.blend import MAX_VOICES, Blend

# Shares of greater weights can differ by less than `pytest.approx` tells apart.
MAX_WEIGHT = 100

NAMES = st.from_regex(r"[abefhijpz][fm]_[a-z]{1,8}", fullmatch=True)
PARTS = st.lists(
    st.tuples(NAMES, st.integers(1, MAX_WEIGHT)),
    min_size=1,
    max_size=MAX_VOICES,
    unique_by=lambda part: part[0],
)


def join_parts(parts: list[tuple[str, int]], space: str = "") -> str:
    return f"{space}+{space}".join(f"{name}{space}*{space}{weight}" for name, weight in parts)


@given(PARTS, st.sampled_from(["", " "]))
def test_parsed_blend_has_the_written_names_and_shares(parts: list[tuple[str, int]], space: str) -> None:
    blend = Blend.parse(join_parts(parts, space))
    assert blend.names == tuple(name for name, _ in parts)
    whole = sum(weight for _, weight in parts)
    assert blend.shares == pytest.approx({name: weight / whole for name, weight in parts})
    assert sum(blend.shares.values()) == pytest.approx(1)


@given(PARTS)
def test_formatted_blend_parses_to_the_same_blend(parts: list[tuple[str, int]]) -> None:
    blend = Blend.parse(join_parts(parts))
    assert Blend.parse(str(blend)) == blend
    assert Blend.parse(blend.style_name).style_name == blend.style_name


@given(PARTS, st.randoms(), st.integers(1, 3))
def test_order_and_common_factor_do_not_change_the_style_name(
    parts: list[tuple[str, int]], random: object, factor: int
) -> None:
    small = [(name, 1 + weight % 30) for name, weight in parts]
    other = [(name, weight * factor) for name, weight in small]
    random.shuffle(other)  # type: ignore[attr-defined]
    assert Blend.parse(join_parts(other)).style_name == Blend.parse(join_parts(small)).style_name


@given(PARTS, st.data())
def test_style_names_are_equal_only_for_equal_shares(parts: list[tuple[str, int]], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(parts) - 1))
    weight = data.draw(st.integers(1, MAX_WEIGHT))
    other = [(name, weight if position == index else old) for position, (name, old) in enumerate(parts)]
    one, two = Blend.parse(join_parts(parts)), Blend.parse(join_parts(other))
    assert (one.style_name == two.style_name) == (one.shares == pytest.approx(two.shares))


@given(st.text(max_size=40))
def test_any_text_is_a_blend_or_an_error_of_one_line(text: str) -> None:
    message = ""
    try:
        blend = Blend.parse(text)
    except ValueError as error:
        message = str(error)
    else:
        assert Blend.parse(str(blend)) == blend
    assert len(message.splitlines()) <= 1


def test_weights_are_reduced_to_lowest_terms() -> None:
    assert Blend.parse("af_heart*7").style_name == "af_heart"
    assert str(Blend.parse("af_heart + af_bella*2")) == "af_heart+af_bella*2"
    assert Blend.parse("af_heart*2+af_bella*4").style_name == "af_bella*2+af_heart"


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("af_heart(2)+af_bella(1)", "af_heart*2+af_bella"),
        ("af_heart(0.5)+af_bella(0.5)", "af_heart+af_bella"),
        ("af_heart (.7) + af_bella( 0.3 )", "af_heart*7+af_bella*3"),
        ("af_heart*0.333+af_bella*0.667", "af_heart*333+af_bella*667"),
        ("af_heart*1.50+af_bella", "af_heart*3+af_bella*2"),
        ("af_heart*100000+af_bella", "af_heart*100000.0+af_bella"),
    ],
)
def test_fractional_weights_are_reduced_to_whole_numbers(text: str, same: str) -> None:
    assert Blend.parse(text) == Blend.parse(same)
    assert Blend.parse(Blend.parse(text).style_name).style_name == Blend.parse(same).style_name


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not a valid part of a blend; write af_heart"),
        ("af_heart+", "'' is not a valid part of a blend"),
        ("af_heart*0", "'af_heart\\*0' is not a valid part"),
        ("af_heart(0.0)+af_bella", r"'af_heart\(0\.0\)' is not a valid part"),
        ("af_heart*100000+af_bella*0.001", "differ too much; use at most 100000 to 1"),
        ("af_heart*0.1234+af_bella", "at most 3 decimals"),
        ("af_heart(2)*2", r"'af_heart\(2\)\*2' is not a valid part"),
        ("af_heart(2", r"'af_heart\(2' is not a valid part"),
        ("af_heart*-1", r"'af_heart\*-1' is not a valid part"),
        ("af_heart+af_heart", r"'af_heart' is named twice; .* 'af_heart\*2'"),
        ("\x1b[31m+\x1b[31m", r"'\\x1b\[31m' is named twice; .* '\\x1b\[31m\*2'"),
        ("+".join("abcdefghi"), "has too many voices; use at most 8"),
        ("af heart", "'af heart' is not a valid part"),
    ],
)
def test_invalid_blend_is_an_error(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Blend.parse(text)
