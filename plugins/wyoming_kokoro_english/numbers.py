"""Writes out the numbers that the text filters leave as digits, because hibari reads every four digits as a year."""

from __future__ import annotations

import re
import unicodedata

# The hyphen of `I-95` is no part of the words.
_NUMBER = re.compile(
    r"(?:(?<=[^\W\d_])-)?"
    r"(?P<number>\.?[0-9]+(?:,[0-9]{3}(?![0-9]))*(?:\.[0-9]+)*)"
    r"(?:(?P<ordinal>st|nd|rd|th)\b|(?P<plural>['’]?s)\b)?"
)
# Larger numbers are read digit by digit. They are identifiers, and their names would be hard to understand.
MAX_DIGITS = 15


def write_out_numbers(text: str, is_british: bool) -> str:
    """Return `text` with words for all numbers, such as `one hundred five`, or British `one hundred and five`."""
    # hibari fails on some other digits, such as that of `10²`.
    if not text.isascii():
        text = "".join(str(unicodedata.digit(letter, letter)) for letter in text)

    def write_out(match: re.Match[str]) -> str:
        number = match["number"].replace(",", "")
        words = _ordinal_words(number) if match["ordinal"] else _cardinal_words(number)
        if match["plural"]:
            words = f"{words[:-1]}ies" if words[-1] == "y" else f"{words}s"
        if not is_british:
            words = words.replace(" and ", " ")
        before = " " if text[: match.start()][-1:].isalpha() else ""
        after = " " if text[match.end() :][:1].isalpha() else ""
        return f"{before}{words.replace(',', '').replace('-', ' ')}{after}"

    return _NUMBER.sub(write_out, text)


def _ordinal_words(digits: str) -> str:
    from hibari.g2p.numbers import ordinal  # noqa: PLC0415 hibari is imported on first use

    return str(ordinal(int(digits))) if len(digits) <= MAX_DIGITS and digits.isdigit() else _cardinal_words(digits)


def _cardinal_words(number: str) -> str:
    """Return the words of a whole number, of a decimal, or of a version such as `1.5.2`."""
    whole, *parts = number.split(".")
    read_part = _read_whole if len(parts) > 1 else _spell
    return " point ".join([_read_whole(whole or "0"), *map(read_part, parts)])


def _read_whole(digits: str) -> str:
    from hibari.g2p.numbers import cardinal  # noqa: PLC0415

    is_spelled = len(digits) > MAX_DIGITS or digits.startswith("0")
    return _spell(digits) if is_spelled or not digits.isdigit() else str(cardinal(int(digits)))


def _spell(digits: str) -> str:
    from hibari.g2p.numbers import ONES  # noqa: PLC0415

    return " ".join(ONES[int(digit)] for digit in digits if digit.isdigit())
