"""The order of all rules.

The filters of a language run these steps in order. In each step, the rules that only this language has come first,
then the rules that it shares with others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from wyoming_kokoro_text.classes.addresses import address_rules
from wyoming_kokoro_text.classes.dates import date_rules
from wyoming_kokoro_text.classes.durations import duration_rules
from wyoming_kokoro_text.classes.money import money_rules
from wyoming_kokoro_text.classes.names.acronyms import acronym_rules, initialism_rules
from wyoming_kokoro_text.classes.names.codes import code_rules
from wyoming_kokoro_text.classes.names.roman_numerals import roman_numeral_rules
from wyoming_kokoro_text.classes.numbers import number_rules, ordinal_rules
from wyoming_kokoro_text.classes.plain_text.characters import CHARACTERS, LETTERS
from wyoming_kokoro_text.classes.plain_text.emoji import EMOJI
from wyoming_kokoro_text.classes.plain_text.emoticons import EMOTICONS
from wyoming_kokoro_text.classes.plain_text.latex import LATEX
from wyoming_kokoro_text.classes.plain_text.markup import MARKUP, WHITESPACE
from wyoming_kokoro_text.classes.ranges import range_rules
from wyoming_kokoro_text.classes.slashes import slash_rules
from wyoming_kokoro_text.classes.symbols import symbol_rules
from wyoming_kokoro_text.classes.times import time_rules
from wyoming_kokoro_text.classes.units import unit_rules
from wyoming_kokoro_text.language import Language, LanguageWords
from wyoming_kokoro_text.rules import Rule


@dataclass(frozen=True)
class Step:
    """Rules that run together, as one filter for each language."""

    order: int
    """Gaps leave room for filters of other plugins."""
    name: str
    description: str
    """The sentence that introduces the examples in `docs/reading.md`."""
    for_every_language: tuple[Rule, ...] = ()
    shared: Callable[[LanguageWords], Iterable[Rule]] | None = None
    """Makes the rules that languages share from the words of one of them."""
    from_language: Callable[[Language], Iterable[Rule]] | None = None
    """Makes the rules that all languages share, also those without `LanguageWords`."""

    def rules(self, language: Language) -> tuple[Rule, ...]:
        """Return the rules that `language` has in this step, besides those for every language."""
        shared = [*self.shared(language.words)] if self.shared and language.words else []
        shared += self.from_language(language) if self.from_language else ()
        return (*language.rules.get(self.name, ()), *(rule for rule in shared if rule.is_for(language.code)))


STEPS = (
    Step(0, "emoticons", "Emoticons are removed, or become emoji.", EMOTICONS),
    Step(5, "characters", "Variants of letters, digits and spaces become plain.", CHARACTERS),
    Step(8, "latex", "Formulas in LaTeX become plain signs.", LATEX),
    Step(10, "markup", "Markdown, HTML and tokens of language models are removed.", MARKUP),
    # 15: names of emoji, see `TextPlugin`.
    Step(20, "emoji", "Emoji and lines of signs are removed, unless `[plugins.text] emoji` is `name`.", EMOJI),
    # 25: the lexicon plugin.
    Step(28, "letters", "Latin letters that espeak would spell lose their marks.", LETTERS),
    # From 30 on, words in other scripts have filters of their own language.
    Step(30, "abbreviations", "Abbreviations are written out.", shared=initialism_rules),
    # Before dates and ranges, which also have hyphens and points between digits.
    Step(32, "codes", "Telephone numbers, access codes, flights and models.", shared=code_rules),
    # Before addresses and versions, which also have points between digits or inside words.
    Step(34, "ordinals", "Ordinals in digits.", shared=ordinal_rules),
    # Before dates, which also have slashes.
    Step(36, "slashes", "Slashes that belong neither to a date nor to a fraction.", from_language=slash_rules),
    Step(38, "timestamps", "Dates and time stamps in digits.", from_language=date_rules),
    Step(40, "dates", "Dates with the name of a month."),
    Step(42, "roman numerals", "Roman numerals.", shared=roman_numeral_rules),
    Step(
        44, "addresses", "URLs, e-mail and IP addresses, versions, entity ids and codes.", from_language=address_rules
    ),
    Step(46, "durations", "Durations.", shared=duration_rules),
    Step(48, "times", "Times of day.", shared=time_rules),
    Step(50, "ranges", "Ranges, dimensions, and signs before numbers.", shared=range_rules),
    Step(55, "money", "Amounts of money, and large numbers.", shared=money_rules),
    Step(60, "units", "Units of measure.", shared=unit_rules),
    Step(65, "symbols", "Fractions, sums and other symbols.", shared=symbol_rules),
    Step(70, "numbers", "Years, codes and all other numbers, which agree with nouns.", shared=number_rules),
    Step(72, "elision", "Vowels that are lost where two words meet."),
    Step(75, "names", "Names, acronyms and words in capitals.", shared=acronym_rules),
    Step(90, "whitespace", "Arrows and whitespace that remain.", WHITESPACE),
)
