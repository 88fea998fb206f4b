"""Builds the rules that replace notation with words: addresses, dates, times, ranges, money, units and symbols.

A language provides its `LanguageWords`. Phonemizers pronounce whole numbers and decimals in every language, so these
rules only rewrite what stands around the numbers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

from wyoming_kokoro_text.language_words import LanguageWords
from wyoming_kokoro_text.rules import Rules
from wyoming_kokoro_text.units import UNIT_PATTERN

NUMBER = r"\d+(?:[,.]\d{3})*(?:[.,]\d+)?"
"""A whole number or a decimal, with or without thousands separators."""
ENTITY_DOMAINS = (
    "alarm_control_panel|automation|binary_sensor|button|calendar|camera|climate|conversation|counter|cover"
    "|device_tracker|event|fan|group|humidifier|input_boolean|input_button|input_datetime|input_number|input_select"
    "|input_text|lawn_mower|light|lock|media_player|notify|number|person|remote|scene|script|select|sensor|siren|sun"
    "|switch|timer|todo|update|vacuum|valve|water_heater|weather|zone"
)
"""The first parts of Home Assistant's entity ids."""
# The markup rules have already replaced `_` between letters with a space.
_ENTITY_DOMAIN = ENTITY_DOMAINS.replace("_", "[_ ]")
_IPV4 = r"(?:\d{1,3}\.){3}\d{1,3}"
_NUMBER_ENDS = r"(?![\d.,]*\d)"
_NUMBER_BEGINS = r"(?<![\w.,–-])"
_SHORT_UNIT = r"(?:\s?(?:°[CF]?|%|[a-zA-Zμµ]{1,3}\b))?"
_SMALL_NUMBER = r"\d{1,3}(?:[.,]\d+)?"
_FRACTIONS = "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞⅒"

Replace = Callable[[re.Match[str]], str]


def address_rules(words: LanguageWords) -> Rules:
    """Return the rules for URLs, e-mail, IP and MAC addresses, versions and entity ids."""
    version = r"(?<![\w.])(?!\d{3}\.\d{3}\.\d{4}\b)v?\d+(?:\.\d+){2,}(?:[ab]\d+|rc\d+)?\b(?!\.?\d)"
    return Rules(
        (r"\bhttps?://(?:www\.)?([^\s/:?#]+(?::\d+)?)(?:[/?#][^\s]*[\w/=])?", r"\1"),
        (r"\bwww\.(?=\w)", ""),
        (r"(?<=\w)@(?=\w)", f" {words.at} "),
        (r"(?<=[a-z\d]):(\d{4,5})(?=\b(?![:.]\d))", lambda match: f" {words.port} {spell(match[1])}"),
        (rf"\b{_IPV4}\b(?!\.\d)", lambda match: match[0].replace(".", f" {words.dot} ")),
        (r"\b[\dA-Fa-f]{2}(?::[\dA-Fa-f]{2}){5}\b", lambda match: ", ".join(map(spell, match[0].upper().split(":")))),
        (rf"\b({_ENTITY_DOMAIN})\.(?=[a-z])", r"\1 "),  # light.kitchen_ceiling
        (version, lambda match: match[0].replace(".", f" {words.point} ")),
        (r"\bv(?=\d)", f"{words.version} "),
        (r"(?<=[a-z\d])\.(?=[a-z]{2,})", f" {words.dot} "),
    )


def date_rules(words: LanguageWords) -> Rules:
    """Return the rules for ISO 8601 dates and time stamps."""
    months = words.months.split()

    def verbalize_date(match: re.Match[str]) -> str:
        year, month, day = match.groups()
        number = words.first_of_month if int(day) == 1 else str(int(day))
        return words.date_template.format(day=number, month=months[int(month) - 1], year=year)

    return Rules(
        (r"(?<=\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?\b", r", \1"),
        (r"\b(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])\b", verbalize_date),
    )


