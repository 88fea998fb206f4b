"""Italian words and rules."""

from __future__ import annotations

import re

from wyoming_kokoro_text.classes.names.respellings import respelling_rule
from wyoming_kokoro_text.classes.patterns import spell
from wyoming_kokoro_text.language import (
    ClockWords,
    Currency,
    DateWords,
    Language,
    LanguageWords,
    RomanNumeralWords,
    SlashWords,
)
from wyoming_kokoro_text.languages.abbreviations.italian import ABBREVIATIONS
from wyoming_kokoro_text.languages.acronyms.italian import ACRONYMS, CODES, NAMES
from wyoming_kokoro_text.languages.nouns import italian
from wyoming_kokoro_text.number_words import NumberWords
from wyoming_kokoro_text.rules import Rule
from wyoming_kokoro_text.unit_names import NEEDS_CLAUSE_END, UnitNames

ROMAN_NUMERALS = RomanNumeralWords(
    rulers={
        "masculine": "Luigi Enrico Carlo Francesco Filippo Napoleone Giovanni Paolo Benedetto Leone Pio Gregorio"
        " Clemente Innocenzo Urbano Sisto Giulio Alessandro Giorgio Edoardo Guglielmo Riccardo Giacomo Pietro Alberto"
        " Leopoldo Nicola Ivan Federico Costantino Massimiliano Ottone Gustavo Ramses Emanuele Umberto Amedeo"
        " Ferdinando Alfonso Bonifacio Celestino Adriano Cosimo Vittorio Baldovino Eugenio Martino Felipe",
        "feminine": "Elisabetta Maria Caterina Margherita Vittoria Giovanna Anna Isabella Cristina Beatrice",
    },
    counted={
        "masculine": "secolo Secolo Congresso congresso Festival Premio Concilio Torneo Reich millennio Millennio"
        " anniversario Anniversario centenario piano Piano Municipio Forum Campionato Concorso Salone emendamento",
        "feminine": "guerra Guerra Repubblica repubblica edizione Edizione Fiera Coppa Settimana Biennale Giornata"
        " Conferenza legislatura Internazionale classe",
    },
    numbered="fase|tipo|livello|grado|allegato|episodio|stagione|factor|zona|unità|serie|anno|categoria|stadio",
    parts={
        "masculine": "capitolo atto volume libro tomo canto titolo articolo secolo",
        "feminine": "scena parte sezione lezione",
    },
    months="gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre",
    centuries="[Ss]ecol[oi]",
    joined_by="e|al?|o|ed|dal?",
    last_ordinal=99,
)
_SCALES = {
    "milione": "milione di", "milioni": "milioni di", "miliardo": "miliardo di", "miliardi": "miliardi di",
    "k": "mila", "K": "mila", "M": "milione di|milioni di", "mln": "milione di|milioni di",
    "mld": "miliardo di|miliardi di", "mila": "mila",
}  # fmt: skip

WORDS = LanguageWords(
    UnitNames("it", per=" per {}", needs_clause_end=NEEDS_CLAUSE_END | {"ha", "mi"}),
    {
        "€ EUR": Currency("euro", "euro", "centesimo", "centesimi"),
        "US$ $ USD": Currency("dollaro", "dollari", "centesimo", "centesimi"),
        "£": Currency("sterlina", "sterline", "penny", "pence"),
        "CHF": Currency("franco svizzero", "franchi svizzeri", "centesimo", "centesimi"),
        "¥ JPY": Currency("yen", "yen"),
        "₹": Currency("rupia", "rupie"),
    },
    clock=ClockWords(
        "{hour}",
        "{hour} e {minute}",
        "di mattina",
        "di pomeriggio",
        {0: "zero", 1: "una", 21: "ventuno"},
        before="alle|dalle|delle|ore",
        dotted_after="alle|dalle|delle|ore",
        evening=(6, "di sera"),
    ),
    million_of="di",
    cent_separator=" e ",
    scales=_SCALES,
    minus="meno",
    before_minus="è|era|a|di|fa|sono|fino|segna|da",
    plus="più",
    plus_or_minus="più o meno",
    about="circa",
    range_to="a",
    dimension_by="per",
    multiplied_by="per",
    divided_by="diviso",
    equals="uguale",
    not_equal="diverso da",
    makes="fa|fanno|è",
    asks_for_sum="[Qq]uanto (?:fa|è)|[Cc]alcola",
    squared="al quadrato",
    cubed="al cubo",
    power="elevato a {}",
    square_root="la radice quadrata di",
    less_than="meno di",
    more_than="più di",
    at_least="almeno",
    at_most="al massimo",
    duration_and=" e ",
    before_duration=r"timer(?: di| da)?|durata|tempo|mancano|rimangono|uptime",
    after_duration=r"rimanent[ei]|trascors[ei]",
    ago="tra|fra",
    before_days="tra|fra|da|per|ogni|mancano|rimangono",
    out_of="su",
    over="su",
    version="versione",
    number="numero",
    and_="e",
    or_="o",
    at="chiocciola",
    dot="punto",
    point="punto",
    port="porta",
    fractions={
        "1/2": "mezzo|e mezzo",
        "1/3": "un terzo|e un terzo",
        "2/3": "due terzi|e due terzi",
        "1/4": "un quarto|e un quarto",
        "3/4": "tre quarti|e tre quarti",
    },
    acronyms=ACRONYMS,
    codes=CODES,
    roman_numerals=ROMAN_NUMERALS,
    numbers=NumberWords(
        "it",
        point="virgola",
        nouns={"feminine": italian.FEMININE, "masculine": italian.MASCULINE},
        feminine_before=frozenset({"all'", "dall'", "l'"}),
        between=r"[aeo] \d{1,9}",
        articles="al|dal|del|il|lo|nel|sul|un",
        ordinals={"masculine": "º", "feminine": "ª"},
        agreeing=1,
        # Espeak voices an `s` inside a word, and stresses only the end of a long one.
        respellings=((r"(?<=mila|ille)\u00ad|(?<=[ao])\u00ad(?=s)", " "),),
    ),
)

