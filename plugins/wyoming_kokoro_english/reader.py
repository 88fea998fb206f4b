"""Replaces the words of a text with their phonemes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cached_property
from typing import Any

from wyoming_kokoro import IPA_SPAN, embed_ipa, extract_ipa
from wyoming_kokoro_english.capitals import lower_words
from wyoming_kokoro_english.heteronyms import Heteronyms
from wyoming_kokoro_english.numbers import write_out_numbers
from wyoming_kokoro_english.word_parts import read_by_parts

_APOSTROPHES = frozenset("'‘’")
_MARKS = frozenset(";:,.!?—…“”()")
_VOWELS = frozenset("AIOQWYaiuæɑɒɔəɛɜɪʊʌᵻɐ")
_BEGINS_WITH_VOWEL = re.compile(r"(?!eu|one|ubi|uni|use|usu|uti)[aeiou]", re.IGNORECASE)
# `L E D`, and `eh Q I`: the text filters spell abbreviations like this. `A I` may be a letter and a pronoun.
_SPELLED = re.compile(
    r"(?<![\w'’-])(?!(?:A|eh) I\b|[A-Z] I\b(?! [A-Z]\b))((?:eh|[A-Z])(?: (?:eh|[A-Z])\b)+)(?!['’](?!s\b))(['’]s\b)?"
)
_LONE_A = re.compile(r"(?<!\w)A(?!\w)(?=\W*$)")
_LONG_WORD = re.compile(r"\b(?!www)(?=[A-Za-z]{0,18}([a-z])\1\1)[A-Za-z]{3,20}\b")
_LONG_LETTER = re.compile(r"([a-z])\1{2,}")
_AND = re.compile(r"(?<= )['‘’][Nn]['’](?= )")
_HYPHEN_AFTER_IPA = re.compile(rf"{IPA_SPAN.pattern}-(?=\w)")
_HYPHEN_BEFORE_IPA = re.compile(rf"(?<=\w)-{IPA_SPAN.pattern}")

# Endings whose stems hibari does not look up, such as those of "notified" and "debugged".
_PAST_TENSES = ((re.compile("ied$"), "y"), (re.compile(r"([bdgklmnprtvz])\1ed$"), r"\1"))

# A placeholder stands in the phonemes for a word or a span that hibari must not read. It is a sound, on which the
# words before it depend, and the number of the held text.
_FIRST_PLACEHOLDER = 0xE000
_PLACEHOLDER = re.compile("[əb]([\ue000-\uf8ff])")
_PHONEMES = re.compile(r'[^\s;:,.!?—…"()“”]+')


class EnglishReader:
    """A text filter that embeds the phonemes of all words that hibari knows. Runs on one thread at a time."""

    def __init__(self, load: Callable[[], Any]) -> None:
        """`load` returns a `hibari.g2p.G2P`, and is called on first use."""
        self._load = load
        self._heteronyms = Heteronyms()
        self._held: list[str] = []

    def __call__(self, text: str) -> str:
        """Return `text` with phonemes in place of all known words. Raises any exception of hibari."""
        self._held = []
        tokens = self._g2p.phonemize_tokens(self._tokenize(self._rewrite(text)))
        return "".join(self._embed(token) + token.whitespace for token in tokens)

    @cached_property
    def _g2p(self) -> Any:
        g2p = self._load()
        g2p._oov = self._read_unknown_word
        return g2p

    def _rewrite(self, text: str) -> str:
        """Return `text` as hibari reads it best."""
        lexicon = self._g2p.lexicon
        text = _AND.sub("and", text)
        if _LONG_LETTER.search(text):
            text = _LONG_WORD.sub(self._shorten, text)
        text = _LONE_A.sub("eh", lower_words(text, lexicon))
        text = write_out_numbers(_SPELLED.sub(self._spell, text), self._g2p.british)
        return _HYPHEN_BEFORE_IPA.sub(r" \1", _HYPHEN_AFTER_IPA.sub(r"\1 ", text))

    def _shorten(self, match: re.Match[str]) -> str:
        """Return `good` for `goooood` and `so` for `sooo`, or the word itself if neither is known."""
        words = (_LONG_LETTER.sub(letters, match[0]) for letters in (r"\1\1", r"\1"))
        return next((word for word in words if word.lower() in self._g2p.lexicon.golds), match[0])

    def _spell(self, match: re.Match[str]) -> str:
        phonemes, _ = self._g2p.lexicon.get_NNP(match[1].replace("eh", "A").replace(" ", ""))
        return embed_ipa(self._g2p.lexicon._s(phonemes) if match[2] else phonemes)

    def _tokenize(self, text: str) -> list[Any]:
        """Return hibari's tokens. Embedded IPA is a token of its own, which the tagger takes for a noun."""
        from hibari.g2p.token import Tok  # noqa: PLC0415 hibari is imported on first use

        pairs = []
        for word, space in self._g2p.tokenizer(text):
            parts = [word] if word.isascii() else [part for part in IPA_SPAN.split(word) if part]
            pairs += [(part, "") for part in parts[:-1]] + [(parts[-1], space)]
        spans = [not word.isascii() and IPA_SPAN.fullmatch(word) is not None for word, _ in pairs]
        words = ["name" if is_ipa else word for (word, _), is_ipa in zip(pairs, spans, strict=True)]
        tags = self._g2p.tagger(words)
        tokens = [Tok(word, tag, space) for (word, space), tag in zip(pairs, tags, strict=True)]
        self._heteronyms.correct_tags(tokens)
        is_after_space = True
        for token, is_ipa in zip(tokens, spans, strict=True):
            if is_ipa:
                ipa = extract_ipa(token.text).lstrip("ˈˌ ")
                token.phonemes = self._hold(token.text, ipa[0] in _VOWELS)
            # The tagger often fails on marks, and then hibari takes the words next to them for unknown.
            elif _MARKS.issuperset(token.text):
                token.phonemes = token.text
            elif token.text == '"':
                token.phonemes = "“" if is_after_space else "”"
            elif _APOSTROPHES.issuperset(token.text):
                token.phonemes = ""
            is_after_space = bool(token.whitespace)
        return tokens

    def _read_unknown_word(self, word: str) -> str:
        """Return the phonemes of `word` if hibari knows a related word, or a placeholder."""
        from hibari.g2p import Context  # noqa: PLC0415

        lexicon = self._g2p.lexicon
        plain = "".join(letter for letter in unicodedata.normalize("NFKD", word) if not unicodedata.combining(letter))
        if plain != word and (phonemes := lexicon.get_word(plain, "NN", None, Context())[0]):
            return str(phonemes)
        for ending, stem_ending in _PAST_TENSES:
            stem = ending.sub(stem_ending, plain.lower())
            if stem != plain.lower() and lexicon.is_known(stem, "VB"):
                return str(lexicon._ed(lexicon.lookup(stem, "VB", None, Context())[0]))
        if plain.isalpha() and (found := read_by_parts(plain.lower(), lexicon)):
            return found
        return self._hold(word, bool(_BEGINS_WITH_VOWEL.match(plain)))

    def _hold(self, text: str, begins_with_vowel: bool) -> str:
        """Return a placeholder for `text`."""
        self._held.append(text)
        return ("ə" if begins_with_vowel else "b") + chr(_FIRST_PLACEHOLDER + len(self._held) - 1)

    def _embed(self, token: Any) -> str:
        """Return the text of `token` with its phonemes embedded, or the text itself if hibari cannot read it."""
        if not token.phonemes and any(character.isalnum() for character in token.text):
            return str(token.text)
        return _PHONEMES.sub(lambda match: self._embed_phonemes(match[0]), token.phonemes or "")

    def _embed_phonemes(self, phonemes: str) -> str:
        # The group of `_PLACEHOLDER` makes every second part the number of a held text.
        parts = _PLACEHOLDER.split(phonemes)
        return "".join(
            self._held[ord(part) - _FIRST_PLACEHOLDER] if index % 2 else part and embed_ipa(part)
            for index, part in enumerate(parts)
        )
