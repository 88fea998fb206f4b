"""Spanish words and rules."""

from __future__ import annotations

from wyoming_kokoro_text.language import ClockWords, Currency, Language, LanguageWords
from wyoming_kokoro_text.unit_names import UnitNames

WORDS = LanguageWords(
    UnitNames("es", per=" por {}", ordinary_words=frozenset("y")),
    {
        "€ EUR": Currency("euro", "euros", "céntimo", "céntimos"),
        "$ USD": Currency("dólar", "dólares", "centavo", "centavos"),
        "MXN": Currency("peso", "pesos", "centavo", "centavos"),
        "£": Currency("libra", "libras", "penique", "peniques"),
        "¥": Currency("yen", "yenes"),
    },
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    date_template="{day} de {month} de {year}",
    clock=ClockWords(
        "{hour} en punto", "{hour} y {minute}", "de la mañana", "de la tarde", {1: "una", 21: "veintiuna"}
    ),
    cent_separator=" con ",
    scales={"millón": "millón de", "millones": "millones de"},
    minus="menos",
    plus="más",
    plus_or_minus="más menos",
    about="unos",
    range_to="a",
    dimension_by="por",
    multiplied_by="por",
    divided_by="entre",
    equals="igual a",
    less_than="menos de",
    more_than="más de",
    at_least="al menos",
    at_most="como mucho",
    out_of="de",
    version="versión",
    number="número",
    and_="y",
    or_="o",
    at="arroba",
    dot="punto",
    point="punto",
    port="puerto",
    fractions={
        "1/2": "medio|y medio",
        "1/3": "un tercio|y un tercio",
        "2/3": "dos tercios|y dos tercios",
        "1/4": "un cuarto|y cuarto",
        "3/4": "tres cuartos|y tres cuartos",
    },
)

LANGUAGE = Language("es", WORDS, examples={"units": ("entre 5 y 10 => entre 5 y 10",)})
