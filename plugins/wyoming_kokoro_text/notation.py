"""The rules for what is written in signs, for every language that has `LanguageWords`.

espeak reads whole numbers and decimals by itself in every language; what is around them is for these rules.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

from wyoming_kokoro_text.language_words import LanguageWords
from wyoming_kokoro_text.rules import Replacement, Rules, rules
from wyoming_kokoro_text.units import UNIT_PATTERN

NUMBER = r"\d+(?:[,.]\d{3})*(?:[.,]\d+)?"
"""A whole number or a decimal, with or without separators."""
DOMAINS = (
    "alarm_control_panel|automation|binary_sensor|button|calendar|camera|climate|conversation|counter|cover"
    "|device_tracker|event|fan|group|humidifier|input_boolean|input_button|input_datetime|input_number|input_select"
    "|input_text|lawn_mower|light|lock|media_player|notify|number|person|remote|scene|script|select|sensor|siren|sun"
    "|switch|timer|todo|update|vacuum|valve|water_heater|weather|zone"
)
"""What the ids of Home Assistant's devices begin with."""
_ID = DOMAINS.replace("_", "[_ ]")
_OCTETS = r"(?:\d{1,3}\.){3}\d{1,3}"
_ENDED = r"(?![\d.,]*\d)"
_NOT_INSIDE = r"(?<![\w.,–-])"
_SHORT_UNIT = r"(?:\s?(?:°[CF]?|%|[a-zA-Zμµ]{1,3}\b))?"
_SMALL = r"\d{1,3}(?:[.,]\d+)?"
_FRACTIONS = "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞⅒"


def addresses(words: LanguageWords) -> Rules:
    """Say hosts, addresses, versions and ids by their parts."""
    dotted = _joined(".", f" {words.dot} ")
    return rules(
        (r"\bhttps?://(?:www\.)?([^\s/:?#]+(?::\d+)?)(?:[/?#][^\s]*[\w/=])?", r"\1"),
        (r"\bwww\.(?=\w)", ""),
        (r"(?<=\w)@(?=\w)", f" {words.at} "),
        (r"(?<=[a-z\d]):(\d{4,5})(?=\b(?![:.]\d))", lambda match: f" {words.port} {' '.join(match[1])}"),
        (rf"\b{_OCTETS}\b(?!\.\d)", dotted),
        (r"\b[\dA-Fa-f]{2}(?::[\dA-Fa-f]{2}){5}\b", lambda match: ", ".join(map(spell, match[0].upper().split(":")))),
        (rf"\b({_ID})\.(?=[a-z])", r"\1 "),  # light.kitchen_ceiling
        (
            r"(?<![\w.])(?!\d{3}\.\d{3}\.\d{4}\b)v?\d+(?:\.\d+){2,}(?:[ab]\d+|rc\d+)?\b(?!\.?\d)",
            _joined(".", f" {words.point} "),
        ),
        (r"\bv(?=\d)", f"{words.version} "),
        (r"(?<=[a-z\d])\.(?=[a-z]{2,})", f" {words.dot} "),
    )


def dates(words: LanguageWords) -> Rules:
    """Say dates that are written in digits, also those of time stamps."""

    def date(match: re.Match[str]) -> str:
        year, month, day = match.groups()
        number = words.first_of_month if int(day) == 1 else str(int(day))
        return words.date_template.format(day=number, month=words.months[int(month) - 1], year=year)

    return rules(
        (r"(?<=\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?\b", r", \1"),
        (r"\b(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])\b", date),
    )


def times(words: LanguageWords) -> Rules:
    """Say times of day: `18:31`, `18h31` and `6:31 pm`."""
    half, hours = r"\s?([aApP])\.?\s?[mM]\b\.?", r"(?:\s(?:heures?|horas?|h|बजे)(?!\w))?"
    return rules(
        (r"(\d{1,2}:\d\d)\s?[–-]\s?(?=\d{1,2}:\d\d)", rf"\1 {words.range_to} "),
        (rf"(?<![\d:.,])([01]?\d|2[0-3])(?::|\s?h\s?)([0-5]\d)(?:{half})?(?![:\d]){hours}", _clock(words)),
    )