def time_rules(words: LanguageWords) -> Rules:
    """Return the rules for times of day: `18:31`, `18h31` and `6:31 pm`."""
    clock = words.clock
    am_or_pm, hours = r"\s?([aApP])\.?\s?[mM]\b\.?", r"(?:\s(?:heures?|horas?|h|बजे)(?!\w))?"

    def verbalize_time(match: re.Match[str]) -> str:
        hour, minute, half_of_day = int(match[1]), int(match[2]), (match[3] or "").lower()
        template = clock.with_minutes if minute else clock.full_hour
        text = template.format(hour=clock.irregular_hours.get(hour, clock.hour_template.format(hour)), minute=minute)
        return text + {"a": f" {clock.am}", "p": f" {clock.pm}"}.get(half_of_day, "")

    return Rules(
        (r"(\d{1,2}:\d\d)\s?[–-]\s?(?=\d{1,2}:\d\d)", rf"\1 {words.range_to} "),
        (rf"(?<![\d:.,])([01]?\d|2[0-3])(?::|\s?h\s?)([0-5]\d)(?:{am_or_pm})?(?![:\d]){hours}", verbalize_time),
    )


def range_rules(words: LanguageWords) -> Rules:
    """Return the rules for ranges, dimensions, and the signs before numbers."""
    minus, plus, to = f"{words.minus} ", f"{words.plus} ", rf"\1 {words.range_to} "
    money = f"[{''.join(symbol for symbol in words.currency_by_symbol() if len(symbol) == 1)}]"
    return Rules(
        (r"(?<=\d)(?:[\u00a0\u202f](?=\d{3}(?!\d))| (?=000(?!\d)))", ""),  # 1 000
        (r"[ºº˚]\s?(?=[CF]\b)|°\s(?=[CF]\b)", "°"),
        ("℃", "°C"),
        ("℉", "°F"),
        (rf"({money})({NUMBER})\s?[–-]\s?(?:{money})?(?=\d)", rf"\2 {words.range_to} \1"),  # $5-10
        (rf"{_NUMBER_BEGINS}({money}?{NUMBER}{_SHORT_UNIT})\s?–\s?(?=[-−+]?{money}?\d)", to),
        (rf"{_NUMBER_BEGINS}({NUMBER}{_SHORT_UNIT})\s[-−]\s(?={NUMBER}\s?[°%])", to),
        (rf"{_NUMBER_BEGINS}({money}?{_SMALL_NUMBER}{_SHORT_UNIT})-(?={money}?{_SMALL_NUMBER}(?![\d-]))", to),
        (rf"{_NUMBER_BEGINS}(\d{{4}})-(?=\d{{4}}(?![\d-]))", to),
        (rf"(?<![\w.)])[-−–](?={money}?[.,]?\d)", minus),
        (rf"(?<![\w.)])\+(?={money}?[.,]?\d)", plus),
        (r"±\s?(?=\d)", f"{words.plus_or_minus} "),
        (r"[~≈∼]\s?(?=\d)", f"{words.about} "),
        (r"(?<=\d)\s?[×✕]\s?(?=\d)|(?<=\d)\s?x\s?(?=\d)", f" {words.dimension_by} "),
        (r"(?<![\w.,])\.(?=\d)", "0."),
    )


def money_rules(words: LanguageWords) -> Rules:
    """Return the rules for amounts of money with the symbol before or after, and for prices per unit."""
    symbols = _any_of(words.currency_by_symbol())
    scale = rf"(?:(?P<space>\s?)(?P<scale>{_any_of(words.scales)})(?!\w))?"
    amount, per = rf"(?P<amount>{NUMBER})", r"(?:\s?/\s?(?P<per>[\w²³]+))?"
    verbalize = _money_verbalizer(words)
    return Rules(
        (rf"(?<![\w.])(?P<symbol>{symbols})\s?{amount}{scale}{per}", verbalize),
        (rf"(?<![\w.,]){amount}{scale}\s?(?P<symbol>{symbols})(?!\w){per}", verbalize),
    )


