"""Rewrites text as SSML's `say-as` asks, so that text filters and phonemizers read it as meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from wyoming_kokoro.markup.symbol_names import LETTER_NAMES, SYMBOL_NAMES
from wyoming_kokoro.markup.tokens import SayAs

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_DATE = re.compile(r"[\d\s./?-]+")
_DURATION = re.compile(r"\s*(\d{1,3})'(?:(\d{1,2})(?:\"|''))?\s*")
_INTEGER = re.compile(r"\s*([+-]?)(\d{1,3}(?:[ ,.']\d{3})+|\d+)\s*")
_ORDINAL_WORDS = {"hi": {"1": "पहला", "2": "दूसरा", "3": "तीसरा", "4": "चौथा", "6": "छठा"}, "fr": {"1": "1er"}}
_ORDINALS = {"es": "{}º", "fr": "{}ème", "hi": "{}वां", "it": "{}º", "ja": "{}番目", "pt": "{}º", "zh": "第{}"}


def rewrite(text: str, say_as: SayAs, language: str) -> str:
    """Return `text` as `say_as` wants it in a BCP-47 `language`, or as it is if that is unknown or does not fit."""
    primary = language.split("-", 1)[0].lower()
    if say_as.kind == "date":
        return _date(text, say_as.format, language)
    return _REWRITES[say_as.kind](text, primary) if say_as.kind in _REWRITES else text


def spell(text: str, language: str) -> str:
    """Return the names of the characters of `text`, in a primary `language` subtag."""
    names = {**SYMBOL_NAMES.get(language, {}), **LETTER_NAMES.get(language, {})}
    spoken = [names.get(character.upper(), character.upper()) for character in text if not character.isspace()]
    # A letter just before a full stop would be taken for an initial.
    return f" {', '.join(spoken)} " if spoken else text


def _digits(text: str, _: str) -> str:
    return f" {' '.join(text.strip())} " if text.strip().isdigit() else text


def _telephone(text: str, _: str) -> str:
    """Return the digits one by one, in the groups of the text, or in those of North America."""
    groups = re.findall(r"[^\W_]+", text)
    if len(groups) == 1 and len(groups[0]) in (7, 10, 11):
        number = groups[0]
        groups = [part for part in (number[:-10], number[-10:-7], number[-7:-4], number[-4:]) if part]
    plus = "+" if text.strip().startswith("+") else ""
    return f" {plus}{', '.join(' '.join(group.upper()) for group in groups)} " if groups else text


def _date(text: str, order: str, language: str) -> str:
    """Return a date of numbers in ISO 8601, or in English also `January 25` for a month with a day or a year."""
    if not _DATE.fullmatch(text):
        return text
    numbers = re.findall(r"\d+|\?+", text)
    order = "".join(dict.fromkeys(letter for letter in order if letter in "dmy"))
    if not order:
        begins_with_year = bool(numbers) and len(numbers[0]) in (4, 8)
        order = "ymd" if begins_with_year else "mdy" if language == "en-US" else "dmy"
    if len(numbers) == 1 and len(numbers[0]) in (4, 6, 8):
        numbers = _cut_digits(numbers[0], order)
    parts = {letter: int(number) for letter, number in zip(order, numbers, strict=False) if number.isdigit()}
    if len(numbers) != len(order) or not (1 <= parts.get("m", 1) <= 12 and 1 <= parts.get("d", 1) <= 31):
        return text
    if "y" in parts and parts["y"] < 100:
        parts["y"] += 2000
    if len(parts) == 3:
        return f"{parts['y']:04}-{parts['m']:02}-{parts['d']:02}"
    if "m" in parts and language.startswith("en"):
        rest = [str(parts[letter]) for letter in "dy" if letter in parts]
        return " ".join([_MONTHS[parts["m"] - 1], *rest])
    return text


def _cut_digits(digits: str, order: str) -> list[str]:
    """Return the numbers of `20260125`."""
    widths = {"y": len(digits) - 2 * sum(letter != "y" for letter in order), "m": 2, "d": 2}
    numbers, at = [], 0
    for letter in order:
        numbers.append(digits[at : at + widths[letter]])
        at += widths[letter]
    return numbers if at == len(digits) and all(numbers) else [digits]


def _duration(text: str, _: str) -> str:
    """Return `1 min 21 s` for `1'21"`; a time of day is readable as it is."""
    match = _DURATION.fullmatch(text)
    if not match:
        return text
    return f"{int(match[1])} min {int(match[2])} s" if match[2] else f"{int(match[1])} min"


def _cardinal(text: str, language: str) -> str:
    match = _INTEGER.fullmatch(text)
    if not match:
        return text
    digits = re.sub(r"\D", "", match[2])
    # Without its comma, 1905 could be a year.
    return match[1] + (f"{int(digits):,}" if language == "en" and len(digits) <= 15 else digits)


def _ordinal(text: str, language: str) -> str:
    match = _INTEGER.fullmatch(text)
    if not match:
        return text
    number = re.sub(r"\D", "", match[2]).lstrip("0") or "0"
    if language == "en":
        ending = {"1": "st", "2": "nd", "3": "rd"}.get(number[-1], "th")
        return number + ("th" if number[-2:] in ("11", "12", "13") else ending)
    word = _ORDINAL_WORDS.get(language, {}).get(number)
    return word or _ORDINALS.get(language, "{}").format(number)


_REWRITES: Mapping[str, Callable[[str, str], str]] = {
    **dict.fromkeys(("characters", "spell-out", "verbatim"), spell),
    "digits": _digits,
    "telephone": _telephone,
    **dict.fromkeys(("time", "duration"), _duration),
    **dict.fromkeys(("cardinal", "number"), _cardinal),
    "ordinal": _ordinal,
}
