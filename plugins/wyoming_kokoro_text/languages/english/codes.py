"""English rules for telephone numbers, codes, model names and house numbers."""

from __future__ import annotations

import re

from wyoming_kokoro_text.classes.patterns import group_thousands, spell
from wyoming_kokoro_text.rules import Rule

_SECRETS = (
    "[Cc]ode|PIN|[Pp]in|OTP|[Pp]asscode|[Pp]assword|[Pp]ostcode|ZIP|[Zz]ip"
    "|[Ll]icen[cs]e plate|[Rr]egistration|[Ss]erial"
)
_NUMBERED = (
    "[Aa]ccount|[Bb]ooking|[Cc]ase|[Cc]onfirmation|[Ii]nvoice|[Mm]ember(?:ship)?|[Mm]odel|[Oo]rder|[Pp]art|[Pp]olicy"
    "|[Rr]eference|[Ss]erial|[Ss]ort|[Tt]icket|[Tt]racking|[Tt]ransaction"
)
_CODE = (
    r"(?P<code>[A-Z]{2,4}[ -]\d{2,4}[A-Z]?"
    r"|(?=[A-Za-z-]{0,8}\d)(?:\d|[A-Z]{1,6}|[a-z]{1,6}(?=\d)|-(?=\w)){3,24}(?: (?:\d{3,4}|\d[A-Z]{2}))?)"
)
_CODE_ENDS = r"(?![\w:%°]|[.,]\d|-\w|\s(?:and|or|hours?|lines?|minutes?|times|units|to) )"
_CALL = "[Cc]all(?:ed|ing)?|[Dd]ial(?:led)?|[Rr]ing|[Pp]hone(?: number)?|[Tt]ele?(?:phone)?|[Ff]ax|[Tt]ext|[Hh]otline"
_PAIRED = (
    "Airbus|Apartment|Boeing|Bus|[Ff]light(?: is)?(?: [A-Z]{2})?|GTX|[Hh]ighway|[Ii]nterstate|RTX|[Rr]oom|[Rr]oute"
    "|[Ss]uite|[Uu]nit"
)
_STREETS = "Avenue|Boulevard|Court|Drive|Lane|Place|Road|Square|Street|Terrace|Way"


def _spell_digits(match: re.Match[str]) -> str:
    """Return the digits one by one, with a pause between their groups."""
    groups = re.findall(r"\d+", match[0])
    return ("plus " if match[0].startswith("+") else "") + ", ".join(map(spell, groups))


def _spell_code(match: re.Match[str]) -> str:
    """Return letters and digits one by one, but not the letters of a word. The letter A is `eh`."""
    parts = [re.findall(r"[A-Za-z]{4,}|\w", part) for part in re.split(r"[ -]", match["code"])]
    code = ", ".join(" ".join(sign if len(sign) > 1 else sign.upper() for sign in part) for part in parts if part)
    return match.groupdict().get("before", "") + re.sub(r"\bA\b", "eh", code)


def _pair_digits(digits: str) -> str:
    """Return a number as people say it in names: `7 47`, `1 oh 1`, `2 hundred`, `12 34`, but `2000`."""
    first, last = digits[:-2], digits[-2:]
    if last == "00":
        return digits if len(digits) > 3 else f"{first} hundred"
    return f"{first} {f'oh {last[1]}' if last[0] == '0' else last}"


CODES = (
    Rule(
        r"(?:(?<=\b[Tt]he )|(?<=\b[Aa]t )|(?<=\b[Nn]ear )|(?<=\b[Aa] ))7-11(?![\w-]|[.,:]\d|\s?[apAP]\.?[mM]\b)",
        "7 11",
        en="The 7-11 is closed, open from 7-11 => The 7 11 is closed, open from 7 to 11",
    ),
    Rule(r"\b401\(?[kK]\)?(?!\w)", "4 oh 1 k", en="a 401(k) => a 4 oh 1 k"),
    Rule(
        r"(?<![\w+])\+(?=(?:[ .()-]{0,2}\d){7})\d{1,3}(?:[ .-]?(?:\(0?\d{1,4}\)|\d{1,12})){1,5}\b",
        _spell_digits,
        en="+44 20 7946 0958 => plus 4 4, 2 0, 7 9 4 6, 0 9 5 8",
    ),
    Rule(
        r"(?<![\w+])(?:\d{1,3}[ .-])?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}\b",
        _spell_digits,
        en=(
            "(555) 123-4567 and 555.123.4567 => 5 5 5, 1 2 3, 4 5 6 7 and 5 5 5, 1 2 3, 4 5 6 7",
            "1-800-555-0100 => 1, 8 0 0, 5 5 5, 0 1 0 0",
        ),
    ),
    Rule(
        r"(?<![\w.,/:-])(?<!\d )\(?0(?:\d{2,4}\)?[ -]\d{3,8}(?:[ -]?\d{3,4}){0,2}|\d(?:[ .]\d\d){4})\b(?![.,:]\d)",
        _spell_digits,
        en="0800 123 456 and 07700 900123 => 0 8 0 0, 1 2 3, 4 5 6 and 0 7 7 0 0, 9 0 0 1 2 3",
    ),
    Rule(r"(?<![\w,.-])\d{3}-\d{4}\b(?!-)", _spell_digits, en="at 555-1234 => at 5 5 5, 1 2 3 4"),
    Rule(
        rf"\b(?P<before>(?:{_CALL})(?: (?:is|us|me|at|on|now)){{0,2}}:? )"
        r"(?P<code>\d{2,4}(?:[ -]\d{2,4}){1,4}|\d{5,12}|\d{3})"
        r"\b(?![.,:]\d|[%°]|\s(?:and|people|or|times)\b)",
        _spell_code,
        en="call 911, phone 600 123 456 => call 9 1 1, phone 6 0 0, 1 2 3, 4 5 6",
    ),
    Rule(
        rf"\b(?P<before>(?:(?:{_SECRETS})(?: (?:code|number))?|(?:{_NUMBERED}) (?:code|number|ID|no\.)|[Ee]xtension)"
        rf"(?: (?:is|was|to|for [a-z]+ is))?:? ){_CODE}{_CODE_ENDS}",
        _spell_code,
        en=(
            "Your code is 739204. => Your code is 7 3 9 2 0 4.",
            "PIN: 1234, ZIP code 90210 => PIN: 1 2 3 4, ZIP code 9 0 2 1 0",
            "postcode SW1A 1AA, license plate ABC 123 => postcode S W 1 eh, 1 eh eh, license plate eh B C, 1 2 3",
            "tracking number 1Z999AA1, Extension 204 => tracking number 1 Z 9 9 9 eh eh 1, Extension 2 0 4",
        ),
    ),
)

