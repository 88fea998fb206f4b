"""Numbers of Hindi in words. Espeak pronounces many digits wrong: the point of `21.5`, 45, 67 and 68."""

from __future__ import annotations

import re

from wyoming_kokoro_text.classes.patterns import ROMAN_NUMERAL, parse_roman, text_before
from wyoming_kokoro_text.number_words import MAX_DIGITS, NumberWords
from wyoming_kokoro_text.rules import Rule

# Espeak adds an `n` to the nasal vowel of पाँच.
_NUMBERS = NumberWords(
    "hi", point="दशमलव", respellings=(("पाँच", "पांच"), ("चौवालीस", "चवालीस"), ("उनासी", "उन्यासी"), ("पन्द्रह", "पंद्रह"))
)
_NUMBER = r"\d{1,3}(?:,\d{2,3}){1,9}(?!\d)(?:\.\d{1,20})?|\d{1,40}(?:\.\d{1,20})?"
_FEWEST_DIGITS_OF_CODE = 10

_ORDINALS = {"1": ("पहल", "ल"), "2": ("दूसर", "र"), "3": ("तीसर", "र"), "4": ("चौथ", "थ"), "6": ("छठ", "ठ")}


_KEYWORDS = (
    "PIN|OTP|PNR|पिन|ओटीपी|पीएनआर|कोड|पासवर्ड|पासकोड"
    "|खाता|खाते|फ़ोन|फोन|मोबाइल|हेल्पलाइन|कॉल|डायल|ट्रेन|गाड़ी|अंतिम|आख़िरी|आखिरी|संदर्भ"
)


def _spell_digits(digits: str) -> str:
    return _NUMBERS.spell_digits(digits)


def _verbalize_number(match: re.Match[str]) -> str:
    whole, _, decimals = match[0].replace(",", "").partition(".")
    is_grouped = "," in match[0] or whole.endswith("000")
    if (len(whole) > 1 and whole[0] == "0") or len(whole) >= (MAX_DIGITS if is_grouped else _FEWEST_DIGITS_OF_CODE):
        text = _spell_digits(whole)
    else:
        text = _NUMBERS.spell_cardinal(int(whole))
    text = f"{text} {_NUMBERS.point} {_spell_digits(decimals)}" if decimals else text
    follows_letter = text_before(match, 1).isalpha()
    precedes_letter = match.string[match.end() : match.end() + 1].isalpha()
    return f"{' ' * follows_letter}{text}{' ' * precedes_letter}"


def _verbalize_year(match: re.Match[str]) -> str:
    """Return a year of the second millennium in hundreds: उन्नीस सौ सैंतालीस."""
    century, years = divmod(int(match["year"]), 100)
    return f"{_NUMBERS.spell_cardinal(century)} सौ {_NUMBERS.spell_cardinal(years) if years else ''}".rstrip()


def _verbalize_telephone(match: re.Match[str]) -> str:
    groups = re.findall(r"\+?\d+", match[0])
    return ", ".join(("प्लस " if group[0] == "+" else "") + _spell_digits(group.lstrip("+")) for group in groups)


def _verbalize_code(match: re.Match[str]) -> str:
    return match["before"] + _spell_digits(match["code"].replace(" ", ""))


def _verbalize_ordinal(match: re.Match[str]) -> str:
    if match["regular"]:
        vowel = {"ा": "ाँ", "ी": "ीं", "े": "ें"}[match["regular"]]
        return f"{_NUMBERS.spell_cardinal(int(match['number']))}व{vowel}"
    stem, consonant = _ORDINALS.get(match["number"], ("", ""))
    return stem + match["vowel"] if stem and match["consonant"] == consonant else match[0]


def _verbalize_mixed(match: re.Match[str]) -> str:
    whole, fraction = int(match[1]), match[2].replace(" ", "")
    if fraction in ("½", "1/2"):
        return {1: "डेढ़", 2: "ढाई"}.get(whole) or f"साढ़े {_NUMBERS.spell_cardinal(whole)}"
    if fraction in ("¼", "1/4"):
        return f"सवा {_NUMBERS.spell_cardinal(whole)}"
    return f"पौने {_NUMBERS.spell_cardinal(whole + 1)}"


