"""The table of units, and how units are recognized in text."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

import wyoming_kokoro_text
from tests.helpers.text.text_filters import filter_text
from wyoming_kokoro_text import unit_names
from wyoming_kokoro_text.language import Language
from wyoming_kokoro_text.languages import LANGUAGES, load_language
from wyoming_kokoro_text.unit_names import UnitName, UnitNames

TABLE = Path(wyoming_kokoro_text.__file__).with_name("units.tsv")
WITH_WORDS = tuple(language for language in map(load_language, LANGUAGES) if language.words)
SPELLING = tuple(language.code for language in WITH_WORDS if filter_text("2", language.code) != "2")
"""The languages in which numbers become words."""
NUMERALS_AND_PREPOSITIONS = frozenset(["cem", "cent", "cento", "cien", "mil", "mille", "per", "por", "pour"])


def read_table() -> list[dict[str, str | None]]:
    """Return a row for each spelling of each unit."""
    lines = [line for line in TABLE.read_text("utf-8").splitlines() if not line.startswith("#")]
    table = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    return [{**row, "unit": unit} for row in table for unit in row["unit"].split()]


def test_table_has_each_unit_once_and_a_column_for_every_language() -> None:
    table = read_table()
    assert len({row["unit"] for row in table}) == len(table)
    assert all(set(row) == {"unit", *(language.code for language in WITH_WORDS)} for row in table)


@pytest.mark.parametrize("cells", ["fathom|fathoms", "fathom|fathoms\t\t\t\t\t"], ids=["missing", "empty"])
def test_language_without_a_name_does_not_name_the_unit(
    cells: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = TABLE.read_text("utf-8")
    (tmp_path / TABLE.name).write_text(f"{table}ftm\t{cells}\n", "utf-8")
    monkeypatch.setattr(unit_names, "__file__", str(tmp_path / "unit_names.py"))
    english, spanish = UnitNames("en", per=" per {}"), UnitNames("es", per=" por {}")
    assert english.by_symbol["ftm"] == UnitName("fathom", "fathoms")
    assert "ftm" not in spanish.by_symbol
    assert spanish.by_symbol["kW"] == UnitName("kilovatio", "kilovatios")


def read(text: str, language: str) -> str:
    """Return `text` with its numbers as words where the language spells them, as in `100 kilómetros`."""
    return filter_text(text, language) if language in SPELLING else text


@pytest.mark.parametrize("row", read_table(), ids=lambda row: row["unit"])
def test_unit_after_a_number_is_named(row: dict[str, str | None]) -> None:
    unit = row["unit"] or ""
    for language in (column for column in row if column != "unit"):
        names = row[language]
        singular, _, plural = (names or "").partition("|")
        if not singular:
            # Hindi spells capitals.
            assert unit.isupper() or filter_text(f"2 {unit}", language).endswith(f" {unit}")
        elif unit != "y" or language not in ("es", "fr"):  # There, `y` is a word.
            assert filter_text(f"1 {unit}", language) == read(f"1 {singular}", language)
            assert filter_text(f"2 {unit}", language) == read(f"2 {plural or singular}", language)


@pytest.mark.parametrize("micro", ["μ", "µ"])
def test_both_letters_for_micro_are_named(micro: str) -> None:
    """Home Assistant writes the Greek letter, other programs the micro sign. They look the same."""
    expected = "8 micrograms per cubic meter and 5 microsiemens per centimeter"
    assert filter_text(f"8 {micro}g/m³ and 5 {micro}S/cm") == expected


def test_words_and_names_are_not_units() -> None:
    text = "3 in total, 2 a day, 4K, 3D and 1st"
    assert filter_text(text) == text


@pytest.mark.parametrize("language", [language for language in WITH_WORDS if language.words and language.words.numbers])
def test_gender_of_units_and_currencies_is_known(language: Language) -> None:
    """Without it, `21 W` would be `veintiuno vatios`."""
    assert language.words
    assert language.words.numbers
    names = list(language.words.units.by_symbol.values())
    for currency in language.words.currencies.values():
        names.append(UnitName(currency.singular, currency.plural))
        if currency.cent_singular:
            names.append(UnitName(currency.cent_singular, currency.cent_plural))
    find_gender = language.words.numbers.find_gender
    for name in names:
        first = re.split("[ -]", name.singular)[0]
        if first not in NUMERALS_AND_PREPOSITIONS:
            gender = find_gender(first, is_one=True)
            assert gender, name
            if language.words.numbers.plurals:
                assert find_gender(re.split("[ -]", name.plural)[0], is_one=False) == gender, name


@pytest.mark.parametrize("language", [language for language in WITH_WORDS if language.words and language.words.numbers])
def test_nouns_have_one_gender(language: Language) -> None:
    assert language.words
    assert language.words.numbers
    feminine, masculine = (nouns.split() for nouns in language.words.numbers.nouns.values())
    assert set(feminine).isdisjoint(masculine)
    assert len(feminine) >= 150
    assert len(masculine) >= 150
