"""Italian words for signs."""

from __future__ import annotations

from wyoming_kokoro_text.language_words import ClockWords, Currency, LanguageWords
from wyoming_kokoro_text.units import UnitNames, listed

UNITS = UnitNames(
    {
        "W": "watt", "VA": "voltampere", "var": "var", "varh": "var ora",
        "BTU": "unità termica britannica|unità termiche britanniche", "J": "joule", "Wh": "wattora",
        "cal": "caloria|calorie", "thm": "therm", "A": "ampere", "Ah": "amperora", "V": "volt", "Ω": "ohm",
        "kWh/100km": "chilowattora per 100 chilometri", "°C": "grado Celsius|gradi Celsius",
        "°F": "grado Fahrenheit|gradi Fahrenheit", "°": "grado|gradi", "K": "kelvin", "s": "secondo|secondi",
        "min": "minuto|minuti", "h": "ora|ore", "d": "giorno|giorni", "w": "settimana|settimane",
        "y": "anno|anni", "m": "metro|metri", "km": "chilometro|chilometri", "kWh": "chilowattora",
        "kg": "chilogrammo|chilogrammi",
        "kcal": "chilocaloria|chilocalorie", "kPa": "chilopascal",
        "in": "pollice|pollici", "ft": "piede|piedi", "yd": "iarda|iarde", "mi": "miglio|miglia",
        "nmi": "miglio nautico|miglia nautiche", "yd²": "iarda quadrata|iarde quadrate",
        "mi²": "miglio quadrato|miglia quadrate", "ac": "acro|acri",
        "ha": "ettaro|ettari", "CCF": "cento piedi cubi", "MCF": "mille piedi cubi", "L": "litro|litri",
        "l": "litro|litri", "gal": "gallone|galloni", "floz": "oncia liquida|once liquide", "g": "grammo|grammi",
        "oz": "oncia|once", "lb": "libbra|libbre", "lbs": "libbra|libbre", "st": "stone", "mol": "mole|moli",
        "mph": "miglio all'ora|miglia all'ora", "kn": "nodo|nodi", "Beaufort": "Beaufort",
        "rpm": "giro al minuto|giri al minuto", "Hz": "hertz", "Pa": "pascal", "bar": "bar",
        "mmHg": "millimetro di mercurio|millimetri di mercurio", "inHg": "pollice di mercurio|pollici di mercurio",
        "inH₂O": "pollice d'acqua|pollici d'acqua", "psi": "libbra per pollice quadrato|libbre per pollice quadrato",
        "atm": "atmosfera|atmosfere", "dB": "decibel", "dBA": "decibel", "dBm": "decibel milliwatt", "lx": "lux",
        "lm": "lumen", "Bq": "becquerel", "Ci": "curie",
        "BTU/(h⋅ft²)": "unità termica britannica all'ora e piede quadrato"
        "|unità termiche britanniche all'ora e piede quadrato",
        "%": "per cento", "ppm": "parte per milione|parti per milione",
        "ppb": "parte per miliardo|parti per miliardo", "S": "siemens", "bit": "bit", "B": "byte",
        "Mbps": "megabit al secondo", "kbps": "kilobit al secondo", "Gbps": "gigabit al secondo",
        "fps": "fotogramma al secondo|fotogrammi al secondo",
    },
    {
        "μ": "micro", "p": "pico", "m": "milli", "c": "centi", "d": "deci", "h": "etto", "k": "kilo", "M": "mega",
        "G": "giga", "T": "tera", "P": "peta", "E": "exa", "Z": "zetta", "Y": "yotta", "Ki": "kibi", "Mi": "mebi",
        "Gi": "gibi", "Ti": "tebi", "Pi": "pebi", "Ei": "exbi", "Zi": "zebi", "Yi": "yobi",
    },
    square="{} quadrato|{} quadrati",
    cubic="{} cubo|{} cubi",
    per=" per {}",
    irregular_per={"h": " all'ora", "s": " al secondo", "min": " al minuto", "d": " al giorno"},
)  # fmt: skip

WORDS = LanguageWords(
    UNITS,
    {
        "€": Currency("euro", "euro", "centesimo", "centesimi"),
        "EUR": Currency("euro", "euro", "centesimo", "centesimi"),
        "$": Currency("dollaro", "dollari", "centesimo", "centesimi"),
        "USD": Currency("dollaro", "dollari", "centesimo", "centesimi"),
        "£": Currency("sterlina", "sterline", "penny", "pence"),
        "CHF": Currency("franco svizzero", "franchi svizzeri", "centesimo", "centesimi"),
        "¥": Currency("yen", "yen"),
    },
    listed("gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"),
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