def ranges(words: LanguageWords) -> Rules:
    """Say signs before and between numbers."""
    minus, plus, to = f"{words.minus} ", f"{words.plus} ", rf"\1 {words.range_to} "
    money = f"[{''.join(sign for sign in words.currencies if len(sign) == 1)}]"
    return rules(
        (r"(?<=\d)(?:[\u00a0\u202f](?=\d{3}(?!\d))| (?=000(?!\d)))", ""),  # 1 000
        (r"[ºº˚]\s?(?=[CF]\b)|°\s(?=[CF]\b)", "°"),
        ("℃", "°C"),
        ("℉", "°F"),
        (rf"({money})({NUMBER})\s?[–-]\s?(?:{money})?(?=\d)", rf"\2 {words.range_to} \1"),  # $5-10
        (rf"{_NOT_INSIDE}({money}?{NUMBER}{_SHORT_UNIT})\s?–\s?(?=[-−+]?{money}?\d)", to),
        (rf"{_NOT_INSIDE}({NUMBER}{_SHORT_UNIT})\s[-−]\s(?={NUMBER}\s?[°%])", to),
        (rf"{_NOT_INSIDE}({money}?{_SMALL}{_SHORT_UNIT})-(?={money}?{_SMALL}(?![\d-]))", to),
        (rf"{_NOT_INSIDE}(\d{{4}})-(?=\d{{4}}(?![\d-]))", to),
        (rf"(?<![\w.)])[-−–](?={money}?[.,]?\d)", minus),
        (rf"(?<![\w.)])\+(?={money}?[.,]?\d)", plus),
        (r"±\s?(?=\d)", f"{words.plus_or_minus} "),
        (r"[~≈∼]\s?(?=\d)", f"{words.about} "),
        (r"(?<=\d)\s?[×✕]\s?(?=\d)|(?<=\d)\s?x\s?(?=\d)", f" {words.dimension_by} "),
        (r"(?<![\w.,])\.(?=\d)", "0."),
    )


def money(words: LanguageWords) -> Rules:
    """Say amounts of money, with the sign before or behind, and prices for a unit."""
    signs = _any_of(words.currencies)
    scale = rf"(?:(?P<space>\s?)(?P<scale>{_any_of(words.scales)})(?!\w))?"
    amount, per = rf"(?P<amount>{NUMBER})", r"(?:\s?/\s?(?P<per>[\w²³]+))?"
    said = _money(words)
    return rules(
        (rf"(?<![\w.])(?P<sign>{signs})\s?{amount}{scale}{per}", said),
        (rf"(?<![\w.,]){amount}{scale}\s?(?P<sign>{signs})(?!\w){per}", said),
    )


def units(words: LanguageWords) -> Rules:
    """Say units behind numbers, and those that cannot be anything else."""
    table: list[tuple[str, Replacement]] = [
        (r"\bfl\.\s?oz\b\.?", "floz"),
        (
            rf"(?<![\w.,])(\b[Aa]n?\s)?({NUMBER})(\s?)({UNIT_PATTERN})(?![\w/²³])(\s?(?:[.,;:!?)]|$))?",
            _behind_number(words),
        ),
        (rf"(?<![\w/.])({UNIT_PATTERN})(?![\w/²³])", lambda match: words.units.find_alone(match[1]) or match[0]),
    ]
    if words.decimal_comma:
        table.append((rf"(?<![\w.,])(\d+)\.(\d{{1,2}}|0\d+){_ENDED}", r"\1,\2"))
    return rules(*table)