TELEPHONES = (
    Rule(
        r"(?<![\w.,+-])(?:\+\d{1,3}[ -]?)?(?:[6-9]\d{4}[ -]?\d{5}|[6-9]\d{2}[ -]\d{3}[ -]\d{4}"
        r"|0\d{2,4}[ -]\d{3,4}[ -]?\d{3,4}"
        r"|1[89]00[ -]\d{2,3}[ -]\d{3,4})(?![\w.,-]*\d)",
        _verbalize_telephone,
        hi=(
            "+91 98765 43210 => प्लस नौ एक, नौ आठ सात छह पांच, चार तीन दो एक शून्य",
            "9876543210 => नौ आठ सात छह पांच चार तीन दो एक शून्य",
            "1800-123-4567 => एक आठ शून्य शून्य, एक दो तीन, चार पांच छह सात",
            "011-23456789 => शून्य एक एक, दो तीन चार पांच छह सात आठ नौ",
        ),
    ),
    Rule(
        rf"(?P<before>(?:{_KEYWORDS})(?: (?:नंबर|नम्बर|संख्या|कोड|चार|छह))?(?: (?:है|का|की|के|पर|अंक))?\s?[:：-]?\s?)"
        r"(?P<code>\d{3,12}(?: \d{3})?)(?![\d.,:/]*\d)(?! (?:रुपये|रु|₹|बार|लोग|मिनट|घंटे|दिन|किलो|मीटर|°|%))",
        _verbalize_code,
        hi=("पिन कोड 110001 => पिन कोड एक एक शून्य शून्य शून्य एक", "कोड 0427 => कोड शून्य चार दो सात"),
    ),
)
NAMED_YEARS = (
    Rule(
        r"(?P<before>(?:सन्?|वर्ष|साल|ईस्वी) )(?P<year>1[1-9]\d\d)(?!\d)",
        lambda match: match["before"] + _verbalize_year(match),
        hi="वर्ष 1947 और सन् 1900 => वर्ष उन्नीस सौ सैंतालीस और सन् उन्नीस सौ",
    ),
    Rule(
        r"(?<![\w.,₹-])(?P<year>1[5-9]\d\d)(?=(?:[-–]\d\d)? (?:में(?! से)|ई|ईस्वी|तक|का|की|के|से)(?![ऀ-ॿ]))",
        _verbalize_year,
        hi="1857 का विद्रोह और 1990 के दशक => अठारह सौ सत्तावन का विद्रोह और उन्नीस सौ नब्बे के दशक",
    ),
)
ORDINALS = (
    Rule(
        r"(?<![\d.,])(?P<number>[1-9]\d{0,3})(?:[-\s]?व(?P<regular>[ाीे])[ंँ]?"
        r"|(?P<consonant>[लरथठ])(?P<vowel>[ाीे]))(?![ऀ-ॿ])",
        _verbalize_ordinal,
        hi=(
            "1ला, 2रा और 3री => पहला, दूसरा और तीसरी",
            "5वां, 21वीं सदी और 10वें => पांचवाँ, इक्कीसवीं सदी और दसवें",
            "5वे और 2ला => पांचवें और दो ला",
        ),
    ),
)
NUMERALS = (
    Rule(
        rf"(?<=[ऀ-ॿ] )(?=[IVX]{{2}})(?!XX){ROMAN_NUMERAL}(?![A-Za-z\d-])",
        lambda match: str(parse_roman(match[1])),
        hi="लुई XIV => लुई चौदह",
    ),
)
MIXED_FRACTIONS = (
    Rule(
        r"(?<![\d.,/])(\d{1,3})(\s?[½¼¾]|\s(?:1/2|1/4|3/4)(?![\d/]))",
        _verbalize_mixed,
        hi="2½ घंटे, 1 1/2 कप, 3½ और 1¾ => ढाई घंटे, डेढ़ कप, साढ़े तीन और पौने दो",
    ),
    Rule("¼", "एक चौथाई", hi="¼ कप => एक चौथाई कप"),
)
NUMBERS = (
    Rule(r"(?<=\d)\.0(?=\sडिग्री)", "", hi="19.0 डिग्री => उन्नीस डिग्री"),
    Rule(
        _NUMBER,
        _verbalize_number,
        hi=(
            "21.5 और 3.14 => इक्कीस दशमलव पांच और तीन दशमलव एक चार",
            "1,00,000 और 12,34,567 => एक लाख और बारह लाख चौंतीस हज़ार पांच सौ सड़सठ",
            "1,234.05 => एक हज़ार दो सौ चौंतीस दशमलव शून्य पांच",
            "007 => शून्य शून्य सात",
            "2026 में 45 => दो हज़ार छब्बीस में पैंतालीस",
        ),
    ),
)
