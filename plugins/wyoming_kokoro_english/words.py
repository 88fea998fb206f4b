"""Words that hibari's dictionary lacks or has wrong, in misaki's symbols."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_COMMON = {
    "IKEA": "Ikˈiə",
    "Mm": "m",
    "eh": "ˈA",
}
AMERICAN_WORDS: Mapping[str, str] = MappingProxyType(
    _COMMON
    | {
        "HVAC": "ˈAʧvˌæk",
        "Siobhan": "ʃəvˈɔn",
        "mm": "mˈɪləmˌiTəɹz",
        "résumé": "ɹˈɛzəmˌA",
    }
)
BRITISH_WORDS: Mapping[str, str] = MappingProxyType(
    _COMMON
    | {
        "HVAC": "ˈAʧvˌak",
        "Siobhan": "ʃɪvˈɔːn",
        "batteries": "bˈatəɹiz",
        "mm": "mˈɪlɪmˌiːtəz",
        "résumé": "ɹˈɛzjʊmˌA",
        "tours": "tˈʊəz",
    }
)
