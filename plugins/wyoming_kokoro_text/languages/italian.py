"""Italian words and rules."""

from __future__ import annotations

from wyoming_kokoro_text.language import ClockWords, Currency, Language, LanguageWords
from wyoming_kokoro_text.unit_names import UnitNames

WORDS = LanguageWords(
    UnitNames("it", per=" per {}"),
    {
        "€ EUR": Currency("euro", "euro", "centesimo", "centesimi"),
        "$ USD": Currency("dollaro", "dollari", "centesimo", "centesimi"),
        "£": Currency("sterlina", "sterline", "penny", "pence"),
        "CHF": Currency("franco svizzero", "franchi svizzeri", "centesimo", "centesimi"),
        "¥": Currency("yen", "yen"),
    },
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    date_template="{day} {month} {year}",
    clock=ClockWords(
        "{hour}", "{hour} e {minute}", "di mattina", "di pomeriggio", {0: "zero", 1: "una", 21: "ventuno"}
    ),
    first_of_month="primo",
    cent_separator=" e ",
    scales={"milione": "milione di", "milioni": "milioni di", "miliardo": "miliardo di", "miliardi": "miliardi di"},
    minus="meno",
    plus="più",
    plus_or_minus="più o meno",
    about="circa",
    range_to="a",
    dimension_by="per",
    multiplied_by="per",
    divided_by="diviso",
    equals="uguale",
    less_than="meno di",
    more_than="più di",
    at_least="almeno",
    at_most="al massimo",
    out_of="su",
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
)

LANGUAGE = Language("it", WORDS)
