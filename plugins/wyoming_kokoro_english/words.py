"""Words that hibari's dictionary lacks or has wrong, in misaki's symbols."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

Entry = str | Mapping[str, str | None]
"""Phonemes, or phonemes by part-of-speech tag with a `DEFAULT`. None means that the letters are spelled."""

_COMMON: Mapping[str, Entry] = {
    "IKEA": "Ikˈiə",
    "Mm": "m",
    "eh": "ˈA",
}
AMERICAN_WORDS: Mapping[str, Entry] = MappingProxyType(
    {
        **_COMMON,
        "HVAC": "ˈAʧvˌæk",
        "Mobile": {"DEFAULT": "mˈObᵊl", "PLACE": "mObˈil"},
        "Nice": {"DEFAULT": "nˈIs", "PLACE": "nˈis"},
        "Polish": {"DEFAULT": "pˈOlɪʃ", "VERB": "pˈɑlɪʃ"},
        "Reading": {"DEFAULT": "ɹˈidɪŋ", "PLACE": "ɹˈɛdɪŋ"},
        "Siobhan": "ʃəvˈɔn",
        "aged": {"DEFAULT": "ˈAʤd", "OLD": "ˈAʤɪd"},
        "bass": {"DEFAULT": "bˈAs", "FISH": "bˈæs"},
        "blessed": {"DEFAULT": "blˈɛst", "HOLY": "blˈɛsɪd"},
        "houses": "hˈWzᵻz",
        "lead": {"DEFAULT": "lˈid", "METAL": "lˈɛd"},
        "mm": "mˈɪləmˌiTəɹz",
        "resume": {"DEFAULT": "ɹəzˈum", "NOUN": "ɹˈɛzəmˌA"},
        "résumé": "ɹˈɛzəmˌA",
        "sake": {"DEFAULT": "sˈAk", "DRINK": "sˈɑki"},
    }
)
BRITISH_WORDS: Mapping[str, Entry] = MappingProxyType(
    {
        **_COMMON,
        "HVAC": "ˈAʧvˌak",
        "Mobile": {"DEFAULT": "mˈQbIl", "PLACE": "mQbˈiːl"},
        "Nice": {"DEFAULT": "nˈIs", "PLACE": "nˈiːs"},
        "Polish": {"DEFAULT": "pˈQlɪʃ", "VERB": "pˈɒlɪʃ"},
        "Reading": {"DEFAULT": "ɹˈiːdɪŋ", "PLACE": "ɹˈɛdɪŋ"},
        "Siobhan": "ʃɪvˈɔːn",
        "aged": {"DEFAULT": "ˈAʤd", "OLD": "ˈAʤɪd"},
        "bass": {"DEFAULT": "bˈAs", "FISH": "bˈas"},
        "batteries": "bˈatəɹiz",
        "blessed": {"DEFAULT": "blˈɛst", "HOLY": "blˈɛsɪd"},
        "drawer": "dɹˈɔː",
        "drawers": "dɹˈɔːz",
        "houses": "hˈWzɪz",
        "lead": {"DEFAULT": "lˈiːd", "METAL": "lˈɛd"},
        "mm": "mˈɪlɪmˌiːtəz",
        "resume": {"DEFAULT": "ɹɪzjˈuːm", "NOUN": "ɹˈɛzjʊmˌA"},
        "résumé": "ɹˈɛzjʊmˌA",
        "sake": {"DEFAULT": "sˈAk", "DRINK": "sˈɑːki"},
        "tours": "tˈʊəz",
    }
)
