"""English words for units, money, dates, times and symbols."""

from __future__ import annotations

from wyoming_kokoro_text.language import ClockWords, Currency, LanguageWords
from wyoming_kokoro_text.unit_names import UnitNames

WORDS = LanguageWords(
    UnitNames("en", per=" per {}", article="[Aa]n?"),
    {
        "$": Currency("dollar", "dollars", "cent", "cents"),
        "US$ USD": Currency("US dollar", "US dollars", "cent", "cents"),
        "€ EUR": Currency("euro", "euros", "cent", "cents"),
        "£ GBP": Currency("pound", "pounds", "penny", "pence"),
        "¥": Currency("yen", "yen"),
        "₹": Currency("rupee", "rupees", "paisa", "paise"),
        "CHF": Currency("Swiss franc", "Swiss francs", "centime", "centimes"),
        "₩": Currency("won", "won"),
        "₽": Currency("ruble", "rubles", "kopeck", "kopecks"),
        "¢": Currency("cent", "cents"),
    },
    "January February March April May June July August September October November December",
    date_template="{month} {day}, {year}",
    clock=ClockWords("{hour}", "{hour} {minute}", "AM", "PM"),
    decimal_comma=False,
    cent_separator=" and ",
    scales={word: word for word in ("thousand", "million", "billion", "trillion")}
    | {"k": "thousand", "K": "thousand", "M": "million", "B": "billion", "bn": "billion"},
    fractions={
        "1/2": "one half|and a half",
        "1/3": "one third|and a third",
        "2/3": "two thirds|and two thirds",
        "1/4": "a quarter|and a quarter",
        "3/4": "three quarters|and three quarters",
        "1/5": "one fifth|and a fifth",
        "2/5": "two fifths|and two fifths",
        "3/5": "three fifths|and three fifths",
        "4/5": "four fifths|and four fifths",
        "1/6": "one sixth|and a sixth",
        "5/6": "five sixths|and five sixths",
        "1/8": "one eighth|and an eighth",
        "3/8": "three eighths|and three eighths",
        "5/8": "five eighths|and five eighths",
        "7/8": "seven eighths|and seven eighths",
        "1/10": "one tenth|and a tenth",
    },
)
