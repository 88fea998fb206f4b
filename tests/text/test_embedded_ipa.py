"""Sounds that stand in a text: put in anywhere, said as they are."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro.api.text import Phonemizer, TextFilter
from wyoming_kokoro.config import Config
from wyoming_kokoro.model.vocabulary import SOUNDS, VOCABULARY
from wyoming_kokoro.plugins.loader import load_plugins
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.speech.phrase_cache import NullPhraseCache
from wyoming_kokoro.text.embedded_ipa import IPA_SPAN, embed_ipa, extract_ipa
from wyoming_kokoro.text.inline_ipa import InlineIpa
from wyoming_kokoro.text.pipeline import TextPipeline
from wyoming_kokoro.text.segmenter import Segmenter


class Shouting:
    """Says text in capitals, so that one sees what it was asked."""

    def phonemize(self, text: str) -> str:
        return text.upper()


class Han(Shouting):
    """Knows no word in Latin letters."""

    foreign = re.compile("[a-z]+")


IPA = st.text(alphabet=sorted(SOUNDS | set("ˈˌː ᵊ↗")), min_size=1, max_size=20).filter(lambda ipa: set(ipa) & SOUNDS)


@given(IPA)
def test_sounds_come_back(ipa: str) -> None:
    """What is put in a text for IPA is one span, which stands for just this IPA."""
    written = embed_ipa(ipa)
    assert IPA_SPAN.fullmatch(written)
    assert extract_ipa(written) == ipa
    assert not any(character.isalnum() or character.isspace() for character in written)


@pytest.mark.parametrize(
    ("ipa", "symbols"), [("g", "ɡ"), ("'ba:", "ˈbaː"), ("kə.ko.ɹo", "kəkoɹo"), ("t͡ʃ", "tʃ"), ("nˈɝd", "nˈɜɹd")]
)
def test_lookalikes_are_understood(ipa: str, symbols: str) -> None:
    """What a keyboard or a dictionary has in the place of a symbol stands for it."""
    assert extract_ipa(embed_ipa(ipa)) == symbols


@pytest.mark.parametrize(
    ("ipa", "reason"),
    [("kǂa", r"'ǂ' \(U\+01C2\) is no sound .* write the nearest of A"), ("", "no sound"), ("ˈ ː", "no sound")],
)
def test_what_is_no_sound_is_refused(ipa: str, reason: str) -> None:
    """The message names the symbol and what to do."""
    with pytest.raises(ValueError, match=reason):
        embed_ipa(ipa)


MARKED = "Ask [Dr. No](/dˈɑktəɹ nˈO/), please."
SAID = f"Ask {embed_ipa('dˈɑktəɹ nˈO')}, please."


def read(*pieces: str) -> str:
    inline = InlineIpa()
    return "".join([*(inline.feed(piece) for piece in pieces), inline.flush()])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (MARKED, SAID),
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
def test_inline_ipa(text: str, said: str) -> None:
    """IPA in the form of a link becomes sounds; what is another link stays one."""
    assert read(text) == said
    assert read(*text) == said


@given(st.text(alphabet="[](/) ə\nk1.", max_size=80), st.lists(st.integers(0, 80)))
def test_inline_ipa_does_not_depend_on_the_pieces(text: str, cuts: list[int]) -> None:
    """However a text is cut, what is read is the same."""
    places = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    pieces = [text[start:end] for start, end in itertools.pairwise(places)]
    assert read(*pieces) == read(text)


def test_little_waits() -> None:
    """Only what may be the beginning of IPA waits, and not for long."""
    inline = InlineIpa()
    assert inline.feed("Certain [maybe") == "Certain "
    assert inline.feed("] no") == "[maybe] no"
    assert len(inline.feed("[" + 300 * "x")) == 301


def test_segments_are_never_cut_inside_sounds() -> None:
    """A full stop, a comma and a space inside the brackets end no segment."""
    segmenter = Segmenter()
    segmenter.feed(read(*MARKED))
    segmenter.finish()
    segment = segmenter.take_sentence()
    assert segment is not None
    assert segment.text == SAID


@pytest.fixture(scope="module")
def filters() -> tuple[TextFilter, ...]:
    manager, loaded = load_plugins(Config())
    return PluginManager(manager, loaded).text_filters()


@pytest.mark.parametrize(
    "text", ["Say {} now.", "**{}**", "- {}'s lamp", "{}, {}!", "It is 5 °C in {}", "`{}`", "_{}_"]
)
@pytest.mark.parametrize("language", ["en-US", "es", "zh-CN"])
def test_sounds_pass_every_filter(filters: tuple[TextFilter, ...], text: str, language: str) -> None:
    """No text filter that is installed changes sounds."""
    span = embed_ipa("kˈOkəɹO")
    text = text.format(span, span)
    wanted = text.count(span)
    for item in filters:
        if not item.languages or {language, language[:2]} & item.languages:
            text = item.apply(text)
    assert text.count(span) == wanted


async def phonemes(text: str, language: str = "en-US", *filters: TextFilter) -> str:
    phonemizers: dict[str, Phonemizer] = {"en-US": Shouting(), "zh-CN": Han()}
    pipeline = TextPipeline(filters, phonemizers, NullPhraseCache(), "")
    try:
        return await pipeline.phonemize(text, language)
    finally:
        await pipeline.close()


async def test_sounds_are_said_as_they_are() -> None:
    """No phonemizer is asked about sounds, and the text around them keeps its spaces and marks."""
    assert await phonemes(f"A {embed_ipa('kˈO')}, I. {embed_ipa('ma')}! O") == "A kˈO, I. ma! O"
    assert await phonemes(embed_ipa("kˈO")) == "kˈO"


async def test_foreign_words_are_said_in_english() -> None:
    """What a phonemizer calls foreign takes the path of English, with its filters."""
    loud = TextFilter("loud", 1, lambda text: text.replace("lamp", embed_ipa("læmp")), frozenset({"en"}))
    assert await phonemes("A lamp, O", "zh-CN", loud) == "A læmp , O"


@pytest.mark.parametrize(("languages", "said"), [({"en"}, "O"), ({"en-US"}, "O"), ({"en-GB"}, "A"), (set(), "O")])
async def test_filters_are_for_languages_or_regions(languages: set[str], said: str) -> None:
    """A filter names a language with or without its region."""
    filter_ = TextFilter("o", 1, lambda text: "O", frozenset(languages))
    assert await phonemes("a", "en-US", filter_) == said


def test_every_sound_of_the_vocabulary_can_be_put_in() -> None:
    """Nothing that is heard is missing: all but punctuation."""
    for symbol in set(VOCABULARY) - set(';:,.!?—…"()“”'):
        assert extract_ipa(embed_ipa(f"a{symbol}")) == f"a{symbol}"
