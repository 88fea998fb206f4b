"""Words that end in a full stop without ending a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Abbreviations:
    """The abbreviations of one language, in lower case and without the last full stop.

    Single letters (`J.`) and letters with full stops (`U.S.`, `p.m.`, `e.g.`) need no entry.
    """

    always: frozenset[str]
    before_digit: frozenset[str]
    """Abbreviations only before a number: `No. 5`, but `No. I did not`."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ABBREVIATIONS: Mapping[str, Abbreviations] = {
    "en": Abbreviations(
        _words(
            "mr mrs ms mx dr prof rev hon gen col maj capt cmdr lt sgt cpl gov sen rep pres supt"
            " jr sr st mt ft ave blvd rd hwy vs etc approx est dept govt univ assn inc ltd co corp bros"
            " al cf viz mon tue tues wed thu thur thurs fri"
        ),
        _words(
            "no nos nr vol p pp fig figs art ch sec ext min max apt rm ver para"
            " jan feb mar apr jun jul aug sep sept oct nov dec"
        ),
    ),
    "es": Abbreviations(
        _words("sr sra srta sres dr dra prof profa d dña ud uds vd vds lic ing arq av avda etc aprox tel pág"),
        _words("no núm nro art cap vol fig máx mín"),
    ),
    "fr": Abbreviations(
        _words("mr mm mme mlle dr pr prof me st ste av bd etc env tél cf vs"),
        _words("no art chap vol fig p pp max min"),
    ),
    "it": Abbreviations(
        _words("sig sigg dott prof ing avv arch geom rag ecc pag tel sigra"),
        _words("n no art cap vol fig max min"),
    ),
    "pt": Abbreviations(
        _words("sr sra srta dr dra prof profa eng exmo exma av etc aprox tel pág ltda"),
        _words("no art cap vol fig máx mín"),
    ),
    "hi": Abbreviations(
        _words(
            "डॉ डा श्री प्रो कु पं स्व मो एड इंजी कै रु रू क्र सं नं पृ दि ता प्रा लि कं उदा वि.सं ई.पू वि.वि"
            " उ.प्र म.प्र हि.प्र आ.प्र भा.ज.पा बी.बी.सी टी.वी ए.सी कि.मी से.मी मि.मी कि.ग्रा मि.ग्रा मि.ली"
            " कि.वा सोम dr mr mrs ms rs"
        ),
        _words("no फ़ो फो जन फ़र फर अप्रै जुल अग सितं सित अक्टू अक्तू नवं नव दिसं दिस"),
    ),
}
"""By primary language subtag."""


def abbreviations_for(language: str) -> Abbreviations:
    """Return the abbreviations of a BCP-47 `language`, or else the English ones."""
    return ABBREVIATIONS.get(language.split("-", 1)[0].lower(), ABBREVIATIONS["en"])