NAMES_WITH_NUMBERS = (
    Rule(
        r"(?P<code>\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b)", _spell_code, en="London SW1A 2AA => London S W 1 eh, 2 eh eh"
    ),
    Rule(r"(?<=\b[Tt]he )7[0-8]7\b", lambda match: _pair_digits(match[0]), en="the 737 => the 7 37"),
    # The grouping of India.
    Rule(
        r"(?<![\w,.])\d{1,2}(?:,\d\d){1,4},\d{3}\b(?![.,]?\d)",
        lambda match: group_thousands(match[0].replace(",", "")),
        en="1,00,000 and 12,34,567 people => 100000 and 1,234,567 people",
    ),
    Rule(
        r"(?<![\w,.])(?:\d{7,}(?<!000)(?! (?:bytes|people|[a-z]{3,12}s)\b)|0\d{2,})\b(?![.,]\d)",
        _spell_digits,
        en=(
            "5551234 and 007 => 5 5 5 1 2 3 4 and 0 0 7",
            "1048576 bytes and 1 000 000 => 1048576 bytes and 1000000",
        ),
    ),
    Rule(
        r"(?P<before>\b[Nn]umber )(?P<code>\d{5,})\b(?![.,]\d)",
        _spell_code,
        en="order #12345 => order number 1 2 3 4 5",
    ),
    Rule(
        r"(?<=, )(?P<before>[A-Z]{2} )(?P<code>\d{5})(?:-(\d{4}))?\b",
        _spell_code,
        en="Reno, NV 89501 => Reno, Nevada 8 9 5 0 1",
    ),
    Rule(
        r"(?<![\w-])(?P<name>[A-Z]{1,5}|[A-Z][a-z]{2,9}(?=-))(?P<sign>-?)(?P<number>[1-9]\d{2,3})(?![\w-]|[.,]\d)",
        lambda match: f"{'eh' if match['name'] == 'A' else match['name']} {_pair_digits(match['number'])}",
        en="an A320, I-405 and H265 => an eh 3 20, I 4 oh 5 and H 2 65",
    ),
    Rule(
        rf"\b(?P<name>{_PAIRED})\s(?P<number>[1-9]\d{{2,3}})(?![\w-]|[.,]\d)",
        lambda match: f"{match['name']} {_pair_digits(match['number'])}",
        en="Room 204, a Boeing 747, flight UA 1234 => Room 2 oh 4, a Boeing 7 47, flight UA 12 34",
    ),
    Rule(
        r"(?<![\w.,-])([1-9]\d{2,3})(?=\s(?:(?:North|South|East|West)\s)?"
        rf"(?:[A-Z][a-z’']{{1,15}}\s|\d{{1,3}}[a-z]{{2}}\s){{1,3}}(?:{_STREETS})\b)",
        lambda match: _pair_digits(match[1]),
        en="123 Main St. and 1204 Oak Avenue => 1 23 Main Street and 12 oh 4 Oak Avenue",
    ),
    Rule(
        r"\b(480|720|1080|1440|2160)([pi])\b",
        lambda match: f"{_pair_digits(match[1])} {match[2].upper()}",
        en="in 1080p => in 10 80 P",
    ),
    Rule(r"\b([Hh])\.(2)(6[456])\b", r"\1 \2 \3", en="H.264 => H 2 64"),
    Rule(
        r"\b802\.(\d{1,2})([a-z]{0,2})\b",
        lambda match: f"8 oh 2 dot {match[1]} {spell(match[2].upper())}".replace("A", "eh").rstrip(),
        en="802.11ax and 802.15 => 8 oh 2 dot 11 eh X and 8 oh 2 dot 15",
    ),
)
