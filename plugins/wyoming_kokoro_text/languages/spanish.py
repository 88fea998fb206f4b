"""Spanish words for signs."""

from __future__ import annotations

from wyoming_kokoro_text.language_words import ClockWords, Currency, LanguageWords
from wyoming_kokoro_text.units import UnitNames, listed

UNITS = UnitNames(
    {
        "W": "vatio|vatios", "VA": "voltiamperio|voltiamperios", "var": "var|vares", "varh": "var hora|vares hora",
        "BTU": "unidad térmica británica|unidades térmicas británicas", "J": "julio|julios",
        "Wh": "vatio hora|vatios hora", "cal": "caloría|calorías", "thm": "termia|termias",
        "A": "amperio|amperios", "Ah": "amperio hora|amperios hora", "V": "voltio|voltios", "Ω": "ohmio|ohmios",
        "kWh/100km": "kilovatio hora por 100 kilómetros|kilovatios hora por 100 kilómetros",
        "°C": "grado Celsius|grados Celsius", "°F": "grado Fahrenheit|grados Fahrenheit", "°": "grado|grados",
        "K": "kelvin|kelvins", "s": "segundo|segundos", "min": "minuto|minutos", "h": "hora|horas", "d": "día|días",
        "w": "semana|semanas", "y": "año|años", "m": "metro|metros", "mm": "milímetro|milímetros",
        "cm": "centímetro|centímetros", "km": "kilómetro|kilómetros", "in": "pulgada|pulgadas", "ft": "pie|pies",
        "yd": "yarda|yardas", "mi": "milla|millas", "nmi": "milla náutica|millas náuticas", "ac": "acre|acres",
        "ha": "hectárea|hectáreas", "in²": "pulgada cuadrada|pulgadas cuadradas",
        "yd²": "yarda cuadrada|yardas cuadradas", "mi²": "milla cuadrada|millas cuadradas",
        "CCF": "cien pies cúbicos", "MCF": "mil pies cúbicos", "L": "litro|litros", "l": "litro|litros",
        "gal": "galón|galones", "floz": "onza líquida|onzas líquidas", "g": "gramo|gramos", "oz": "onza|onzas",
        "lb": "libra|libras", "lbs": "libra|libras", "st": "stone", "mol": "mol|moles",
        "mph": "milla por hora|millas por hora", "kn": "nudo|nudos", "Beaufort": "Beaufort",
        "rpm": "revolución por minuto|revoluciones por minuto", "Hz": "hercio|hercios", "Pa": "pascal|pascales",
        "bar": "bar|bares", "mmHg": "milímetro de mercurio|milímetros de mercurio",
        "inHg": "pulgada de mercurio|pulgadas de mercurio", "inH₂O": "pulgada de agua|pulgadas de agua",
        "psi": "libra por pulgada cuadrada|libras por pulgada cuadrada", "atm": "atmósfera|atmósferas",
        "dB": "decibelio|decibelios", "dBA": "decibelio|decibelios",
        "dBm": "decibelio milivatio|decibelios milivatio", "lx": "lux", "lm": "lumen|lúmenes",
        "Bq": "becquerel|becquereles", "Ci": "curio|curios",
        "BTU/(h⋅ft²)": "unidad térmica británica por hora y pie cuadrado"
        "|unidades térmicas británicas por hora y pie cuadrado",
        "%": "por ciento", "ppm": "parte por millón|partes por millón",
        "ppb": "parte por mil millones|partes por mil millones", "S": "siemens", "bit": "bit|bits",
        "B": "byte|bytes", "Mbps": "megabit por segundo|megabits por segundo",
        "kbps": "kilobit por segundo|kilobits por segundo", "Gbps": "gigabit por segundo|gigabits por segundo",
        "fps": "fotograma por segundo|fotogramas por segundo",
    },
    {
        "μ": "micro", "p": "pico", "m": "mili", "c": "centi", "d": "deci", "h": "hecto", "k": "kilo", "M": "mega",
        "G": "giga", "T": "tera", "P": "peta", "E": "exa", "Z": "zetta", "Y": "yotta", "Ki": "kibi", "Mi": "mebi",
        "Gi": "gibi", "Ti": "tebi", "Pi": "pebi", "Ei": "exbi", "Zi": "zebi", "Yi": "yobi",
    },
    square="{} cuadrado|{} cuadrados",
    cubic="{} cúbico|{} cúbicos",
    per=" por {}",
    words=frozenset("y"),
)  # fmt: skip

WORDS = LanguageWords(
    UNITS,
    {
        "€": Currency("euro", "euros", "céntimo", "céntimos"),
        "EUR": Currency("euro", "euros", "céntimo", "céntimos"),
        "$": Currency("dólar", "dólares", "centavo", "centavos"),
        "USD": Currency("dólar", "dólares", "centavo", "centavos"),
        "MXN": Currency("peso", "pesos", "centavo", "centavos"),
        "£": Currency("libra", "libras", "penique", "peniques"),
        "¥": Currency("yen", "yenes"),
    },
    listed("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
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