def unit_rules(words: LanguageWords) -> Rules:
    """Return the rules for units after numbers, and for units that cannot be anything else."""
    number = rf"(?<![\w.,])(\b[Aa]n?\s)?({NUMBER})(\s?)"
    # Home Assistant writes a decimal point in every language.
    localize_decimals = (rf"(?<![\w.,])(\d+)\.(\d{{1,2}}|0\d+){_NUMBER_ENDS}", r"\1,\2")
    return Rules(
        (r"\bfl\.\s?oz\b\.?", "floz"),
        (rf"{number}({UNIT_PATTERN})(?![\w/²³])(\s?(?:[.,;:!?)]|$))?", _unit_verbalizer(words)),
        (rf"(?<![\w/.])({UNIT_PATTERN})(?![\w/²³])", lambda match: words.units.find_alone(match[1]) or match[0]),
        *([localize_decimals] if words.decimal_comma else []),
    )


def symbol_rules(words: LanguageWords) -> Rules:
    """Return the rules for fractions and all other symbols."""
    return Rules(
        (f"[{_FRACTIONS}]", lambda match: " " + unicodedata.normalize("NFKC", match[0]).replace("⁄", "/")),
        (r"(?:(?<=\d)\s)?(?<![\w/.,])(\d{1,3})/(\d{1,3})(?![\w/])", _fraction_verbalizer(words)),
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
    """Return `letters` separated by spaces, so that each is pronounced by its name."""
    return " ".join(letters)


def _any_of(texts: Iterable[str]) -> str:
    """Return a pattern for any of `texts`; without texts it matches nothing."""
    return "|".join(re.escape(text) for text in sorted(texts, key=len, reverse=True)) or "(?!)"


def _unit_verbalizer(words: LanguageWords) -> Replace:
    singular = re.compile(words.units.singular_numbers)

    def verbalize(match: re.Match[str]) -> str:
        article, number, space, symbol, end = (part or "" for part in match.groups())
        ends_clause = bool(end) or match.end() == len(match.string)
        name = words.units.find_after_number(symbol, has_space=bool(space), ends_clause=ends_clause)
        if not name:
            return match[0]
        number = number.removesuffix(".0")
        # An article takes the singular: `a 60 watt bulb`.
        return f"{article}{number} {name.singular if article or singular.fullmatch(number) else name.plural}{end}"

    return verbalize


def _money_verbalizer(words: LanguageWords) -> Replace:
    currencies = words.currency_by_symbol()
    point, comma = (",", ".") if words.decimal_comma else (".", ",")

    def verbalize_amount(symbol: str, amount: str) -> str:
        currency = currencies[symbol]
        whole, _, cents = amount.replace(comma, "").partition(point)
        if len(cents) != 2 or not currency.cent_singular:
            return f"{amount} {currency.singular if amount == '1' else currency.plural}"
        parts = [f"{whole} {currency.singular if whole == '1' else currency.plural}"] if int(whole) else []
        if int(cents):
            parts.append(f"{int(cents)} {currency.cent_singular if int(cents) == 1 else currency.cent_plural}")
        return words.cent_separator.join(parts) or f"0 {currency.plural}"

    def verbalize(match: re.Match[str]) -> str:
        symbol, amount, scale, per = match["symbol"], match["amount"], match["scale"], match["per"]
        if words.decimal_comma and re.fullmatch(r"\d+\.\d{1,2}", amount):
            amount = amount.replace(".", ",")
        if scale:
            text = f"{amount} {words.scales[scale]} {currencies[symbol].plural}"
        else:
            text = verbalize_amount(symbol, amount)
        if not per:
            return text
        unit = words.units.by_symbol.get(per)
        return text + words.units.per.format(unit.singular if unit else per)

    return verbalize


def _fraction_verbalizer(words: LanguageWords) -> Replace:
    def verbalize(match: re.Match[str]) -> str:
        alone, _, after_whole = words.fractions.get(f"{match[1]}/{match[2]}", "").partition("|")
        follows_whole = match[0][0].isspace()
        if alone:
            return f" {after_whole}" if follows_whole else alone
        return f"{' ' if follows_whole else ''}{match[1]} {words.out_of} {match[2]}"

    return verbalize
