"""Applies the tokens of a parser: keeps the open elements, rewrites text, and limits what a text can cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from wyoming_kokoro.markup.say_as import rewrite
from wyoming_kokoro.markup.segmenter import StyledSegmenter
from wyoming_kokoro.markup.style import Style
from wyoming_kokoro.markup.tokens import Break, Change, Close, Ipa, Open, Pause, SayAs, Token
from wyoming_kokoro.text.ipa.embedded import embed_ipa
from wyoming_kokoro.types import Voice

MAX_DEPTH = 20
"""The text of deeper elements is spoken in the style of the last one."""
MAX_ELEMENTS = 2000
"""Later elements of a request are skipped, and their text is spoken."""
MAX_PAUSES_MS = 300_000
"""The sum of all pauses of a request."""
MAX_SAY_AS_CHARACTERS = 200
"""A longer text is rewritten in parts."""
MAX_SILENT_CHARACTERS = 1000
"""Text after it is spoken, because the end of the silent element is missing."""

# Kokoro's English voices were trained on one symbol for each diphthong.
_ENGLISH_SYMBOLS = (("eɪ", "A"), ("aɪ", "I"), ("aʊ", "W"), ("ɔɪ", "Y"), ("oʊ", "O"), ("əʊ", "Q"))
_AFFRICATES = (("\u0361", ""), ("tʃ", "ʧ"), ("dʒ", "ʤ"))


@dataclass(frozen=True, slots=True)
class VoiceFinder:
    """Finds what markup names."""

    voice: Callable[[str, str], Voice | None]
    """Returns the voice, alias or blend of a name, or else the best voice of a language, or None."""
    language: Callable[[str, str], str | None]
    """Returns the language with a phonemizer that a code names, or None. The second argument is the present one."""
    detect_language: Callable[[str, str], str] | None = None
    """Returns the language of a sentence, by default its second argument. None: all text is in the voice's language."""


@dataclass(slots=True)
class _Element:
    """An open element."""

    name: str
    style: Style
    say_as: SayAs | None = None
    silent_characters: int = 0
    """How many characters in it are not spoken."""


class MarkupInterpreter:
    """Turns tokens into text with a style. Nothing that a text contains is an error."""

    def __init__(self, style: Style, finder: VoiceFinder, segmenter: StyledSegmenter) -> None:
        self._finder = finder
        self._segmenter = segmenter
        self._elements = [_Element("", style)]
        self._skipped: Counter[str] = Counter()
        self._element_count = 0
        self._pauses_ms = 0
        self._say_as_text = ""

    def apply(self, tokens: Iterable[Token]) -> None:
        """Apply `tokens` in order."""
        for token in tokens:
            if isinstance(token, str):
                self._add_text(token)
                continue
            self._end_say_as()
            match token:
                case Open():
                    self._open(token)
                case Close():
                    self._close(token.element)
                case Pause():
                    milliseconds = min(token.milliseconds, MAX_PAUSES_MS - self._pauses_ms)
                    self._pauses_ms += milliseconds
                    self._segmenter.add_pause(milliseconds)
                case Break():
                    self._segmenter.add_break(token.ending)
                case Ipa():
                    self._add_ipa(token.symbols)

    def finish(self) -> None:
        """Add the text that waits for the end of an element."""
        self._end_say_as()

    @property
    def _top(self) -> _Element:
        return self._elements[-1]

    def _open(self, token: Open) -> None:
        self._element_count += 1
        if len(self._elements) > MAX_DEPTH or self._element_count > MAX_ELEMENTS:
            self._skipped[token.element] += 1
            return
        change, outer = token.change, self._top
        style = self._change_style(outer.style, change).scaled(change.speed, change.volume)
        silent_characters = MAX_SILENT_CHARACTERS if change.is_silent else outer.silent_characters
        self._elements.append(_Element(token.element, style, change.say_as or outer.say_as, silent_characters))

    def _change_style(self, style: Style, change: Change) -> Style:
        if change.voice or change.voice_language:
            self._segmenter.add_border()
            voice = self._finder.voice(change.voice, change.voice_language)
            return Style(voice, "", style.speed, style.volume) if voice else style
        if change.language:
            self._segmenter.add_border()
            language = self._finder.language(change.language, style.voice.language)
            return style.in_language(language) if language else style
        return style

    def _close(self, name: str) -> None:
        if self._skipped[name] > 0:
            self._skipped[name] -= 1
            return
        for index in range(len(self._elements) - 1, 0, -1):
            if self._elements[index].name == name:
                del self._elements[index:]
                # The skipped elements were in the closed one.
                self._skipped.clear()
                return

    def _add_text(self, text: str) -> None:
        top = self._top
        silent_characters = min(len(text), top.silent_characters)
        for element in self._elements if silent_characters else ():
            element.silent_characters = max(0, element.silent_characters - silent_characters)
        text = text[silent_characters:]
        if not top.say_as:
            self._segmenter.feed(text, top.style)
            return
        self._say_as_text += text
        while len(self._say_as_text) >= MAX_SAY_AS_CHARACTERS:
            self._say(self._say_as_text[:MAX_SAY_AS_CHARACTERS], top.say_as)
            self._say_as_text = self._say_as_text[MAX_SAY_AS_CHARACTERS:]

    def _end_say_as(self) -> None:
        if self._say_as_text and self._top.say_as:
            self._say(self._say_as_text, self._top.say_as)
        self._say_as_text = ""

    def _say(self, text: str, say_as: SayAs) -> None:
        style = self._top.style
        self._segmenter.feed(rewrite(text, say_as, style.voice.language), style)

    def _add_ipa(self, symbols: str) -> None:
        top = self._top
        replacements = [*_AFFRICATES, *(_ENGLISH_SYMBOLS if top.style.voice.language.startswith("en") else ())]
        for symbol, replacement in replacements:
            symbols = symbols.replace(symbol, replacement)
        if not top.silent_characters:
            self._segmenter.feed(embed_ipa(symbols), top.style)
