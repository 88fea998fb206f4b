"""Rules for what people say digit by digit: telephone numbers, access codes, flights and number plates."""

from __future__ import annotations

import re
from collections.abc import Iterable

from wyoming_kokoro_text.classes.names.acronyms import spell_letters
from wyoming_kokoro_text.language import AcronymWords, CodeWords, LanguageWords
from wyoming_kokoro_text.number_words import NumberWords
from wyoming_kokoro_text.rules import Rule

_PART = re.compile(r"\d+|[A-Z]+")
_MAX_NUMBER = 3
"""People say longer numbers after letters digit by digit."""
_MIN_UNDIVIDED, _MAX_WITHOUT_AREA = 7, 9
"""Digits of a number that people divide into groups, and of one without the code of an area."""
_COUNTRY = r"(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[2-9]\d\d)"
"""The code of a country. Most have two digits."""
_MIXED = r"(?=[A-Z]{0,8}[ -]?\d)[A-Z\d]{1,10}(?:[ -][A-Z\d]{1,6}){0,4}(?![\w-]|[.,]\d)"
_DIGITS = r"\d{3,20}(?:[ -]\d{2,8}){0,4}(?![\w-]|[.,]\d)"


def code_rules(words: LanguageWords) -> Iterable[Rule]:
    """Return the rules for telephone numbers and codes."""
    if not words.numbers or not words.acronyms or not words.codes:
        return ()
    codes = words.codes
    reader = _CodeReader(words.numbers, words.acronyms, codes)
    link = rf"(?:[\s:]{{1,2}}(?:{codes.links})){{0,3}}[\s:]{{1,2}}"
    return (
        Rule(
            rf"(?<![\w+])\+(?P<country>{_COUNTRY})[ -]?(?:\(0\)[ -]?)?"
            r"(?P<rest>\(?\d{1,4}\)?(?:[ -]?\d{2,7}){1,6})(?![\w-]|[.,]\d)",
            reader.read_international,
            es=(
                "+34 612 345 678 => más treinta y cuatro, seis uno dos, tres cuatro cinco, seis siete ocho",
                "+34612345678 => más treinta y cuatro, seis uno dos, tres cuatro cinco, seis siete ocho",
            ),
            fr="+33 (0)6 12 34 56 78 => plus trente-trois six douze trente-quatre cinquante-six soixante-dix-huit",
            it="+39 347 1234567 => più trentanove, tre quattro sette, uno due tre, quattro cinque sei sette",
            pt="+55 11 98765-4321 => mais cinquenta e cinco, onze, nove oito sete seis cinco, quatro três dois um",
        ),
        Rule(
            rf"(?<![\w.,+-])(?:{'|'.join(codes.telephones)})(?![\w-]|[.,]\d|\s?[€$£%°])(?!\s(?:{codes.counted})\b)",
            reader.read_telephone,
            es="el 912 345 678 => el nueve uno dos, tres cuatro cinco, seis siete ocho",
            fr="le 06.12.34.56.78 => le zéro six douze trente-quatre cinquante-six soixante-dix-huit",
            it="il 347 123 4567 => il tre quattro sette, uno due tre, quattro cinque sei sette",
            pt=(
                "(11) 98765-4321 => onze, nove oito sete seis cinco, quatro três dois um",
                "(11) 987654321 => onze, nove oito sete seis cinco, quatro três dois um",
            ),
        ),
        Rule(
            rf"\b(?P<before>(?:{codes.before}){link})(?P<code>{_DIGITS})",
            reader.read_code,
            es="El código es 7392 y el PIN 0472 => El código es siete tres nueve dos y el pin cero cuatro siete dos",
            fr="Le code est 4821 => Le code est quatre huit deux un",
            it="Il codice è 4821 => Il codice è quattro otto due uno",
            pt="CEP 01310-100 => cep zero um três um zero um zero zero",
        ),
        Rule(
            rf"\b(?P<before>(?:{codes.mixed_before}){link})(?P<code>{_MIXED})",
            reader.read_code,
            es=(
                "el vuelo IB3456 => el vuelo i be tres cuatro cinco seis",
                "la matrícula 1234 BCD => la matrícula uno dos tres cuatro be ce de",
            ),
            fr="vol AF 1234 => vol A F un deux trois quatre",
            it="volo AZ1234 => volo A Z uno due tre quattro",
            pt="placa ABC1D23 => placa á bê cê um dê dois três",
        ),
        Rule(
            r"(?:(?<=\b[A-Z])|(?<=\b[A-Z]{2}))[₂₃]",
            lambda match: "2" if match[0] == "₂" else "3",
            es="H₂O y SO₂ => hache dos o y ese o dos",
            fr="O₃ => O trois",
        ),
        Rule(
            r"(?<![\w.@-])(?P<letters>[A-Z]{1,4})-?(?P<digits>\d{1,5})(?P<rest>[.,]\d|(?<=H2)O)?(?![\w-]|[.,]\d)",
            reader.read_model,
            es="la AP-7, GPT-4 y el B12 => la a pe siete, ge pe te cuatro y el be doce",
            fr="l'A6 et le TF1 => l'A six et le T F un",
            it="l'A14 => l'A quattordici",
            pt="a BR-101, H2O e PM2.5 => a bê érre cento e um, agá dois ó e pê ême dois vírgula cinco",
        ),
    )


