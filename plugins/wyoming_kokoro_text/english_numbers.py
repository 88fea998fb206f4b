"""English numbers that espeak does not read as a person would: years, ordinals, telephone numbers, Roman numerals."""

from __future__ import annotations

import re

from wyoming_kokoro_text.rules import rules

_DECADES = {
    "1": "tens", "2": "twenties", "3": "thirties", "4": "forties", "5": "fifties",
    "6": "sixties", "7": "seventies", "8": "eighties", "9": "nineties",
}  # fmt: skip
_ROMAN = {"I": 1, "V": 5, "X": 10}
_NUMERAL = r"(?:X{0,3}(?:IX|IV|V?I{1,3}|V)|X{1,3})\b(?!['’-])"
_MONARCHS = (
    "Alexander|Benedict|Catherine|Charles|Edward|Elizabeth|Francis|Frederick|Gregory|Henry|Ivan|James|John|Leo|Louis"
    "|Ludwig|Napoleon|Nicholas|Otto|Paul|Peter|Philip|Pius|Ramses|Richard|Victoria|Wilhelm|William"
)
_PARTS = "War|Chapter|Part|Act|Book|Volume|Phase|Type|Level|Stage|Class|Season|Episode|Bowl"
_SEASONS = (
    "January|February|March|April|May|June|July|August|September|October|November|December"
    "|[Ss]pring|[Ss]ummer|[Aa]utumn|[Ff]all|[Ww]inter"
)
_YEAR = r"(1[1-9]\d\d|20\d\d)"
_NO_MORE = r"(?![\d.,:]*\d|\w|\s?[%°])"


def year(digits: str) -> str:
    """Return a year as it is said: `17 56`, `19 oh 5`, `20 26`, `18 hundred`, `2006`."""
    century, rest = digits[:2], int(digits[2:])
    if digits[1] == "0" and rest < 10:
        return digits
    return f"{century} {'hundred' if rest == 0 else f'oh {rest}' if rest < 10 else rest}"


def ordinal(number: int) -> str:
    """Return `1st`, `2nd`, `11th`; espeak reads those, but for full hundreds."""
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def in_year(match: re.Match[str]) -> str:
    """Say the year behind a word that makes it one."""
    return f"{match[1]} {year(match[2])}"


def decade(match: re.Match[str]) -> str:
    """Say `1990s`, `90s` and `1900s`."""
    century, tens = match[1] or "", match[2]
    if tens != "0":
        return f"{century} {_DECADES[tens]}".lstrip()
    return f"{century[0]} thousands" if century[1:] == "0" else f"{century} hundreds"


def digits(match: re.Match[str]) -> str:
    """Say digits one by one, with a pause where they are grouped."""
    groups = re.findall(r"\d+", match[0])
    return ("plus " if match[0].startswith("+") else "") + ", ".join(" ".join(group) for group in groups)


def roman(match: re.Match[str]) -> str:
    """Say a Roman numeral behind a name: `Henry VIII` is `Henry the 8th`, `World War II` is `World War 2`."""
    values = [_ROMAN[letter] for letter in match["numeral"]]
    pairs = zip(values, [*values[1:], 0], strict=True)
    number = sum(-value if value < following else value for value, following in pairs)
    return f"{match['name']} the {ordinal(number)}" if match["monarch"] else f"{match['name']} {number}"


NUMBERS = rules(
    (rf"\b(?P<name>(?P<monarch>{_MONARCHS}))\s(?!I\b)(?P<numeral>{_NUMERAL})", roman),
    (rf"\b(?P<name>(?P<monarch>)(?:{_PARTS}))\s(?P<numeral>{_NUMERAL})", roman),
    (r"\b(?P<name>(?P<monarch>)[A-Z][a-z]+)\s(?P<numeral>(?:II|III|VI{1,3}|IX|XI{1,3}|XIV|XV|XVI)\b(?!['’-]))", roman),
    (r"(?<![\w+])(?:\+?\d{1,3}[ .-])?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}\b", digits),  # +1 555 123 4567
    (r"(?<![\w,.-])\d{3}-\d{4}\b(?!-)", digits),
    (r"(?<![\w,.])(?:\d{7,}|0\d{2,})\b(?![.,]\d)", digits),
    (r"(?<=\b[Cc]ode )\d{3,}\b|(?<=\bPIN )\d{3,}\b|(?<=\b[Cc]all )\d{3}\b", digits),
    (r"\b(1[1-9]|20)(\d)0['’]?s\b", decade),
    (r"(?<=\bthe )['’]?()([2-9])0['’]?s\b", decade),
    (rf"\b{_YEAR} (to|and|until) {_YEAR}{_NO_MORE}", lambda found: f"{year(found[1])} {found[2]} {year(found[3])}"),
    (rf"(?<=(?:st|nd|rd|th),\s){_YEAR}{_NO_MORE}", lambda found: year(found[1])),
    (rf"\b({_SEASONS}) {_YEAR}{_NO_MORE}", lambda found: f"{found[1]} {year(found[2])}"),
    (rf"\b([Ii]n|[Ss]ince|[Uu]ntil|[Ff]rom|[Yy]ear|[Cc]irca) {_YEAR}{_NO_MORE}", in_year),
    (rf"(?<=\(){_YEAR}(?=\))", lambda found: year(found[1])),
    (r"\b(\d+)(?:,?000)th\b", r"\1 thousandth"),
    (r"\b(\d{1,2})00th\b", r"\1 hundredth"),
)
