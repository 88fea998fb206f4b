"""Spanish words and rules."""

from __future__ import annotations

from wyoming_kokoro_text.classes.names.respellings import respelling_rule
from wyoming_kokoro_text.language import (
    ClockWords,
    Currency,
    DateWords,
    Language,
    LanguageWords,
    RomanNumeralWords,
    SlashWords,
)
from wyoming_kokoro_text.languages.abbreviations.spanish import ABBREVIATIONS
from wyoming_kokoro_text.languages.acronyms.spanish import ACRONYMS, CODES, NAMES
from wyoming_kokoro_text.languages.nouns import spanish
from wyoming_kokoro_text.number_words import NumberWords
from wyoming_kokoro_text.unit_names import NEEDS_CLAUSE_END, UnitNames

ROMAN_NUMERALS = RomanNumeralWords(
    rulers={
        "masculine": "Alfonso Felipe Carlos Fernando Luis Juan Pablo Pío Benedicto León Gregorio Clemente Inocencio"
        " Urbano Sixto Julio Alejandro Enrique Jorge Eduardo Guillermo Ricardo Jaime Jacobo Pedro Sancho Ramiro"
        " Alberto Leopoldo Balduino Francisco Napoleón Nicolás Iván Federico Constantino Maximiliano Otón Gustavo"
        " Ramsés Mohamed Hasán Hassan Darío Ptolomeo Tutmosis Bonifacio Adriano Celestino Martín Esteban José Manuel"
        " Miguel",
        "feminine": "Isabel María Catalina Juana Ana Margarita Beatriz Victoria Cristina Blanca Petronila Urraca",
    },
    counted={
        "masculine": "Congreso congreso Festival festival Premio premio Encuentro encuentro Juegos Concilio Torneo"
        " Reich Milenio milenio aniversario Aniversario Centenario centenario Foro Plan Certamen Campeonato Maratón"
        " Curso Simposio Seminario Concurso Salón Ciclo Trofeo",
        "feminine": "Guerra guerra República república Edición edición Feria feria Cumbre cumbre Jornadas Copa Semana"
        " Bienal Carrera Internacional legislatura Legislatura Jornada Región Muestra Gala Asamblea Conferencia"
        " Enmienda",
    },
    plurals=frozenset({"juegos", "jornadas"}),
    numbered="capítulo|cap|tomo|parte|volumen|fase|título|acto|escena|libro|tipo|nivel|grado|anexo|artículo|sección"
    "|episodio|temporada|clase|estadio|bloque|canto|año|factor|zona|etapa|lección|unidad|serie|papa",
    centuries="siglos?",
    joined_by="y|al?|o|e|del",
)
_SCALES = {
    "millón": "millón de", "millones": "millones de", "mil": "mil", "k": "mil", "K": "mil",
    "M": "millón de|millones de", "mil M": "mil millones de", "mil millones": "mil millones de",
    "billón": "billón de", "billones": "billones de",
}  # fmt: skip
_NO_NOUNS = frozenset([
    "además", "antes", "atrás", "después", "detrás", "dos", "entonces", "es", "las", "los", "más", "mientras", "tras",
    "tres",
])  # fmt: skip