class _CodeReader:
    """Replaces telephone numbers and codes of one language."""

    def __init__(self, numbers: NumberWords, acronyms: AcronymWords, codes: CodeWords) -> None:
        self._numbers = numbers
        self._acronyms = acronyms
        self._codes = codes

    def read_telephone(self, match: re.Match[str]) -> str:
        return self._read_groups(match[0])

    def read_international(self, match: re.Match[str]) -> str:
        country = self._numbers.spell_cardinal(int(match["country"]))
        separator = " " if self._codes.in_pairs else ", "
        return f"{self._codes.plus} {country}{separator}{self._read_groups(match['rest'])}"

    def read_code(self, match: re.Match[str]) -> str:
        groups = re.split("[ -]", match["code"])
        return match["before"] + " ".join(map(self._read_characters, groups))

    def read_model(self, match: re.Match[str]) -> str:
        letters, digits = match["letters"], match["digits"]
        is_word = letters in self._acronyms.words.split()
        text = letters.lower() if is_word else spell_letters(self._acronyms, letters)
        if match["rest"]:
            rest = spell_letters(self._acronyms, match["rest"]) if match["rest"].isalpha() else match["rest"]
            return f"{text} {digits}{' ' if rest[0].isalpha() else ''}{rest}"
        is_number = len(digits) <= _MAX_NUMBER and not digits.startswith("0")
        number = self._numbers.spell_cardinal(int(digits)) if is_number else self._numbers.spell_digits(digits)
        return f"{text} {number}"

    def _read_groups(self, number: str) -> str:
        groups = re.findall(r"\d+", number)
        if self._codes.in_pairs:
            return " ".join(self._read_number(pair) for group in groups for pair in _pairs(group))
        first, *rest = (part for group in groups for part in self._divide(group))
        is_area = bool(rest) and bool(re.fullmatch(self._codes.area, first))
        spoken = self._read_number(first) if is_area else self._numbers.spell_digits(first)
        return ", ".join([spoken, *map(self._numbers.spell_digits, rest)])

    def _divide(self, digits: str) -> list[str]:
        """Return groups of a long number: of the area, and of three or four digits."""
        if len(digits) < _MIN_UNDIVIDED:
            return [digits]
        if len(digits) > _MAX_WITHOUT_AREA and (area := re.match(self._codes.area, digits)):
            return [area[0], *self._divide(digits[area.end() :])]
        if self._codes.ends_with_four:
            return [digits[:-4], digits[-4:]]
        of_three = len(digits) - 4 * (len(digits) % 3)
        return re.findall("...", digits[:of_three]) + re.findall("....", digits[of_three:])

    def _read_number(self, digits: str) -> str:
        """Return leading zeros, and the rest as one number."""
        significant = digits.lstrip("0")
        zeros = self._numbers.spell_digits("0" * (len(digits) - len(significant)))
        return f"{zeros} {self._numbers.spell_cardinal(int(significant)) if significant else ''}".strip()

    def _read_characters(self, group: str) -> str:
        spoken = [
            self._numbers.spell_digits(part) if part.isdigit() else spell_letters(self._acronyms, part)
            for part in _PART.findall(group)
        ]
        return " ".join(spoken)


def _pairs(digits: str) -> list[str]:
    """Return pairs of digits, after a single one if their number is odd. Up to three digits stay together."""
    if len(digits) <= _MAX_NUMBER:
        return [digits]
    odd = len(digits) % 2
    return [digits[:odd]] * odd + [digits[index : index + 2] for index in range(odd, len(digits), 2)]
