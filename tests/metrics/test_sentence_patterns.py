"""The template behind many sentences is found, whatever changes in it."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as some

from wyoming_kokoro.metrics.sentence_patterns import GAP, MAX_GAP_WORDS, find_most_frequent

words = some.text("abc", min_size=1, max_size=3)
sentences = some.lists(words, min_size=1, max_size=8).map(" ".join)


def test_the_names_in_a_template_are_found_the_most_frequent_first() -> None:
    found = find_most_frequent(["Attic lamp is on", "Desk fan is on.", "Attic lamp is on!", "Good night", "It is late"])
    assert found
    assert (found.text, found.count, found.fillers) == (f"{GAP} is on", 3, ("Attic lamp", "Desk fan"))


def test_a_gap_may_be_in_the_middle() -> None:
    found = find_most_frequent(["The bus leaves in 4 minutes.", "The bus leaves in 11 minutes."])
    assert found
    assert found.text == f"The bus leaves in {GAP} minutes"


def test_what_is_always_the_same_is_no_template() -> None:
    assert find_most_frequent(["Dinner is ready."] * 20) is None
    assert find_most_frequent([]) is None


@given(some.lists(sentences, max_size=20))
def test_a_template_and_its_fillers_make_sentences_that_were_said(said: Sequence[str]) -> None:
    found = find_most_frequent(said)
    if found:
        assert 1 < len(set(found.fillers)) == len(found.fillers) <= found.count <= len(said)
        for filler in found.fillers:
            assert found.text.replace(GAP, filler) in said
            assert 1 <= len(filler.split()) <= MAX_GAP_WORDS


@given(some.lists(words, min_size=2, max_size=6, unique=True), some.lists(sentences, max_size=2))
def test_a_template_that_made_most_is_found(names: Sequence[str], others: Sequence[str]) -> None:
    found = find_most_frequent([*(f"the {name} is on" for name in names), *others])
    assert found
    assert found.count >= len(names)