WORDS = LanguageWords(
    UnitNames("es", per=" por {}", ordinary_words=frozenset("y"), needs_clause_end=NEEDS_CLAUSE_END | {"ha", "mi"}),
    {
        "€ EUR": Currency("euro", "euros", "céntimo", "céntimos"),
        "US$ $ USD": Currency("dólar", "dólares", "centavo", "centavos"),
        "MXN ARS COP CLP": Currency("peso", "pesos", "centavo", "centavos"),
        "£": Currency("libra", "libras", "penique", "peniques"),
        "¥ JPY": Currency("yen", "yenes"),
        "CHF": Currency("franco suizo", "francos suizos", "céntimo", "céntimos"),
        "R$ BRL": Currency("real", "reales", "centavo", "centavos"),
        "S/ PEN": Currency("sol", "soles", "céntimo", "céntimos"),
        "₹": Currency("rupia", "rupias"),
    },
    clock=ClockWords(
        "{hour} en punto",
        "{hour} y {minute}",
        "de la mañana",
        "de la tarde",
        {1: "una", 21: "veintiuna"},
        before=r"a\s?las?|las?|desde las?|hasta las?",
        dotted_after="las?",
        evening=(8, "de la noche"),
    ),
    million_of="de",
    cent_separator=" con ",
    scales=_SCALES,
    minus="menos",
    before_minus="es|está|estaba|a|de|hace|hasta|son|marca|era",
    plus="más",
    plus_or_minus="más menos",
    about="unos",
    range_to="a",
    dimension_by="por",
    multiplied_by="por",
    divided_by="entre",
    equals="igual a",
    not_equal="no es igual a",
    makes="es|son",
    asks_for_sum="[Cc]uánto (?:es|son)|[Cc]alcula",
    squared="al cuadrado",
    cubed="al cubo",
    power="elevado a {}",
    square_root="la raíz cuadrada de",
    less_than="menos de",
    more_than="más de",
    at_least="al menos",
    at_most="como mucho",
    duration_and=" y ",
    before_duration=r"temporizador(?: de)?|duración|tiempo|quedan?|faltan?|durante|uptime",
    after_duration=r"restantes?|transcurrid[oa]s?",
    ago="hace|desde hace|dentro de",
    before_days="hace|dentro de|en|quedan?|faltan?|cada|tras",
    out_of="de",
    over="sobre",
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
    acronyms=ACRONYMS,
    codes=CODES,
    roman_numerals=ROMAN_NUMERALS,
    numbers=NumberWords(
        "es",
        point="coma",
        nouns={"feminine": spanish.FEMININE, "masculine": spanish.MASCULINE},
        plurals=((r"z$", "ces"), (r"ión$", "iones"), (r"(?<=[aeiouáéóbcfgkmpt])$", "s"), (r"$", "es")),
        endings={"feminine": r"(?:as|[cs]iones|dades|tudes)$", "masculine": r"[eo]s$"},
        other_words=_NO_NOUNS,
        feminine_before=frozenset({"la", "las", "unas"}),
        between=r"[aeoy] \d{1,9}",
        adjective="masculine-adjective",
        articles="el|al|del|un",
        ordinals={
            "masculine": r"\.?(?:er|º)|[dmnrtv]o",
            "feminine": r"\.?ª|[dmnrtv]a",
        },
    ),
)

DATES = DateWords(
    "dmy",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    with_year="{day} de {month} de {year}",
    without_year="{day} de {month}",
    month_and_year="{month} de {year}",
    range_to=" a ",
    before=r"el|del|al|desde|hasta|día|fecha|lunes|martes|miércoles|jueves|viernes|sábado|domingo",
    joined_by="y|al?",
)
SLASHES = SlashWords(
    "barra",
    all_day="24 7",
    over=" sobre ",
    part_of="{part} de {whole}",
    times="ve(?:z|ces)",
    per=" por {}",
    and_or="[yY]/[oO]",
    counted="paso|página|parte|capítulo|nivel|archivo|pregunta|episodio|fase|etapa|intento|ronda|lección|foto",
)

RESPELLED_NAMES = (
    respelling_rule(
        NAMES,
        es=(
            "YouTube y WhatsApp => Yútub y Uatsap",
            "Saludos desde Home Assistant => Saludos desde Jóum Asístant",
            "El sensor indica unavailable => El sensor indica no disponible",
        ),
    ),
)

LANGUAGE = Language(
    "es",
    WORDS,
    DATES,
    SLASHES,
    rules={"abbreviations": ABBREVIATIONS, "names": RESPELLED_NAMES},
    examples={
        "units": (
            "entre 5 y 10 => entre cinco y diez",
            "a las 3 mi hija => a las tres mi hija",
            "En 2026 ha llovido => En dos mil veintiséis ha llovido",
            "5 ha => cinco hectáreas",
        ),
    },
)
