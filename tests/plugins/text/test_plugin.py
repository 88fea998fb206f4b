"""The text plugin as a whole: properties of all filters, and settings."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.text.text_filters import filter_text, text_plugin
from wyoming_kokoro import ConfigError

ROOT = Path(__file__).parents[3]
LANGUAGES = ("en", "es", "fr", "hi", "it", "ja", "pt", "zh", "xx")


@given(
    st.text(alphabet=st.sampled_from(list("ab 1.:-–$°%*_`#[]()<>|&/'\"\n")) | st.characters(), max_size=60),
    st.sampled_from(LANGUAGES),
)
def test_any_text_is_filtered_and_stripped(text: str, language: str) -> None:
    assert filter_text(text, language) == filter_text(text, language).strip()


@given(st.lists(st.sampled_from(["turn", "Light", "on", "the", "lamp.", "now,", "yes!", "3"]), min_size=1))
def test_plain_text_is_unchanged(words: list[str]) -> None:
    assert filter_text(" ".join(words)) == " ".join(words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_filter_orders_leave_gaps_for_other_plugins(language: str) -> None:
    filters = list(text_plugin(emoji="name").kokoro_text_filters())
    orders = sorted({item.order for item in filters if item.is_for(language)})
    assert all(following - order >= 2 for order, following in itertools.pairwise(orders))
    assert len({item.name for item in filters}) == len(filters)


@pytest.mark.parametrize(
    ("language", "date_order", "expected"),
    [
        ("en-US", "auto", "March 4th, 20 26"),
        ("en-GB", "auto", "the 3rd of April 20 26"),
        ("en-US", "dmy", "April 3rd, 20 26"),
        ("en-GB", "mdy", "the 4th of March 20 26"),
        ("fr", "auto", "trois avril deux mille vingt-six"),
        ("fr", "mdy", "quatre mars deux mille vingt-six"),
        ("ja", "auto", "2026年3月4日"),
        ("ja", "dmy", "2026年4月3日"),
    ],
)
def test_date_in_digits_has_the_order_of_the_setting(language: str, date_order: str, expected: str) -> None:
    assert filter_text("3/4/2026", language, date_order=date_order) == expected


@pytest.mark.parametrize("date_order", ["auto", "dmy", "mdy", "ymd"])
def test_impossible_month_decides_the_order_of_a_date(date_order: str) -> None:
    for written in ("12/25/2026", "25/12/2026"):
        assert filter_text(written, "en-US", date_order=date_order) == "December 25th, 20 26"


def test_language_is_loaded_with_its_first_text() -> None:
    code = (
        "import sys; from tests.helpers.text.text_filters import filter_text, text_filters;"
        " loaded = lambda: {name for name in sys.modules if name.startswith('wyoming_kokoro_text.languages.')};"
        " assert text_filters('fr') and not loaded();"
        " assert filter_text('21 W', 'fr') != '21 W';"
        " assert 'french' in str(loaded()) and 'english' not in str(loaded())"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_unknown_key_or_value_raises_config_error() -> None:
    with pytest.raises(ConfigError, match="emojis"):
        text_plugin(emojis="drop")
    with pytest.raises(ConfigError, match="auto, dmy, mdy, ymd"):
        text_plugin(date_order="american")
    with pytest.raises(ConfigError, match="drop, name"):
        text_plugin(emoji="keep")