def symbols(words: LanguageWords) -> Rules:
    """Say what other signs there are."""
    return rules(
        (f"[{_FRACTIONS}]", lambda match: " " + unicodedata.normalize("NFKC", match[0]).replace("⁄", "/")),
        (r"(?:(?<=\d)\s)?(?<![\w/.,])(\d{1,3})/(\d{1,3})(?![\w/])", _fraction(words)),
        (r"\s?&\s?", f" {words.and_} "),
        (r"[#№]\s?(?=\d)", f"{words.number} "),
        (r"(?<!\w)#(?=\w)", ""),
        (r"(?<=\d)\s\*\s(?=\d)", f" {words.multiplied_by} "),
        (r"(?<=\d)\s?÷\s?(?=\d)", f" {words.divided_by} "),
        (r"(?<=\w)\s?=\s?(?=[\w-])", f" {words.equals} "),
        (r"(?<=\d)\s\+\s(?=\w)", f" {words.plus} "),
        (r"(?<=\d)\s[-−]\s(?=\d)", f" {words.minus} "),
        (r"(?:≥|>=)\s?", f"{words.at_least} "),
        (r"(?:≤|<=)\s?", f"{words.at_most} "),
        (r"<\s?(?=\d)", f"{words.less_than} "),
        (r">\s?(?=\d)", f"{words.more_than} "),
        (r"(?<=\d)\s?(?:[→➔➜➡]|->)\s?(?=\d)", f" {words.range_to} "),
        (r"(?<=[^\W\d]{2})/(?=[^\W\d]{2})", f" {words.or_} "),
        (r"\s/\s", ", "),
    )


def spell(letters: str) -> str:
    """Return letters that are said one by one."""
    return " ".join(letters)


def _joined(mark: str, word: str) -> Callable[[re.Match[str]], str]:
    return lambda match: match[0].replace(mark, word)


def _any_of(written: Iterable[str]) -> str:
    """Return a pattern for any of `written`, or for nothing."""
    return "|".join(re.escape(sign) for sign in sorted(written, key=len, reverse=True)) or "(?!)"


def _behind_number(words: LanguageWords) -> Callable[[re.Match[str]], str]:
    one = re.compile(words.units.one)

    def said(match: re.Match[str]) -> str:
        article, number, space, written, end = (part or "" for part in match.groups())
        names = words.units.find_after_number(
            written, spaced=bool(space), last=bool(end) or match.end() == len(match.string)
        )
        if not names:
            return match[0]
        number = number.removesuffix(".0")
        return f"{article}{number} {names[0] if article or one.fullmatch(number) else names[1]}{end}"

    return said


def _clock(words: LanguageWords) -> Callable[[re.Match[str]], str]:
    clock = words.clock

    def said(match: re.Match[str]) -> str:
        hour, minute, half = int(match[1]), int(match[2]), (match[3] or "").lower()
        template = clock.with_minutes if minute else clock.full_hour
        text = template.format(hour=clock.irregular_hours.get(hour, clock.hour_template.format(hour)), minute=minute)
        return text + {"a": f" {clock.am}", "p": f" {clock.pm}"}.get(half, "")

    return said


def _money(words: LanguageWords) -> Callable[[re.Match[str]], str]:
    point, comma = (",", ".") if words.decimal_comma else (".", ",")

    def parts(currency: str, amount: str) -> str:
        names = words.currencies[currency]
        whole, _, fraction = amount.replace(comma, "").partition(point)
        if len(fraction) != 2 or not names.cent:
            return f"{amount} {names.one if amount == '1' else names.many}"
        found = [f"{whole} {names.one if whole == '1' else names.many}"] if int(whole) else []
        if int(fraction):
            found.append(f"{int(fraction)} {names.cent if int(fraction) == 1 else names.cents}")
        return words.cent_separator.join(found) or f"0 {names.many}"

    def said(match: re.Match[str]) -> str:
        amount, scale, per = match["amount"], match["scale"], match["per"]
        if words.decimal_comma and re.fullmatch(r"\d+\.\d{1,2}", amount):
            amount = amount.replace(".", ",")
        if scale:
            text = f"{amount} {words.scales[scale]} {words.currencies[match['sign']].many}"
        else:
            text = parts(match["sign"], amount)
        names = words.units.spoken_forms.get(per or "", (per, ""))
        return text + (words.units.per.format(names[0]) if per else "")

    return said


def _fraction(words: LanguageWords) -> Callable[[re.Match[str]], str]:
    def said(match: re.Match[str]) -> str:
        alone, _, behind = words.fractions.get(f"{match[1]}/{match[2]}", "").partition("|")
        mixed = match[0][0].isspace()
        if alone:
            return f" {behind}" if mixed else alone
        return f"{' ' if mixed else ''}{match[1]} {words.out_of} {match[2]}"

    return said
