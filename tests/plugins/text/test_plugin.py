"""The text plugin as a whole: properties of all filters, and settings."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.text.text_filters import filter_text, text_plugin
from wyoming_kokoro import ConfigError

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


def test_unknown_key_or_value_raises_config_error() -> None:
    with pytest.raises(ConfigError, match="emojis"):
        text_plugin(emojis="drop")
    with pytest.raises(ConfigError, match="drop, name"):
        text_plugin(emoji="keep")
