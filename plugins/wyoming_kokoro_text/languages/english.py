"""English words for signs."""

from __future__ import annotations

from wyoming_kokoro_text.language_words import ClockWords, Currency, LanguageWords
from wyoming_kokoro_text.units import UnitNames

UNITS = UnitNames(
    {
        "W": "watt|watts", "VA": "volt ampere|volt amperes", "var": "var|vars", "varh": "var hour|var hours",
        "BTU": "B T U|B T Us", "J": "joule|joules", "Wh": "watt hour|watt hours", "cal": "calorie|calories",
        "thm": "therm|therms", "A": "amp|amps", "Ah": "amp hour|amp hours", "V": "volt|volts", "Ω": "ohm|ohms",
        "kWh/100km": "kilowatt hour per 100 kilometers|kilowatt hours per 100 kilometers",
        "°C": "degree Celsius|degrees Celsius", "°F": "degree Fahrenheit|degrees Fahrenheit", "°": "degree|degrees",
        "K": "kelvin|kelvins", "s": "second|seconds", "min": "minute|minutes", "h": "hour|hours", "d": "day|days",
        "w": "week|weeks", "y": "year|years", "m": "meter|meters", "in": "inch|inches", "ft": "foot|feet",
        "yd": "yard|yards", "mi": "mile|miles", "nmi": "nautical mile|nautical miles", "ac": "acre|acres",
        "ha": "hectare|hectares", "CCF": "hundred cubic feet", "MCF": "thousand cubic feet", "L": "liter|liters",
        "l": "liter|liters", "gal": "gallon|gallons", "floz": "fluid ounce|fluid ounces", "g": "gram|grams",
        "oz": "ounce|ounces", "lb": "pound|pounds", "lbs": "pound|pounds", "st": "stone", "mol": "mole|moles",
        "mph": "mile per hour|miles per hour", "kn": "knot|knots", "Beaufort": "Beaufort",
        "rpm": "revolution per minute|revolutions per minute", "Hz": "hertz", "Pa": "pascal|pascals",
        "bar": "bar|bars", "mmHg": "millimeter of mercury|millimeters of mercury",
        "inHg": "inch of mercury|inches of mercury", "inH₂O": "inch of water|inches of water", "psi": "P S I",
        "atm": "atmosphere|atmospheres", "dB": "decibel|decibels", "dBA": "decibel|decibels",
        "dBm": "decibel milliwatt|decibel milliwatts", "lx": "lux", "lm": "lumen|lumens", "Bq": "becquerel|becquerels",
        "Ci": "curie|curies", "BTU/(h⋅ft²)": "B T U per hour and square foot|B T Us per hour and square foot",
        "%": "percent", "ppm": "part per million|parts per million", "ppb": "part per billion|parts per billion",
        "S": "siemens", "bit": "bit|bits", "B": "byte|bytes", "Mbps": "megabit per second|megabits per second",
        "kbps": "kilobit per second|kilobits per second", "Gbps": "gigabit per second|gigabits per second",
        "fps": "frame per second|frames per second", "mAh": "milliamp hour|milliamp hours",
    },
    {
        "μ": "micro", "p": "pico", "m": "milli", "c": "centi", "d": "deci", "h": "hecto", "k": "kilo", "M": "mega",
        "G": "giga", "T": "tera", "P": "peta", "E": "exa", "Z": "zetta", "Y": "yotta", "Ki": "kibi", "Mi": "mebi",
        "Gi": "gibi", "Ti": "tebi", "Pi": "pebi", "Ei": "exbi", "Zi": "zebi", "Yi": "yobi",
    },
    square="square {}",
    cubic="cubic {}",
    per=" per {}",
)  # fmt: skip

CURRENCIES = {
    "$": Currency("dollar", "dollars", "cent", "cents"),
    "US$": Currency("US dollar", "US dollars", "cent", "cents"),
    "USD": Currency("US dollar", "US dollars", "cent", "cents"),
    "€": Currency("euro", "euros", "cent", "cents"),
    "EUR": Currency("euro", "euros", "cent", "cents"),
    "£": Currency("pound", "pounds", "penny", "pence"),
    "GBP": Currency("pound", "pounds", "penny", "pence"),
    "¥": Currency("yen", "yen"),
    "₹": Currency("rupee", "rupees", "paisa", "paise"),
    "CHF": Currency("Swiss franc", "Swiss francs", "centime", "centimes"),
    "₩": Currency("won", "won"),
    "₽": Currency("ruble", "rubles", "kopeck", "kopecks"),
    "¢": Currency("cent", "cents"),
}

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

WORDS = LanguageWords(
    UNITS,
    CURRENCIES,
    MONTHS,
    date_template="{month} {day}, {year}",
    clock=ClockWords("{hour}", "{hour} {minute}", "AM", "PM"),
    decimal_comma=False,
    cent_separator=" and ",
    scales={word: word for word in ("thousand", "million", "billion", "trillion")}
    | {"k": "thousand", "K": "thousand", "M": "million", "B": "billion", "bn": "billion"},
    fractions={
        "1/2": "one half|and a half", "1/3": "one third|and a third", "2/3": "two thirds|and two thirds",
        "1/4": "a quarter|and a quarter", "3/4": "three quarters|and three quarters",
        "1/5": "one fifth|and a fifth", "2/5": "two fifths|and two fifths", "3/5": "three fifths|and three fifths",
        "4/5": "four fifths|and four fifths", "1/6": "one sixth|and a sixth", "5/6": "five sixths|and five sixths",
        "1/8": "one eighth|and an eighth", "3/8": "three eighths|and three eighths",
        "5/8": "five eighths|and five eighths", "7/8": "seven eighths|and seven eighths",
        "1/10": "one tenth|and a tenth",
    },
)  # fmt: skip
