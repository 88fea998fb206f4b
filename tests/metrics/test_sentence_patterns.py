from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro.metrics.sentence_patterns import GAP, MAX_GAP_WORDS, find_most_frequent

words = st.text("abc", min_size=1, max_size=3)
sentences = st.lists(words, min_size=1, max_size=8).map(" ".join)


def test_fillers_are_sorted_by_frequency() -> None:
    pattern = find_most_frequent(
        ["Attic lamp is on", "Desk fan is on.", "Attic lamp is on!", "Good night", "It is late"]
    )
    assert pattern
    assert (pattern.text, pattern.count, pattern.fillers) == (f"{GAP} is on", 3, ("Attic lamp", "Desk fan"))


def test_gap_in_the_middle_is_found() -> None:
    pattern = find_most_frequent(["The bus leaves in 4 minutes.", "The bus leaves in 11 minutes."])
    assert pattern
    assert pattern.text == f"The bus leaves in {GAP} minutes"


def test_equal_sentences_have_no_template() -> None:
    assert find_most_frequent(["Dinner is ready."] * 20) is None
    assert find_most_frequent([]) is None


@given(st.lists(sentences, max_size=20))
def test_template_with_each_filler_is_a_sentence(texts: Sequence[str]) -> None:
    pattern = find_most_frequent(texts)
    if pattern:
        assert 1 < len(set(pattern.fillers)) == len(pattern.fillers) <= pattern.count <= len(texts)
        for filler in pattern.fillers:
            assert pattern.text.replace(GAP, filler) in texts
            assert 1 <= len(filler.split()) <= MAX_GAP_WORDS


@given(st.lists(words, min_size=2, max_size=6, unique=True), st.lists(sentences, max_size=2))
def test_template_of_most_sentences_is_found(names: Sequence[str], others: Sequence[str]) -> None:
    pattern = find_most_frequent([*(f"the {name} is on" for name in names), *others])
    assert pattern
    assert pattern.count >= len(names)
