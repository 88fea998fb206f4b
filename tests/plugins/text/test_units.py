"""The table of units, and how units are recognized in text."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import wyoming_kokoro_text
from tests.helpers.text.text_filters import filter_text
from wyoming_kokoro_text import unit_names
from wyoming_kokoro_text.languages import LANGUAGES
from wyoming_kokoro_text.unit_names import UnitName, UnitNames

TABLE = Path(wyoming_kokoro_text.__file__).with_name("units.tsv")


def read_table() -> list[dict[str, str | None]]:
    lines = [line for line in TABLE.read_text("utf-8").splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_table_has_each_unit_once_and_a_column_for_every_language() -> None:
    table = read_table()
    assert len({row["unit"] for row in table}) == len(table)
    assert all(set(row) == {"unit", *(language.code for language in LANGUAGES if language.words)} for row in table)


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


@pytest.mark.parametrize("row", read_table(), ids=lambda row: row["unit"])
def test_unit_after_a_number_is_named(row: dict[str, str | None]) -> None:
    unit = row.pop("unit")
    for language, names in row.items():
        singular, _, plural = (names or "").partition("|")
        if not singular:
            assert filter_text(f"2 {unit}", language) == f"2 {unit}"
        elif unit != "y" or language not in ("es", "fr"):  # There, `y` is a word.
            assert filter_text(f"1 {unit}", language) == f"1 {singular}"
            assert filter_text(f"2 {unit}", language) == f"2 {plural or singular}"


@pytest.mark.parametrize("micro", ["μ", "µ"])
def test_both_letters_for_micro_are_named(micro: str) -> None:
    """Home Assistant writes the Greek letter, other programs the micro sign. They look the same."""
    expected = "8 micrograms per cubic meter and 5 microsiemens per centimeter"
    assert filter_text(f"8 {micro}g/m³ and 5 {micro}S/cm") == expected


def test_words_and_names_are_not_units() -> None:
    text = "3 in total, 2 a day, 5s, 4K, 3D and 1st"
    assert filter_text(text) == text
    assert filter_text("5 y 10", "es") == "5 y 10"
