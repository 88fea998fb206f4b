"""Makes written text speakable with rules, each a substitution with examples.

`steps` lists all rules in their order. `classes/` contains the rules that languages share, and `languages/` the words
and the rules of each language. Units of measure are in `units.tsv`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from typing import Literal

from wyoming_kokoro import PluginContext, TextFilter, hookimpl
from wyoming_kokoro_text.classes.plain_text.emoji import NAMED_LANGUAGES, name_emoji
from wyoming_kokoro_text.languages import LANGUAGES, load_language
from wyoming_kokoro_text.rules import Rule, RuleFilter
from wyoming_kokoro_text.steps import STEPS, Step


@dataclass(frozen=True, slots=True)
class Settings:
    """`[plugins.text]`."""

    emoji: Literal["drop", "name"] = "drop"
    """`drop` removes emoji; `name` replaces them with their names."""
    date_order: Literal["auto", "dmy", "mdy", "ymd"] = "auto"
    """Order of day, month and year in dates such as 3/4/2026. `auto`: `mdy` in American English, `ymd` in Chinese and
    Japanese, else `dmy`."""


@dataclass(frozen=True, slots=True)
class LanguageRules:
    """The rules of one language in one step. Making the rules of all languages would take a tenth of the start."""

    step: Step
    code: str
    settings: Settings

    def __iter__(self) -> Iterator[Rule]:
        """Load the language and make its rules."""
        language, order = load_language(self.code), self.settings.date_order
        return iter(self.step.rules(language if order == "auto" else language.with_date_order(order)))


class TextPlugin:
    """Provides the built-in text filters."""

    def __init__(self, context: PluginContext) -> None:
        self._settings = context.settings(Settings)

    @hookimpl
    def kokoro_text_filters(self) -> Iterator[TextFilter]:
        """Return the filters. Gaps in their order leave room for filters of other plugins."""
        if self._settings.emoji == "name":
            for code in NAMED_LANGUAGES:
                yield TextFilter(f"{code}-emoji-names", 15, partial(name_emoji, code), frozenset({code}))
        # The words of numbers come from a package, and phonemes are cached.
        version = f"unicode-rbnf {metadata.version('unicode-rbnf')}"
        for step in STEPS:
            if step.for_every_language:
                yield TextFilter(step.name, step.order, RuleFilter(step.for_every_language))
            for code in LANGUAGES:
                rules = RuleFilter(LanguageRules(step, code, self._settings))
                yield TextFilter(f"{code}-{step.name}", step.order, rules, frozenset({code}), version)
