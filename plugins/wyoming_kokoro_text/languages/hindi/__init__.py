"""Hindi words and rules."""

from __future__ import annotations

from wyoming_kokoro_text.language import ClockWords, Currency, DateWords, Language, LanguageWords, SlashWords
from wyoming_kokoro_text.languages.hindi.abbreviations import ABBREVIATIONS, ACRONYMS, CHARACTERS
from wyoming_kokoro_text.languages.hindi.numbers import (
    MIXED_FRACTIONS,
    NAMED_YEARS,
    NUMBERS,
    NUMERALS,
    ORDINALS,
    TELEPHONES,
)
from wyoming_kokoro_text.rules import Rule
from wyoming_kokoro_text.unit_names import UnitNames

_SCALES = {
    "लाख": "लाख", "करोड़": "करोड़", "हज़ार": "हज़ार", "हजार": "हज़ार", "अरब": "अरब", "Cr": "करोड़", "cr": "करोड़",
    "lakh": "लाख", "K": "हज़ार", "M": "मिलियन", "B": "बिलियन",
}  # fmt: skip

WORDS = LanguageWords(
    UnitNames("hi", per=" प्रति {}", needs_clause_end=frozenset()),
    {
        "₹ INR": Currency("रुपया", "रुपये", "पैसा", "पैसे"),
        "$ USD": Currency("डॉलर", "डॉलर", "सेंट", "सेंट"),
        "€ EUR": Currency("यूरो", "यूरो", "सेंट", "सेंट"),
        "£": Currency("पाउंड", "पाउंड", "पेंस", "पेंस"),
        "¥": Currency("येन", "येन"),
    },
    clock=ClockWords("{hour} बजे", "{hour} बजकर {minute} मिनट", "ए एम", "पी एम"),
    decimal_comma=False,
    scales=_SCALES,
    minus="माइनस",
    plus="प्लस",
    plus_or_minus="प्लस माइनस",
    about="लगभग",
    range_to="से",
    dimension_by="गुणा",
    multiplied_by="गुणा",
    divided_by="भाग",
    equals="बराबर",
    not_equal="बराबर नहीं",
    squared="का वर्ग",
    cubed="का घन",
    power="की घात {}",
    square_root="वर्गमूल",
    at_least="कम से कम",
    at_most="ज़्यादा से ज़्यादा",
    before_duration="टाइमर|अवधि|समय",
    after_duration="बाकी|शेष",
    out_of="बटा",
    over="बटा",
    version="वर्शन",
    number="नंबर",
    and_="और",
    or_="या",
    at="ऐट",
    dot="डॉट",
    point="पॉइंट",
    port="पोर्ट",
    fractions={
        "1/2": "आधा|सही एक बटा दो",
        "1/4": "एक चौथाई|सही एक बटा चार",
        "3/4": "तीन चौथाई|सही तीन बटा चार",
        "1/3": "एक तिहाई|सही एक बटा तीन",
        "2/3": "दो तिहाई|सही दो बटा तीन",
    },
)

DATES = DateWords(
    "dmy",
    "जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर",
    with_year="{day} {month} {year}",
    without_year="{day} {month}",
    month_and_year="{month} {year}",
    range_to=" से ",
    before=r"तारीख|दिनांक|सोमवार|मंगलवार|बुधवार|गुरुवार|शुक्रवार|शनिवार|रविवार",
    joined_by="से|और",
    after=r"\s(?:को|तक)",
)
SLASHES = SlashWords(
    "स्लैश",
    all_day="24 7",
    over=" बटा ",
    part_of="{whole} में से {part}",
    counted="चरण|पृष्ठ|पेज|भाग|अध्याय|स्तर|फ़ाइल|प्रश्न|एपिसोड|पाठ|फोटो",
)

HOUR_RANGES = (
    Rule(r"(?<=बजे)\s?[-–]\s?(?=(?:[^\W\d]\S{1,8}\s)?\d)", " से ", hi="सुबह 9 बजे - शाम 5 बजे => सुबह नौ बजे से शाम पांच बजे"),
)
RANGES = (
    Rule(r"(?<=\d)\s?[~〜]\s?(?=\d)", "-", hi="5~7 दिन => पांच से सात दिन"),
    # The verb follows the number. Without one, the hyphen is a dash.
    Rule(
        r"(?<=[ऀ-ॿ] )[-−–] (?=\d{1,3}(?:\.\d{1,2})? ?(?:°[CF]?|℃|डिग्री)(?: सेल्सियस)? (?:है|हो|था|पर|तक|से)(?!\w))",
        "-",
        hi="फ़्रीज़र - 18 °C पर है => फ़्रीज़र माइनस अठारह डिग्री सेल्सियस पर है",
    ),
)
_LETTER = r"[\u0900-\u0963\u0970-\u097f]"
ALTERNATIVES = (
    Rule(r"(?<=बार)/(?=(?:दिन|घंट[ाे]|मिनट|सप्ताह|हफ़्ते|महीन[ाे]|साल)(?!\w))", " प्रति ", hi="2 बार/दिन => दो बार प्रति दिन"),
    Rule(rf"(?<={_LETTER})/(?={_LETTER})", " या ", hi="चालू/बंद => चालू या बंद"),
)
YEARS = (
    Rule(
        rf"(?<![A-Za-z])({DATES.months.replace(' ', '|')}),?\s(1[1-9])(\d\d)(?!\d)",
        lambda match: f"{match[1]} {match[2]} सौ {int(match[3]) or ''}".rstrip(),
        hi="15 अगस्त 1947 और 07-03-1985 => पंद्रह अगस्त उन्नीस सौ सैंतालीस और सात मार्च उन्नीस सौ पचासी",
    ),
)

LANGUAGE = Language(
    "hi",
    WORDS,
    DATES,
    SLASHES,
    rules={
        "characters": CHARACTERS,
        "abbreviations": ABBREVIATIONS,
        "ordinals": ORDINALS,
        "dates": YEARS,
        "roman numerals": NUMERALS,
        "slashes": ALTERNATIVES,
        "addresses": TELEPHONES,
        "times": HOUR_RANGES,
        "ranges": RANGES,
        "symbols": MIXED_FRACTIONS,
        "numbers": NAMED_YEARS + NUMBERS,
        "names": ACRONYMS,
    },
)
