from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro.markup.say_as import rewrite, spell
from wyoming_kokoro.markup.tokens import SayAs


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("characters", "hi.5", " H, I, dot, 5 "),
        ("spell-out", " a b ", " A, B "),
        ("characters", "  ", "  "),
        ("digits", "1905", " 1 9 0 5 "),
        ("digits", "x", "x"),
        ("telephone", "2125550100", " 2 1 2, 5 5 5, 0 1 0 0 "),
        ("telephone", "+1 (212) 555-0100", " +1, 2 1 2, 5 5 5, 0 1 0 0 "),
        ("telephone", "1-800-lamps", " 1, 8 0 0, L A M P S "),
        ("telephone", "()", "()"),
        ("time", "2:30pm", "2:30pm"),
        ("time", "1'21\"", "1 min 21 s"),
        ("duration", "5'", "5 min"),
        ("cardinal", "1905", "1,905"),
        ("number", "-12,345", "-12,345"),
        ("cardinal", "5.5", "5.5"),
        ("ordinal", "3", "3rd"),
        ("ordinal", "112", "112th"),
        ("ordinal", "21", "21st"),
        ("ordinal", "x", "x"),
        ("unit", "5 km", "5 km"),
        ("currency", "$5.50", "$5.50"),
        ("weather", "rain", "rain"),
        ("", "rain", "rain"),
    ],
)
def test_english_text_is_rewritten(kind: str, text: str, expected: str) -> None:
    assert rewrite(text, SayAs(kind), "en-US") == expected


@pytest.mark.parametrize(
    ("order", "text", "expected"),
    [
        ("mdy", "01/25/2026", "2026-01-25"),
        ("dmy", "25.1.26", "2026-01-25"),
        ("ymd", "2026-01-25", "2026-01-25"),
        ("yyyymmdd", "20260125", "2026-01-25"),
        ("", "1/25/2026", "2026-01-25"),
        ("", "2026/01/25", "2026-01-25"),
        ("md", "1/25", "January 25"),
        ("dm", "25-1", "January 25"),
        ("my", "01/2026", "January 2026"),
        ("y", "2026", "2026"),
        ("yyyymmdd", "????0125", "????0125"),
        ("mdy", "25/01/2026", "25/01/2026"),
        ("mdy", "0/0/0", "0/0/0"),
        ("mdy", "January 25", "January 25"),
        ("mdy", "1/25", "1/25"),
        ("mdy", "1/2/3/4", "1/2/3/4"),
        ("mdy", "", ""),
    ],
)
def test_dates_are_rewritten_in_iso_8601(order: str, text: str, expected: str) -> None:
    assert rewrite(text, SayAs("date", order), "en-US") == expected


def test_european_date_begins_with_the_day() -> None:
    assert rewrite("25/01/2026", SayAs("date"), "es") == "2026-01-25"
    assert rewrite("1/25", SayAs("date", "md"), "es") == "1/25"


@pytest.mark.parametrize(
    ("language", "first", "third"),
    [
        ("es", "1º", "3º"),
        ("fr-FR", "1er", "3ème"),
        ("hi", "पहला", "तीसरा"),
        ("it", "1º", "3º"),
        ("ja", "1番目", "3番目"),
        ("pt-BR", "1º", "3º"),
        ("zh-CN", "第1", "第3"),
        ("xx", "1", "3"),
    ],
)
def test_each_language_has_ordinals(language: str, first: str, third: str) -> None:
    assert (rewrite("1", SayAs("ordinal"), language), rewrite("3", SayAs("ordinal"), language)) == (first, third)


NUMBERS = st.text(alphabet="0123456789/-.,'?\" ²٣ap:+", max_size=30)
KINDS = st.sampled_from(["characters", "digits", "telephone", "date", "time", "cardinal", "number", "ordinal", "unit"])


@given(
    NUMBERS | st.text(max_size=30),
    KINDS,
    st.text(alphabet="dmyx", max_size=8),
    st.sampled_from(["en-US", "hi", "zh-CN"]),
)
def test_any_text_is_rewritten_without_an_error(text: str, kind: str, order: str, language: str) -> None:
    rewritten = rewrite(text, SayAs(kind, order), language)
    assert bool(rewritten.strip()) == bool(text.strip())


@pytest.mark.parametrize("language", ["en", "es", "fr", "hi", "it", "ja", "pt", "zh"])
def test_each_language_names_symbols(language: str) -> None:
    assert spell("@", language) != spell("@", "xx") == " @ "
