"""Abbreviations in the examples of their rules end no segment."""

from __future__ import annotations

import pytest

from tests.helpers.text.segmentation import segments
from wyoming_kokoro_text.languages import load_language
from wyoming_kokoro_text.rules import Example

EXAMPLES = [
    example
    for code in ("es", "fr", "it", "pt")
    for rule in load_language(code).rules["abbreviations"]
    for example in rule.examples
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.language}: {example.written}")
def test_abbreviation_of_example_ends_no_segment(example: Example) -> None:
    written, spoken = (segments([text], example.language) for text in (example.written, example.spoken))
    assert len(written) <= len(spoken)
