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
    before_lowercase: frozenset[str] = frozenset()
    """Abbreviations only before a small letter or a number: `the temp. is`, but `Check the temp. Then go`."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ABBREVIATIONS: Mapping[str, Abbreviations] = {
    "en": Abbreviations(
        _words(
            "mr mrs ms mx dr prof rev hon gen col maj capt cmdr lt sgt cpl gov sen rep pres supt"
            " jr sr st mt ft ave blvd rd hwy vs etc approx est dept govt univ assn inc ltd co corp bros"
            " al cf viz mon tue tues wed thu thur thurs fri adm amb atty det fr messrs msgr pt pvt ste attn incl excl"
        ),
        _words(
            "no nos nr vol p pp pg fig figs art ch sec ext min max apt rm ver para bldg fl hwy qty ref rt rte ste tel"
            " jan feb mar apr jun jul aug sep sept oct nov dec"
        ),
        _words(
            "avg bldg cir ct expy intl ln max misc mtg mts natl pkwy pl ref sq ste ter temp"
            " jan feb mar apr jun jul aug sep sept oct nov dec"
        ),
    ),
    "es": Abbreviations(
        _words(
            "mm hnos bco ayto univ parc dir ppal entlo rte cant dto incl tte cte vda fac gob int esc c.p s.m s.s cda"
            " cdta vs cap vol sr sra srta sres sras dr dra dres prof profa lic ing arq gral cnel sgto mons hno hna d.ª"
            " dña dn ud uds vd vds av avda pza plza pl ctra urb rda gta cra crta esq col izq izqda dcha etc aprox tel"
            " teléf tfno tlf pág págs dpto depto apto apdo admón ref obs cód temp máx mín prov fdo atte ej ee uu rr hh"
            " jj oo ff aa sta sto fr pte cía excmo ilmo hab pdta ss lun mié jue vie sáb ene feb abr ago sept oct nov"
            " dic cc uds pers cdas cdtas"
        ),
        _words("no núm nro n.º art arts caps fig min pp ed ene feb abr may jun jul ago sep sept oct nov dic"),
    ),
    "fr": Abbreviations(
        _words(
            "suiv nbre gal pdt cdt cne col mr mm mme mmes mlle mlles dr drs pr prof me mgr vve st ste av bd bld boul"
            " pl imp all sq ch fg etc env tél tel cf apr ét vs ex c.-à-d bât apt appt esc adr ext extér int temp sté"
            " cie éd réf suppl qté resp dép dépt faubg rés pers lun jeu ven janv févr avr juil sept oct nov déc"
        ),
        _words("no art chap vol fig pp max min app mar mer sam dim"),
    ),
    "it": Abbreviations(
        _words(
            "spett fam soc dip univ pres uff dir ten cap vol col str sc all p.t q.b dr sig sigg sig.ra sig.na dott prof"
            " ing avv arch geom rag on sen mons cav egr gent.mo gent.ma spett.le ecc etc pag pagg tel cell sigra ca"
            " temp int es cfr tot loc fraz prov rif ns vs sec nr q.tà f.lli lun gio ven sab gen feb apr mag giu lug"
            " sett ott nov dic pz pers conf"
        ),
        _words("n no art artt fig max min pp app gen feb mar apr mag giu lug ago set sett ott nov dic"),
    ),
    "pt": Abbreviations(
        _words(
            "eng.ª engª dr.ª drª profª jr pref assoc pgto pg fls att gal mal ten des v.exa exa sa séc cap vol sr sra"
            " srta srs sras dr dra drs prof profa eng arq exmo exma ilmo dep ver gov pres gen cel sgt pe fr ir sen av"
            " pça pç rod estr trav jd pq edif ed lg tv vl apto ap apt bl etc aprox tel cel pág págs temp máx mín ltda"
            " cia obs qtd qtde ref end esq compl cód depto univ cx cj conj sta sto al seg qua qui sex sáb ex col pess"
            " un unid pçs jan fev abr jun jul ago nov dez"
        ),
        _words("no art arts fig min pp qd lt sl jan fev mar abr mai jun jul ago set out nov dez"),
    ),
    "hi": Abbreviations(
        _words(
            "डॉ डा श्री प्रो कु पं स्व मो एड इंजी कै रु रू क्र सं नं पृ दि ता प्रा लि कं उदा वि.सं ई.पू वि.वि"
            " उ.प्र म.प्र हि.प्र आ.प्र भा.ज.पा बी.बी.सी टी.वी ए.सी कि.मी से.मी मि.मी कि.ग्रा मि.ग्रा मि.ली"
            " कि.वा घं मि सेकं सोम dr mr mrs ms rs"
        ),
        _words("no फ़ो फो जन फ़र फर अप्रै जुल अग सितं सित अक्टू अक्तू नवं नव दिसं दिस"),
    ),
}
"""By primary language subtag."""


def abbreviations_for(language: str) -> Abbreviations:
    """Return the abbreviations of a BCP-47 `language`, or else the English ones."""
    return ABBREVIATIONS.get(language.split("-", 1)[0].lower(), ABBREVIATIONS["en"])