_VOWEL_NOUNS = "|".join(noun for noun in italian.FEMININE.split() if re.match("[aeou]|i(?![aeou])", noun))


def _to_one_o_clock(match: re.Match[str]) -> str:
    verb = "è" if match[1].lower() == "sono" else "era"
    return f"{verb.capitalize() if match[1][0].isupper() else verb} l'una"


ELISION = (
    Rule(
        r"\b([Aa]|[Dd]a|[Dd]e|[Nn]e|[Ss]u)l (?=ott[ao]|undici)",
        r"\1ll'",
        it="al 80% e del 11 => all'ottanta per cento e dell'undici",
    ),
    Rule(
        r"\b([Ii])l (?=ott[ao]|undici)",
        lambda match: "L'" if match[1] == "I" else "l'",
        it="il 8 maggio => l'otto maggio",
    ),
    Rule(r"\b(Sono|sono|Erano|erano) le una\b", _to_one_o_clock, it="Sono le 01:15 => È l'una e quindici"),
    Rule(r"\b([Aa]|[Dd]a|[Dd]e)lle una\b", r"\1ll'una", it="dalle 1:00 alle 13 => dall'una alle tredici"),
    Rule(rf"\b([Uu]n)a (?=(?:{_VOWEL_NOUNS})\b)", r"\1'", it="1 ora e 1 applicazione => un'ora e un'applicazione"),
    Rule(
        r"\b([Uu]n) (?=s[bcdfghlmnpqrtvz]|z|gn|p[sn]|[xy]|i[aeou])",
        r"\1o ",
        it="1 specchio, 1 zaino e 1 sensore => uno specchio, uno zaino e un sensore",
    ),
)

DATES = DateWords(
    "dmy",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    with_year="{day} {month} {year}",
    without_year="{day} {month}",
    month_and_year="{month} {year}",
    range_to=" al ",
    first_of_month="primo",
    before=r"il|l[’']|(?:d?[ad]|n?e)l(?:l[’'])?|data|lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica",
    joined_by="e|al?",
)
SLASHES = SlashWords(
    "barra",
    all_day="24 7",
    over=" su ",
    part_of="{part} di {whole}",
    times="volt[ae]",
    per=" al {}",
    and_or="[eE]/o",
    counted="passo|passaggio|pagina|parte|capitolo|livello|file|domanda|episodio|fase|tentativo|turno|lezione|foto",
)

ELIDED_DATES = (
    Rule(r"\b(d?[ae]l|al|nel)l['’](?=primo )", r"\1 ", it="dall'1/7 => dal primo luglio"),
    Rule(
        r"\b([Ll])['’](?=primo )", lambda match: "Il " if match[1] == "L" else "il ", it="l'1 maggio => il primo maggio"
    ),
)

CODES_OF_TOWNS = (
    Rule(
        r"(?<![\w.,-])(?!\d\d000)(\d{5})(?=\s[A-Z][a-zà-ù]{2,20}(?:[.,)]|\s\(|\s?$))",
        lambda match: spell(match[1]),
        it="20121 Milano => due zero uno due uno Milano",
    ),
)

RESPELLED_NAMES = (respelling_rule(NAMES, it="la wake word e 512 MB => la ueik uord e cinquecentododici megabait"),)

LANGUAGE = Language(
    "it",
    WORDS,
    DATES,
    SLASHES,
    rules={
        "abbreviations": ABBREVIATIONS,
        "codes": CODES_OF_TOWNS,
        "dates": ELIDED_DATES,
        "elision": ELISION,
        "names": RESPELLED_NAMES,
    },
    examples={
        "units": (
            "alle 3 mi alzo => alle tre mi alzo",
            "nel 2026 ha vinto => nel duemila ventisei ha vinto",
            "2 l'una => due l'una",
        )
    },
)
