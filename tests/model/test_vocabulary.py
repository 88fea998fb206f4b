"""The model's symbols."""

from __future__ import annotations

import pytest

from wyoming_kokoro.model.vocabulary import SOUNDS, VOCABULARY, keep_known_symbols, tokenize


def test_vocabulary_is_the_models_own() -> None:
    """The table is what the model's configuration says, symbol by symbol."""
    config = pytest.importorskip("kokoro_onnx.config")
    assert dict(VOCABULARY) == config.DEFAULT_VOCAB


def test_every_symbol_has_an_id_of_its_own() -> None:
    """There are 114 symbols, and the padding's id 0 is none of theirs."""
    assert len(VOCABULARY) == len(set(VOCABULARY.values())) == 114
    assert min(VOCABULARY.values()) == 1


def test_tokens_are_ids_in_order() -> None:
    """Tokens come in the order of the symbols and without padding."""
    assert tokenize("həlˈoʊ.") == [50, 83, 54, 156, 57, 135, 4]


def test_unknown_symbol_has_no_token() -> None:
    """A symbol that the model does not know is an error, not silence."""
    with pytest.raises(KeyError):
        tokenize("g")


def test_known_drops_the_rest() -> None:
    """What the model does not know is left out, and no double space stays behind."""
    assert keep_known_symbols(" hə̩lˈ\noʊ ^ w- ") == "həlˈ oʊ w"


@pytest.mark.parametrize("symbol", ["ˈ", "ː", ".", " ", "—", "ʲ", "↗"])
def test_marks_are_no_sounds(symbol: str) -> None:
    """Punctuation, stress, length and tone are not heard alone."""
    assert symbol in VOCABULARY
    assert symbol not in SOUNDS
