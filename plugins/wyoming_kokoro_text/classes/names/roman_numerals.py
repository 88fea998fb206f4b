"""Rules for Roman numerals: after names and words such as `capítulo`, and before nouns that they count."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from wyoming_kokoro_text.classes.patterns import parse_roman
from wyoming_kokoro_text.language import LanguageWords, RomanNumeralWords
from wyoming_kokoro_text.number_words import Gender, NumberWords
from wyoming_kokoro_text.rules import Rule

_ANY_NUMERAL = r"(?=[IVXLCM])M{0,3}(?:C[MD]|D?C{0,3})(?:X[CL]|L?X{0,3})(?:I[XV]|V?I{0,3})(?![\w'’])"
_SMALL_NUMERAL = r"(?=[IVX])X{0,3}(?:I[XV]|V?I{0,3})(?![\w'’])"
# One letter is an initial or a word. `XL` is a size.
_NUMERAL_OF_TITLE = r"(?=[IVXL]{2})(?:XL(?=[IVX])|L?X{0,3})(?:I[XV]|V?I{0,3})(?![\w'’-])"
_NUMERAL = re.compile(r"[IVXLCDM]+")
_DASH = re.compile(r"\s?[-–]\s?(?=[IVXLCDM])")


def roman_numeral_rules(words: LanguageWords) -> Iterable[Rule]:
    """Return the rules for Roman numerals."""
    numbers, roman = words.numbers, words.roman_numerals
    if not numbers or not roman:
        return ()
    verbalizer = _Verbalizer(numbers, roman, words.range_to)
    joined = rf"(?:(?:\s?[-–]\s?|,\s|\s(?:{roman.joined_by})\s){_SMALL_NUMERAL}){{0,3}}"
    forms = "|".join(f"(?P<{form}>{pattern})" for form, pattern in (numbers.ordinals or {}).items())
    return (
        Rule(
            rf"(?<!\w)(?P<numeral>[LC]?[IVX]{{1,6}})(?:{forms})s?(?!\w)",
            verbalizer.read_ordinal,
            languages="fr",
            fr=(
                "au XXIe siècle et au XXIème => au vingt et unième siècle et au vingt et unième",
                "la IIe République et François Ier => la deuxième République et François premier",
            ),
        ),
        Rule(
            rf"\b(?P<before>(?:{roman.centuries})\s){_SMALL_NUMERAL}{joined}",
            verbalizer.read_centuries,
            es=(
                "del siglo V al XV => del siglo quinto al quince",
                "siglos XVI-XVII => siglos dieciséis a diecisiete",
            ),
            it="nel secolo XXI => nel secolo ventunesimo",
            pt="nos séculos XV e XVI => nos séculos quinze e dezesseis",
        ),
        Rule(
            rf"(?<![\w-])(?P<numeral>{_SMALL_NUMERAL})"
            rf"(?=\s(?:(?:{roman.joined_by})\s(?:[a-z]{{2,3}}\s)?{_SMALL_NUMERAL}\s)?(?P<noun>{_any_word(roman.counted)}))",
            verbalizer.read_before_noun,
            es="la II Guerra Mundial y el III Congreso => la segunda Guerra Mundial y el tercer Congreso",
            it="la II guerra e il XV e il XVI secolo => la seconda guerra e il quindicesimo e il sedicesimo secolo",
            fr="le XX Congrès => le vingtième Congrès",
            pt="a II Guerra Mundial => a segunda Guerra Mundial",
        ),
        Rule(
            rf"(?<![\w-])(?P<numeral>{_SMALL_NUMERAL})(?=\s(?i:{roman.months})\b)",
            verbalizer.read_day,
            languages="it",
            it="Via XX Settembre e I maggio => Via venti Settembre e primo maggio",
        ),
        Rule(
            rf"\b(?P<ruler>{_any_word(roman.rulers)})\s(?P<numeral>{_SMALL_NUMERAL})",
            verbalizer.read_after_ruler,
            es="Felipe VI, Isabel II y Luis XIV => Felipe sexto, Isabel segunda y Luis catorce",
            fr="Louis XIV et Jean-Paul II => Louis quatorze et Jean-Paul deux",
            it="Giovanni XXIII ed Elisabetta II => Giovanni ventitreesimo ed Elisabetta seconda",
            pt="Dom Pedro II e Bento XVI => Dom Pedro segundo e Bento dezesseis",
        ),
        Rule(
            rf"\b(?P<before>(?i:(?P<part>{_any_word(roman.parts)})|{roman.numbered})\s)(?P<numeral>{_ANY_NUMERAL})",
            verbalizer.read_number,
            es="capítulo IV y fase III => capítulo cuatro y fase tres",
            fr="Acte III, scène IV => Acte trois, scène quatre",
            it="capitolo IV e fase III => capitolo quarto e fase tre",
            pt="volume III => volume três",
        ),
        Rule(
            rf"(?<![\w-])(?P<before>[A-ZÀ-Þ][^\W\d_A-Z]{{1,20}}\s)(?P<numeral>{_NUMERAL_OF_TITLE})(?!\s[A-ZÀ-Þ]{{2}})",
            verbalizer.read_number,
            es="Rocky IV y la Super Bowl LIX => Rocky cuatro y la Super Bowl cincuenta y nueve",
            fr="Rocky IV, taille XL => Rocky quatre, taille X L",
            it="Apollo XI => Apollo undici",
            pt="Rocky IV => Rocky quatro",
        ),
    )


class _Verbalizer:
    """Replaces Roman numerals of one language."""

    def __init__(self, numbers: NumberWords, roman: RomanNumeralWords, range_to: str) -> None:
        self._numbers = numbers
        self._roman = roman
        self._range_to = range_to
        self._genders = _genders(roman.rulers) | _genders(roman.counted) | _genders(roman.parts)

    def read_ordinal(self, match: re.Match[str]) -> str:
        number = parse_roman(match["numeral"])
        form = next(form for form in self._numbers.ordinals or () if match[form])
        return self._numbers.spell_ordinal(number, form)

    def read_centuries(self, match: re.Match[str]) -> str:
        text = match[0].removeprefix(match["before"])
        text = _DASH.sub(f" {self._range_to} ", text)
        return match["before"] + _NUMERAL.sub(lambda numeral: self._spell(numeral[0], "masculine"), text)

    def read_before_noun(self, match: re.Match[str]) -> str:
        noun = match["noun"].lower()
        gender = self._genders[noun]
        form = self._numbers.adjective if gender == "masculine" else gender
        ordinal = self._numbers.spell_ordinal(parse_roman(match["numeral"]), form)
        return f"{ordinal}s" if noun in self._roman.plurals else ordinal

    def read_day(self, match: re.Match[str]) -> str:
        number = parse_roman(match["numeral"])
        if number == 1:
            return self._numbers.spell_ordinal(1, "masculine")
        return self._numbers.spell_cardinal(number)

    def read_after_ruler(self, match: re.Match[str]) -> str:
        return f"{match['ruler']} {self._spell(match['numeral'], self._genders[match['ruler'].lower()])}"

    def read_number(self, match: re.Match[str]) -> str:
        part = match.groupdict().get("part")
        if part:
            return match["before"] + self._spell(match["numeral"], self._genders[part.lower()])
        return match["before"] + self._numbers.spell_cardinal(parse_roman(match["numeral"]))

    def _spell(self, numeral: str, gender: Gender) -> str:
        """Return an ordinal up to the last that the language uses after a noun, and then a cardinal number."""
        number = parse_roman(numeral)
        if number <= self._roman.last_ordinal:
            return self._numbers.spell_ordinal(number, gender)
        return self._numbers.spell_cardinal(number)


def _genders(words: Mapping[Gender, str]) -> dict[str, Gender]:
    return {word.replace("_", " ").lower(): gender for gender, listed in words.items() for word in listed.split()}


def _any_word(words: Mapping[Gender, str]) -> str:
    listed = " ".join(words.values()).split()
    return rf"(?:{'|'.join(listed).replace('_', ' ')})\b" if listed else "(?!)"
