"""English rules for Roman numerals. One letter alone may also be a pronoun or an initial."""

from __future__ import annotations

import re

from wyoming_kokoro_text.classes.patterns import parse_roman
from wyoming_kokoro_text.languages.english.numbers import ordinal, verbalize_year
from wyoming_kokoro_text.rules import Rule

_NUMERAL = r"(?:X{0,3}(?:IX|IV|V?I{1,3}|V)|X{1,3})(?![\w-]|['’](?!s\b))"
_LONG_NUMERAL = rf"(?=[IVX]{{2}})(?!IV\b){_NUMERAL}"
_BOWL = r"(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})(?<=[IVXLC])(?!\w)"
_RULERS = (
    "Alexander|Benedict|Catherine|Charles|Edward|Elizabeth|Francis|Frederick|Gregory|Henry|Ivan|James|John(?: Paul)?"
    "|Leo|Louis|Ludwig|Napoleon|Nicholas|Otto|Paul|Peter|Philip|Pius|Ramses|Richard|Victoria|Wilhelm|William"
)
_TITLES = "[Cc]zar|[Ee]mperor|[Ee]mpress|[Kk]aiser|[Kk]ing|[Pp]haraoh|[Pp]ope|[Qq]ueen|[Ss]ultan|[Tt]sar"
_AFTER_PRONOUN = "am|can|could|did|do|had|have|know|like|love|mean|need|really|saw|should|think|want|will|would"
_NUMBERED = "Act|Book|Bowl|Chapter|Class|Episode|Level|Part|Phase|Season|Stage|Type|Volume|Wars?"
_NUMBERED_FROM_TWO = (
    "[Aa]nnex|[Aa]ppendix|[Aa]rticle|[Cc]ategory|Chapters|[Cc]orps|Division|Fantasy|FF|[Ff]igure|[Gg]eneration|[Gg]rade|GTA"
    "|[Gg]roup|iPhone|Mark|[Ss]cene|[Ss]ection|[Ss]tep|[Tt]able|[Tt]ier|[Tt]itle|act|book|chapter|class|episode|level|part"
    "|phase|season|stage|type|volume|[Rr]oom"
)
_AFTER_NAME = r"(?=[.,;:!?)]|$|\s(?:and|at|by|came|for|has|in|is|of|on|or|starts|was|with)\b)"


def _verbalize(match: re.Match[str]) -> str:
    """Return `Henry the 8th` for `Henry VIII` with a `ruler`, and else `World War 2` for `World War II`."""
    groups = match.groupdict()
    number = parse_roman(match["numeral"])
    if groups.get("ruler"):
        return f"{match['ruler']} the {ordinal(number)}"
    second = f"{match['joined']}{parse_roman(match['second'])}" if groups.get("second") else ""
    return f"{match['name']} {number}{second}"


def _verbalize_year(match: re.Match[str]) -> str:
    number = parse_roman(match[0])
    return verbalize_year(str(number)) if 1400 <= number <= 2100 else match[0]


ROMAN_NUMERALS = (
    Rule(
        rf"\b(?P<ruler>(?:{_TITLES}) [A-Z][a-z]{{2,12}}(?: [A-Z][a-z]{{2,12}})?) (?P<numeral>{_NUMERAL})"
        rf"(?!(?<=\bI) (?:{_AFTER_PRONOUN})\b)",
        _verbalize,
        en="Queen Elizabeth I and King George VI => Queen Elizabeth the 1st and King George the 6th",
    ),
    Rule(
        rf"\b(?P<ruler>{_RULERS}) (?!I\b)(?P<numeral>{_NUMERAL})",
        _verbalize,
        en=(
            "Henry VIII and Elizabeth II => Henry the 8th and Elizabeth the 2nd",
            "Henry VIII's wives => Henry the 8th's wives",
        ),
    ),
    Rule(rf"\b(?P<name>Bowl) (?P<numeral>{_BOWL})", _verbalize, en="Super Bowl LIX => Super Bowl 59"),
    Rule(
        rf"\b(?P<name>(?:{_NUMBERED})|(?:{_NUMBERED_FROM_TWO})(?! I\b)) (?P<numeral>{_NUMERAL})"
        rf"(?:(?P<joined> (?:and|or|to|&) )(?P<second>{_NUMERAL}))?",
        _verbalize,
        en=(
            "World War II, Chapter IV, Part I => World War 2, Chapter 4, Part 1",
            "World Wars I and II => World Wars 1 and 2",
            "stage III cancer, the part I like => stage 3 cancer, the part I like",
        ),
    ),
    Rule(
        rf"\b(?P<name>[A-Z][a-z]+) (?P<numeral>{_LONG_NUMERAL}|IV{_AFTER_NAME})",
        _verbalize,
        en="Rocky III, Rocky IV is on, an IV drip => Rocky 3, Rocky 4 is on, an IV drip",
    ),
    Rule(
        rf"\b(?P<numeral>(?=[IVX]{{2}}){_NUMERAL})(?= (?:[Cc]entur|[Dd]ynasty|[Oo]lympi|[Ll]egion))",
        lambda match: ordinal(parse_roman(match["numeral"])),
        en="the XXI century => the 21st century",
    ),
    Rule(
        r"\bWW(I{1,2}|[12])\b",
        lambda match: f"World War {match[1] if match[1].isdigit() else len(match[1])}",
        en="WWII => World War 2",
    ),
    Rule(
        r"\b(?=[MDCLXVI]{5})M{1,2}(?:C[MD]|D?C{0,4})(?:X[CL]|L?X{0,4})(?:I[XV]|V?I{0,4})\b",
        _verbalize_year,
        en="MCMXCIV => 19 94",
    ),
)
