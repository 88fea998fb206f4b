"""The rule for words that the phonemizer mispronounces."""

from __future__ import annotations

from collections.abc import Mapping

from wyoming_kokoro_text.classes.patterns import any_of
from wyoming_kokoro_text.rules import Rule


def respelling_rule(respelled: Mapping[str, str], **examples: str | tuple[str, ...]) -> Rule:
    """Return the rule that replaces each word by the spelling that the phonemizer pronounces right."""
    return Rule(
        rf"(?<![\w-])(?:{any_of(respelled)})(?![\w-])", lambda match: respelled[match[0]], languages="", **examples
    )
