"""IPA in text, from any source, reaches the model unchanged."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.text.segmentation import divide
from wyoming_kokoro.api.text import Phonemizer, TextFilter
from wyoming_kokoro.config import Config
from wyoming_kokoro.model.vocabulary import SOUNDS, VOCABULARY
from wyoming_kokoro.plugins.loader import load_plugins
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.speech.phrase_cache import NullPhraseCache
from wyoming_kokoro.text.ipa.embedded import IPA_SPAN, embed_ipa, extract_ipa
from wyoming_kokoro.text.ipa.inline import InlineIpa
from wyoming_kokoro.text.pipeline import TextPipeline
from wyoming_kokoro.text.segmenter import Segmenter


class CapitalizingPhonemizer:
    """Returns the text in capitals, so that phonemized text differs from embedded IPA."""

    def phonemize(self, text: str) -> str:
        return text.upper()


class FakeChinesePhonemizer(CapitalizingPhonemizer):
    """Cannot read Latin letters."""

    foreign = re.compile("[a-z]+")


IPA = st.text(alphabet=sorted(SOUNDS | set("ˈˌː ᵊ↗")), min_size=1, max_size=20).filter(lambda ipa: set(ipa) & SOUNDS)


@given(IPA)
def test_embedded_ipa_is_one_span_with_the_same_ipa(ipa: str) -> None:
    span = embed_ipa(ipa)
    assert IPA_SPAN.fullmatch(span)
    assert extract_ipa(span) == ipa
    assert not any(character.isalnum() or character.isspace() for character in span)


@pytest.mark.parametrize(
    ("ipa", "symbols"),
    [("g", "ɡ"), ("'ba:", "ˈbaː"), ("kə.ko.ɹo", "kəkoɹo"), ("t͡ʃ", "tʃ"), ("nˈɝd", "nˈɜɹd"), ("pãw̃", "pãw̃")],
)
def test_lookalikes_of_keyboards_and_dictionaries_are_accepted(ipa: str, symbols: str) -> None:
    assert extract_ipa(embed_ipa(ipa)) == symbols


@pytest.mark.parametrize(
    ("ipa", "reason"),
    [
        ("kǂa", r"unknown IPA symbol 'ǂ' \(U\+01C2\); remove it or write the nearest of A"),
        (
            "Ra1ɠɘ",
            r"'R' \(U\+0052, perhaps r\), '1' \(U\+0031\), 'ɠ' \(U\+0260, perhaps ɡ\), 'ɘ' \(U\+0258, perhaps e\)",
        ),
        ("", "has no sound; write the phonemes"),
        ("ˈ ː", "has no sound"),
    ],
)
def test_unusable_ipa_raises_error_with_advice(ipa: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        embed_ipa(ipa)


INLINE = "Ask [Dr. No](/dˈɑktəɹ nˈO/), please."
EMBEDDED = f"Ask {embed_ipa('dˈɑktəɹ nˈO')}, please."


def embed_inline(*deltas: str) -> str:
    inline = InlineIpa()
    return "".join([*(inline.feed(delta) for delta in deltas), inline.flush()])


@pytest.mark.parametrize(
    ("text", "embedded"),
    [
        (INLINE, EMBEDDED),
        ("[a](/ə/)[b](/bi/)", embed_ipa("ə") + embed_ipa("bi")),
        ("[link](https://example.com)", "[link](https://example.com)"),
        ("[link](/page/)", embed_ipa("page")),
        ("[link](/q?id=1/)", "[link](/q?id=1/)"),
        ("[odd](/ǂ/)", "[odd](/ǂ/)"),
        ("array[0] and [", "array[0] and ["),
        ("[never](/closed", "[never](/closed"),
        ("[[x](/ks/)", "[" + embed_ipa("ks")),
        ("", ""),
    ],
)
def test_inline_ipa_is_embedded_and_other_links_stay(text: str, embedded: str) -> None:
    assert embed_inline(text) == embedded
    assert embed_inline(*text) == embedded


@given(st.text(alphabet="[](/) ə\nk1.", max_size=80), st.lists(st.integers(0, 80)))
def test_inline_ipa_does_not_depend_on_the_deltas(text: str, positions: list[int]) -> None:
    assert embed_inline(*divide(text, positions)) == embed_inline(text)


def test_only_a_possible_beginning_of_inline_ipa_waits() -> None:
    inline = InlineIpa()
    assert inline.feed("Certain [maybe") == "Certain "
    assert inline.feed("] no") == "[maybe] no"
    assert len(inline.feed("[" + 300 * "x")) == 301


def test_segment_does_not_end_inside_inline_ipa() -> None:
    segmenter = Segmenter()
    segmenter.feed(embed_inline(*INLINE))
    segmenter.finish()
    segment = segmenter.take_sentence()
    assert segment is not None
    assert segment.text == EMBEDDED


@pytest.fixture(scope="module")
def filters() -> tuple[TextFilter, ...]:
    manager, loaded = load_plugins(Config())
    return PluginManager(manager, loaded).text_filters()


@pytest.mark.parametrize(
    "text", ["Say {} now.", "**{}**", "- {}'s lamp", "{}, {}!", "It is 5 °C in {}", "`{}`", "_{}_"]
)
@pytest.mark.parametrize("language", ["en-US", "es", "zh-CN"])
def test_no_installed_filter_changes_embedded_ipa(filters: tuple[TextFilter, ...], text: str, language: str) -> None:
    span = embed_ipa("kˈOkəɹO")
    text = text.format(span, span)
    count = text.count(span)
    for item in filters:
        if item.is_for(language):
            text = item.apply(text)
    assert text.count(span) == count


async def phonemize(text: str, language: str = "en-US", *filters: TextFilter) -> str:
    phonemizers: dict[str, Phonemizer] = {"en-US": CapitalizingPhonemizer(), "zh-CN": FakeChinesePhonemizer()}
    pipeline = TextPipeline(filters, phonemizers, NullPhraseCache(), "")
    try:
        return await pipeline.phonemize(text, language)
    finally:
        await pipeline.close()


async def test_embedded_ipa_is_not_phonemized_and_keeps_the_marks_around_it() -> None:
    assert await phonemize(f"A {embed_ipa('kˈO')}, I. {embed_ipa('ma')}! O") == "A kˈO, I. ma! O"
    assert await phonemize(embed_ipa("kˈO")) == "kˈO"


async def test_foreign_words_are_filtered_and_phonemized_in_english() -> None:
    english = TextFilter("english", 1, lambda text: text.replace("lamp", embed_ipa("læmp")), frozenset({"en"}))
    assert await phonemize("A lamp, O", "zh-CN", english) == "A læmp , O"


@pytest.mark.parametrize(("languages", "expected"), [({"en"}, "O"), ({"en-US"}, "O"), ({"en-GB"}, "A"), (set(), "O")])
async def test_filter_is_for_a_language_with_or_without_region(languages: set[str], expected: str) -> None:
    text_filter = TextFilter("o", 1, lambda text: "O", frozenset(languages))
    assert await phonemize("a", "en-US", text_filter) == expected


def test_every_symbol_but_punctuation_can_be_embedded() -> None:
    for symbol in set(VOCABULARY) - set(';:,.!?—…"()“”'):
        assert extract_ipa(embed_ipa(f"a{symbol}")) == f"a{symbol}"
