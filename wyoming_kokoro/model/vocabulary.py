"""The symbols that Kokoro v1.0 was trained on."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

# Maps an id to the symbols of this and of the following ids. Source: `vocab` in the model's `config.json`.
_IDS = {
    1: ";:,.!?",
    9: '—…"()“” \u0303ʣʥʦʨᵝ\uab67AI',
    31: "O",
    33: "Q",
    35: "ST",
    39: "W",
    41: "Yᵊabcdef",
    50: "hijklmnopqrstuvwxyzɑɐɒæ",
    75: "βɔɕç",
    80: "ɖðʤə",
    85: "ɚɛɜ",
    90: "ɟ",
    92: "ɡ",
    99: "ɥ",
    101: "ɨɪʝ",
    110: "ɯɰŋɳɲɴø",
    118: "ɸθœ",
    123: "ɹ",
    125: "ɾɻ",
    128: "ʁɽʂʃʈʧ",
    135: "ʊʋ",
    138: "ʌɣɤ",
    142: "χʎ",
    147: "ʒʔ",
    156: "ˈˌː",
    162: "ʰ",
    164: "ʲ",
    169: "↓",
    171: "→↗↘",
    177: "ᵻ",
}

# The token id of each of the 114 symbols. Id 0 is the padding at both ends of an input.
VOCABULARY: Mapping[str, int] = {
    symbol: start + offset for start, symbols in _IDS.items() for offset, symbol in enumerate(symbols)
}
# The number of ids with an embedding: `n_token` in the model's `config.json`. Some ids have no symbol.
SYMBOL_COUNT = 178
# The symbols that are sounds, not stress, length, tone, punctuation or space.
SOUNDS = frozenset(symbol for symbol in VOCABULARY if unicodedata.category(symbol) in ("Ll", "Lu", "Lo"))


def tokenize(phonemes: str) -> list[int]:
    """Return the id of each symbol, without padding. Raises `KeyError` for an unknown symbol."""
    return [VOCABULARY[symbol] for symbol in phonemes]


def keep_known_symbols(phonemes: str) -> str:
    """Return `phonemes` without unknown symbols, and with single spaces."""
    spaced = " ".join(phonemes.split())
    return " ".join("".join(symbol for symbol in spaced if symbol in VOCABULARY).split())
