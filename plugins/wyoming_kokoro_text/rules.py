"""Substitution rules with examples, and the filter that applies them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from wyoming_kokoro_text.needed_characters import characters_of, needed_characters

Replacement = str | Callable[[re.Match[str]], str]
"""As for `re.sub`."""

ANY = "any"
"""Marks examples of rules that apply in every language."""


class Example(NamedTuple):
    """A text as written, and as the filters of a language leave it for the phonemizer."""

    language: str
    """A BCP-47 language, a primary subtag, or `any`."""
    written: str
    spoken: str

    @classmethod
    def parse(cls, language: str, text: str) -> Example:
        """Return the example that `text` describes: `written => spoken`."""
        written, _, spoken = text.rpartition("=>")
        return cls(language.replace("_", "-"), written.removesuffix(" "), spoken.strip())


class Rule:
    """A regular expression, its replacement, and examples.

    The tests run every example through all filters of its language, and `docs/reading.md` lists it:

        Rule(r"\\bMr\\.", "Mister", en="Mr. Lee => Mister Lee")
    """

    def __init__(
        self,
        pattern: str,
        replacement: Replacement,
        *,
        languages: str = "",
        **examples: str | tuple[str, ...],
    ) -> None:
        """`languages`, separated by spaces, restrict a rule of a shared table; empty means all.

        `examples` by language, with `_` for the hyphen of `en-GB`. They change the text of at least one of them.
        """
        self.pattern = pattern
        self.replacement = replacement
        self.languages = frozenset(languages.split())
        self.examples = tuple(parse_examples(examples.items()))

    # Both only on first use, which keeps the start fast: most installations speak one language only.

    @cached_property
    def needed(self) -> tuple[frozenset[str], ...]:
        """Sets of characters. Each match has one of every set."""
        return needed_characters(self.pattern)

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """The compiled pattern. Most texts do not need it."""
        return re.compile(self.pattern, re.MULTILINE)

    def is_for(self, language: str) -> bool:
        """Return whether the rule applies in `language`."""
        return not self.languages or language in self.languages


class RuleFilter:
    """Applies rules one after the other. `^` and `$` match at every line."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        """`rules` are iterated over when the first text arrives."""
        self._source = rules

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The rules in their order."""
        return tuple(self._source)

    def __call__(self, text: str) -> str:
        """Return `text` with every rule applied in order."""
        characters = characters_of(text)
        for rule in self.rules:
            for needed in rule.needed:
                if needed.isdisjoint(characters):
                    break
            else:
                text, count = rule.compiled.subn(rule.replacement, text)
                if count:
                    characters = characters_of(text)
        return text


def parse_examples(examples: Iterable[tuple[str, str | tuple[str, ...]]]) -> Iterator[Example]:
    """Yield examples given by language, one text or several for each."""
    for language, texts in examples:
        for text in (texts,) if isinstance(texts, str) else texts:
            yield Example.parse(language, text)
