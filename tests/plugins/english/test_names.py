from __future__ import annotations

from collections.abc import Callable

import pytest

from wyoming_kokoro.model.vocabulary import VOCABULARY
from wyoming_kokoro_english.names import NAMES

Read = Callable[[str, str], str]


@pytest.mark.parametrize("name", NAMES)
def test_name_is_read_in_both_accents_and_in_lower_case(read: Read, name: str) -> None:
    american, british = NAMES[name]
    assert set(american + british) <= set(VOCABULARY)
    assert [read("en-US", f"the {spelling}").split(" ", 1)[1] for spelling in (name, name.lower())] == [american] * 2
    assert read("en-GB", f"the {name}").split(" ", 1)[1] == british


def test_name_has_possessives(read: Read) -> None:
    assert read("en-US", "Xiaomi's lamps, two Roombas") == "ʃˌWmˈiz lˈæmps, tˈu ɹˈumbəz"
