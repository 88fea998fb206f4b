"""Words that hibari's dictionary lacks or has wrong, in misaki's symbols."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from wyoming_kokoro_english.names import NAMES

Entry = str | Mapping[str, str | None]
"""Phonemes, or phonemes by part-of-speech tag with a `DEFAULT`. None means that the letters are spelled."""

_COMMON: Mapping[str, Entry] = {
    "IKEA": "Ikˈiə",
    "Mm": "m",
    "eh": "ˈA",
    "mhm": "əmhˈʌm",
}
# "Tiktok" too. hibari finds "tiktok" by that.
_NAMES = [
    {spelling: accents[accent] for name, accents in NAMES.items() for spelling in (name, name.capitalize())}
    for accent in range(2)
]
AMERICAN_WORDS: Mapping[str, Entry] = MappingProxyType(
    {
        **_COMMON,
        **_NAMES[0],
        "HVAC": "ˈAʧvˌæk",
        "Mobile": {"DEFAULT": "mˈObᵊl", "PLACE": "mObˈil"},
        "Nice": {"DEFAULT": "nˈIs", "PLACE": "nˈis"},
        "Polish": {"DEFAULT": "pˈOlɪʃ", "VERB": "pˈɑlɪʃ"},
        "Rainier": "ɹAnˈɪɹ",
        "Reading": {"DEFAULT": "ɹˈidɪŋ", "PLACE": "ɹˈɛdɪŋ"},
        "Reno": "ɹˈinO",
        "Siobhan": "ʃəvˈɔn",
        "aged": {"DEFAULT": "ˈAʤd", "OLD": "ˈAʤɪd"},
        "bass": {"DEFAULT": "bˈAs", "FISH": "bˈæs"},
        "blessed": {"DEFAULT": "blˈɛst", "HOLY": "blˈɛsɪd"},
        "houses": "hˈWzᵻz",
        "lead": {"DEFAULT": "lˈid", "METAL": "lˈɛd"},
        "mm": "mˈɪləmˌiTəɹz",
        "resume": {"DEFAULT": "ɹəzˈum", "NOUN": "ɹˈɛzəmˌA"},
        "resumed": "ɹəzˈumd",
        "résumé": "ɹˈɛzəmˌA",
        "sake": {"DEFAULT": "sˈAk", "DRINK": "sˈɑki"},
        "skied": "skˈid",
    }
)
BRITISH_WORDS: Mapping[str, Entry] = MappingProxyType(
    {
        **_COMMON,
        **_NAMES[1],
        "HVAC": "ˈAʧvˌak",
        "Mobile": {"DEFAULT": "mˈQbIl", "PLACE": "mQbˈiːl"},
        "Nice": {"DEFAULT": "nˈIs", "PLACE": "nˈiːs"},
        "Polish": {"DEFAULT": "pˈQlɪʃ", "VERB": "pˈɒlɪʃ"},
        "Reading": {"DEFAULT": "ɹˈiːdɪŋ", "PLACE": "ɹˈɛdɪŋ"},
        "Reno": "ɹˈiːnQ",
        "Saint": "sənt",
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
        "resumed": "ɹɪzjˈuːmd",
        "résumé": "ɹˈɛzjʊmˌA",
        "sake": {"DEFAULT": "sˈAk", "DRINK": "sˈɑːki"},
        "skied": "skˈiːd",
        "tours": "tˈʊəz",
    }
)
