from __future__ import annotations

import pytest

from wyoming_kokoro.model.vocabulary import SOUNDS, VOCABULARY, keep_known_symbols, tokenize


def test_vocabulary_equals_the_models_configuration() -> None:
    config = pytest.importorskip("kokoro_onnx.config")
    assert dict(VOCABULARY) == config.DEFAULT_VOCAB


def test_symbol_ids_are_unique_and_not_the_padding_id() -> None:
    assert len(VOCABULARY) == len(set(VOCABULARY.values())) == 114
    assert min(VOCABULARY.values()) == 1


def test_tokens_are_in_the_order_of_the_symbols() -> None:
    assert tokenize("həlˈoʊ.") == [50, 83, 54, 156, 57, 135, 4]


def test_unknown_symbol_is_an_error() -> None:
    with pytest.raises(KeyError):
        tokenize("g")


def test_unknown_symbols_are_removed_without_double_spaces() -> None:
    assert keep_known_symbols(" hə̩lˈ\noʊ ^ w- ") == "həlˈ oʊ w"


@pytest.mark.parametrize("symbol", ["ˈ", "ː", ".", " ", "—", "ʲ", "↗"])
def test_punctuation_stress_length_and_tone_are_not_sounds(symbol: str) -> None:
    assert symbol in VOCABULARY
    assert symbol not in SOUNDS
