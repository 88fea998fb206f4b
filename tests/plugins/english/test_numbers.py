from __future__ import annotations

import pytest

from wyoming_kokoro_english.numbers import write_out_numbers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1250 watts", "one thousand two hundred fifty watts"),
        ("1,234.5", "one thousand two hundred thirty four point five"),
        ("21.05", "twenty one point zero five"),
        ("7.30", "seven point three zero"),
        (".5", "zero point five"),
        ("007", "zero zero seven"),
        ("1.5.2", "one point five point two"),
        ("the 21st, 8th", "the twenty first, eighth"),
        ("I-95", "I ninety five"),
        ("a 5-star", "a five-star"),
        ("5G, Zigbee2MQTT", "five G, Zigbee two MQTT"),
        ("in his 80s", "in his eighties"),
        ("10²", "one hundred two"),
        ("1,2", "one,two"),
        ("1234567890123456", "one two three four five six seven eight nine zero one two three four five six"),
    ],
)
def test_numbers_are_written_out(text: str, expected: str) -> None:
    assert write_out_numbers(text, is_british=False) == expected


def test_british_numbers_have_and() -> None:
    assert write_out_numbers("105", is_british=True) == "one hundred and five"
