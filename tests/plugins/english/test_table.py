from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from wyoming_kokoro_english.table import Table, make_table, open_table

ENTRIES = {"lamp": "lˈæmp", "a": "", "résumé": "ɹ", "": "empty"}
texts = some.text(some.characters(exclude_characters="\t\n", exclude_categories=["Cs"]), max_size=8)


@given(entries=some.dictionaries(texts, texts), other=texts)
def test_table_equals_the_dictionary(entries: dict[str, str], other: str) -> None:
    table = Table(make_table(entries))
    assert {key: table.get(key) for key in entries} == entries
    assert table.get(other) == entries.get(other)


def test_section_has_the_keys_with_its_prefix() -> None:
    section = Table(make_table({"word lamp": "", "tag lamp": "NN"})).section("word ")
    assert ("lamp" in section, "lam" in section, section.get("lamp")) == (True, False, "")


@pytest.mark.parametrize("entry", [("a\tb", ""), ("a\nb", ""), ("a", "b\n")])
def test_text_that_would_break_a_line_is_an_error(entry: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="a table cannot contain the key"):
        make_table(dict([entry]))


def test_table_in_a_folder_is_mapped_and_without_a_folder_it_is_made(tmp_path: Path) -> None:
    (tmp_path / "words.table").write_bytes(make_table(ENTRIES))
    assert open_table(tmp_path, "words.table", dict[str, str]().items).get("lamp") == "lˈæmp"
    assert open_table(None, "words.table", ENTRIES.items).get("lamp") == "lˈæmp"
