"""English words for units, money, dates, times and symbols."""

from __future__ import annotations

from dataclasses import replace

from wyoming_kokoro_text.language import ClockWords, Currency, DateWords, LanguageWords, SlashWords
from wyoming_kokoro_text.unit_names import UnitNames

# They stand after units: `12V battery`. Before most nouns, units have the plural: `8 oz milk`.
_NOUNS = (
    "adapters?|bags?|batter(?:y|ies)|bottles?|breakers?|bulbs?|cables?|cameras?|cans?|cards?|chargers?|circuits?|disks?|drives?"
    "|engines?|fuses?|gusts?|heaters?|hose|house|ladders?|lamps?|limit|monitors?|motors?|outlets?|pipes?|plugs?|race|RAM|run|screens?"
    "|socket|speed|SSDs?|steaks?|supply|swim|tanks?|TVs?|walk|winds?|zone"
)

WORDS = LanguageWords(
    UnitNames("en", per=" per {}", article="[Aa]n?", nouns=_NOUNS),
    {
        "$": Currency("dollar", "dollars", "cent", "cents"),
        "US$ USD": Currency("US dollar", "US dollars", "cent", "cents"),
        "€ EUR": Currency("euro", "euros", "cent", "cents"),
        "£ GBP": Currency("pound", "pounds", "penny", "pence"),
        "¥ JPY": Currency("yen", "yen"),
        "₹ INR Rs Rs.": Currency("rupee", "rupees", "paisa", "paise"),
        "CHF": Currency("Swiss franc", "Swiss francs", "centime", "centimes"),
        "₩ KRW": Currency("won", "won"),
        "₽ RUB": Currency("ruble", "rubles", "kopeck", "kopecks"),
        "¢": Currency("cent", "cents"),
        "A$ AU$ AUD": Currency("Australian dollar", "Australian dollars", "cent", "cents"),
        "C$ CA$ CAD": Currency("Canadian dollar", "Canadian dollars", "cent", "cents"),
        "NZ$ NZD": Currency("New Zealand dollar", "New Zealand dollars", "cent", "cents"),
        "HK$ HKD": Currency("Hong Kong dollar", "Hong Kong dollars", "cent", "cents"),
        "S$ SGD": Currency("Singapore dollar", "Singapore dollars", "cent", "cents"),
        "R$ BRL": Currency("Brazilian real", "Brazilian reais", "centavo", "centavos"),
        "MX$ MXN": Currency("Mexican peso", "Mexican pesos", "centavo", "centavos"),
        "CNY RMB": Currency("yuan", "yuan"),
        "SEK": Currency("Swedish krona", "Swedish kronor"),
        "NOK": Currency("Norwegian krone", "Norwegian kroner"),
        "DKK": Currency("Danish krone", "Danish kroner"),
        "kr": Currency("krone", "kroner"),
        "zł PLN": Currency("zloty", "zlotys", "grosz", "groszy"),
        "₿ BTC": Currency("bitcoin", "bitcoins"),
    },
    clock=ClockWords("{hour}", "{hour} {minute}", "AM", "PM", before="at|by|until|from|since|before|after"),
    decimal_comma=False,
    asks_for_sum="[Ww]hat(?: is|[’']s)|[Tt]hat(?: is|[’']s)|[Hh]ow much is",
    before_minus="is|at|to|of|below|above|was|be|reads?|by|about|around|from",
    cent_separator=" and ",
    scales={word: word for word in ("thousand", "million", "billion", "trillion")}
    | dict.fromkeys(("k", "K"), "thousand")
    | dict.fromkeys(("m", "M", "mln"), "million")
    | dict.fromkeys(("b", "B", "bn", "bln"), "billion")
    | dict.fromkeys(("t", "T", "tn", "trn"), "trillion"),
    before_duration=r"timer(?: for| of)?|duration|uptime|countdown|runtime|length|took|last(?:s|ed)?|for|in|remaining",
    after_duration=r"left|remaining|elapsed|long|to go",
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
    }
    | {
        f"{number}/{parts}": f"{number} {name}s|and {number} {name}s"
        for parts, name in ((16, "sixteenth"), (32, "thirty-second"), (64, "sixty-fourth"))
        for number in range(3, parts, 2)
    }
    | {"1/16": "a sixteenth|and a sixteenth", "1/32": "a thirty-second|and a thirty-second"},
)

DATES = DateWords(
    "mdy",
    "January February March April May June July August September October November December",
    # Rules for dates with the name of a month make the day an ordinal.
    with_year="{month} {day}, {year}",
    without_year="{month} {day}",
    month_and_year="{month} {year}",
    range_to=" to ",
    before=r"on|due|week of|until|till?|since|starting|beginning|ending|expires|dated?"
    r"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|Mon|Tues?|Wed|Thu|Thurs?|Fri|Sat|Sun",
    often_before=r"by|before|after|from|for|through|thru|between|moved? to|moves to|is|was",
    joined_by="and|to|through|thru|until|till",
    after=r"\sat\s\d",
    counted=r"\s?(?:right|correct|done|completed?|finished|on|off|of|in|inch|[\"”]|(?!is\b|was\b|has\b)[a-z]+s\b)",
)
BRITISH_DATES = replace(DATES, order="dmy", with_year="{day} {month} {year}", without_year="{day} {month}")
SLASHES = SlashWords(
    "slash",
    all_day="24 7",
    over=" over ",
    part_of="{part} of {whole}",
    counted="steps?|pages?|parts?|chapter|level|file|questions?|slide|track|dis[ck]|episode|round|phase|stage|day|attempt"
    "|lesson|set|image|photo|item|task|exercise|module|section|update|player",
)
