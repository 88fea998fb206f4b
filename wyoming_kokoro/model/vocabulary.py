"""The symbols that Kokoro v1.0 was trained on.

Source: `vocab` of the model's own `config.json`. Ids that are missing belong to no symbol.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

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

VOCABULARY: Mapping[str, int] = MappingProxyType(
    {symbol: start + offset for start, symbols in _IDS.items() for offset, symbol in enumerate(symbols)}
)
"""The token id of each of the 114 symbols; id 0 is the padding at both ends of an input."""

SYMBOL_COUNT = 178
"""How many ids have an embedding (`n_token` in that file)."""

SOUNDS = frozenset(symbol for symbol in VOCABULARY if unicodedata.category(symbol) in ("Ll", "Lu", "Lo"))
"""The symbols that are heard by themselves: no stress, length, tone, punctuation or space."""


def tokenize(phonemes: str) -> list[int]:
    """Return the id of every symbol, without padding. Raises `KeyError` for one not in `VOCABULARY`."""
    return [VOCABULARY[symbol] for symbol in phonemes]


def keep_known_symbols(phonemes: str) -> str:
    """Return `phonemes` without what is not in `VOCABULARY`, each run of whitespace as one space."""
    spaced = " ".join(phonemes.split())
    return " ".join("".join(symbol for symbol in spaced if symbol in VOCABULARY).split())
