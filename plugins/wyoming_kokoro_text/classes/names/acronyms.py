"""Rules for words in capitals: acronyms are spelled or read as words, and all others are words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

from wyoming_kokoro_text.classes.patterns import text_before
from wyoming_kokoro_text.language import AcronymWords, LanguageWords
from wyoming_kokoro_text.rules import Rule

_CAPITALS = "[A-ZÀ-ÖØ-Þ]"
_PRONOUNCEABLE = re.compile(
    r"(?:[BCDFGPTV][LR]|[CSP]H|QU|S[CPT]|[^AEIOUÀ-Ý])?[AEIOUYÀ-Ý]{1,3}(?:[^AEIOUÀ-Ý]{1,2}[LR]?[AEIOUYÀ-Ý]{1,3}){0,4}(?:[LNRS][STDKCP]|[^AEIOUÀ-Ý])?"
)
_CAPITALS_BEFORE = re.compile(rf"(?<![^\W\d_])({_CAPITALS}{{2,20}})[,:]?\s$")
_CAPITALS_AFTER = re.compile(rf"[,:]?\s({_CAPITALS}{{2,20}})(?![^\W\d_])")
_LETTER = re.compile(_CAPITALS)
_MAX_BEFORE = 24
_SPELLED_LETTERS = 3
"""Espeak spells words of this length that stand among lower-case words, but not in Italian."""


def acronym_rules(words: LanguageWords) -> Iterable[Rule]:
    """Return the rules for words in capitals."""
    acronyms = words.acronyms
    if not acronyms:
        return ()
    reader = _AcronymReader(acronyms)
    return (
        Rule(
            rf"(?<![\w.@-])(?P<article>(?<!['’])[LDJMNST]['’])?(?P<word>{_CAPITALS}{{2,6}})(?P<plural>s?)(?![\w@]|[.&]\w|-(?!\d))",
            reader.read,
            es=(
                "El USB y las TVs => El u ese be y las te uves",
                "El IVA, el PIN y la ONU => El iva, el pin y la onu",
                "FUGA DE GAS EN LA COCINA => FUGA de gas en la COCINA",
            ),
            fr=("L'IA et les TVs => l'I A et les T V", "La NASA, le PIN et le SMIC => La NASA, le pin et le smic"),
            it="La TV, il PIN e la UE => La T V, il pin e la U E",
            pt="A TV, os CDs e o CEP => A tê vê, os cê dês e o cep",
        ),
    )


def initialism_rules(words: LanguageWords) -> Iterable[Rule]:
    """Return the rules for letters with full stops."""
    acronyms = words.acronyms
    if not acronyms:
        return ()

    def spell(match: re.Match[str]) -> str:
        letters = spell_letters(acronyms, _LETTER.findall(match[0]))
        rest = match.string[match.end() : match.end() + 1]
        return f"{letters}." if not rest or rest == "\n" else letters

    return (
        # Home Assistant says `Anne est absent(e)`.
        Rule(
            r"(?<=[a-zà-ÿ]{3})\((?:[aeio]|as|os|ne|i/e)\)(?!\w)",
            "",
            es="Está conectado(a) => Está conectado",
            fr="Anne est absent(e) => Anne est absent",
        ),
        Rule(
            rf"(?<![\w.-]){_CAPITALS}\.(?:\s?{_CAPITALS}\.){{1,5}}(?!\w)",
            spell,
            es="Acme S. A. sube, H.A. también => Acme ese a sube, hache a también",
            fr="la S.N.C.F. => la S N C F.",
            pt="a O.N.G. chegou => a ó ene gê chegou",
        ),
    )


def spell_letters(acronyms: AcronymWords, text: Iterable[str]) -> str:
    """Return the names of the letters in `text`."""
    return " ".join(acronyms.letter_names.get(letter, letter) for letter in text)


class _AcronymReader:
    """Replaces words in capitals of one language."""

    def __init__(self, acronyms: AcronymWords) -> None:
        self._acronyms = acronyms

    def read(self, match: re.Match[str]) -> str:
        # Espeak reads the capital of `L'IA` as a letter.
        return (match["article"] or "").lower() + self._read_word(match)

    def _read_word(self, match: re.Match[str]) -> str:
        word, plural = match.group("word", "plural")
        if word in self._respelled:
            return self._respelled[word] + plural
        if word in self._words:
            return word.lower() + plural
        if word in self._spelled:
            return self._spell(word, plural)
        is_pronounceable = bool(_PRONOUNCEABLE.fullmatch(word))
        if not plural and is_pronounceable and self._is_in_capitals(match):
            # Espeak spells short words among others in lower case.
            return word.lower() if len(word) <= _SPELLED_LETTERS else word
        if is_pronounceable and (len(word) > _SPELLED_LETTERS or self._acronyms.reads_short_words):
            return word + plural
        return self._spell(word, plural)

    def _spell(self, word: str, plural: str) -> str:
        return spell_letters(self._acronyms, word) + (plural and self._acronyms.plural)

    def _is_in_capitals(self, match: re.Match[str]) -> bool:
        """Return whether a word in capitals that is no acronym stands beside the match."""
        before = _CAPITALS_BEFORE.search(text_before(match, _MAX_BEFORE))
        after = _CAPITALS_AFTER.match(match.string, match.end())
        known = self._words | self._spelled | self._respelled.keys()
        return any(found and found[1] not in known and _PRONOUNCEABLE.fullmatch(found[1]) for found in (before, after))

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(self._acronyms.words.split())

    @cached_property
    def _spelled(self) -> frozenset[str]:
        return frozenset(self._acronyms.spelled.split())

    @cached_property
    def _respelled(self) -> dict[str, str]:
        return dict(self._acronyms.respelled)
