"""Reads the markup of one request: decides between tags and SSML, and returns segments."""

from __future__ import annotations

import re

from wyoming_kokoro.config import MarkupConfig
from wyoming_kokoro.markup.interpreter import MarkupInterpreter, VoiceFinder
from wyoming_kokoro.markup.segmenter import StyledSegmenter
from wyoming_kokoro.markup.silent_blocks import SilentBlocks
from wyoming_kokoro.markup.ssml import SsmlParser
from wyoming_kokoro.markup.style import Style
from wyoming_kokoro.markup.tags import TagParser
from wyoming_kokoro.markup.tokens import Token

MAX_PROLOG_CHARACTERS = 1000
"""`<speak` must begin within this many characters."""

_PROLOG = r"[\s\ufeff]*(?:<\?xml[^<>]*\?>\s*|<!--(?:(?!-->).)*-->\s*|<!DOCTYPE[^<>]*>\s*)*"
_SSML = re.compile(_PROLOG + r"<speak(?=[\s/>])", re.IGNORECASE | re.DOTALL)
# More text decides whether this is SSML.
_PARTIAL_SSML = re.compile(
    _PROLOG + r"(?:<(?:s(?:p(?:e(?:ak?)?)?)?)?|<\?[^<>]*|<!(?:D[^<>]*|-(?:-(?:(?!-->).)*)?)?)?\Z",
    re.IGNORECASE | re.DOTALL,
)


class _PlainText:
    """Parses text without markup."""

    def feed(self, text: str) -> list[Token]:
        """Return the text."""
        return [text]

    def finish(self) -> list[Token]:
        """Return nothing."""
        return []


class MarkupStream:
    """Turns the text of one request, which arrives in any pieces, into segments with a style."""

    def __init__(self, style: Style, finder: VoiceFinder, config: MarkupConfig, text_format: str | None = None) -> None:
        """`text_format`: `ssml`, `text`, or None to detect SSML."""
        self.segmenter = StyledSegmenter(style, finder.detect_language)
        self._interpreter = MarkupInterpreter(style, finder, self.segmenter)
        self._blocks = SilentBlocks()
        self._parser: TagParser | SsmlParser | _PlainText = TagParser() if config.tags else _PlainText()
        if text_format == "ssml":
            self._parser = SsmlParser()
        # The beginning of a text that may be SSML.
        self._start: str | None = "" if config.ssml and text_format is None else None

    def feed(self, text: str) -> None:
        """Add text."""
        self._parse(self._blocks.feed(text))

    def finish(self) -> None:
        """End the text."""
        self._parse(self._blocks.finish())
        if self._start:
            self._interpreter.apply(self._parser.feed(self._start))
        self._start = None
        self._interpreter.apply(self._parser.finish())
        self._interpreter.finish()
        self.segmenter.finish()

    def _parse(self, text: str) -> None:
        if self._start is not None:
            self._start += text
            text = self._detect_ssml(self._start)
        self._interpreter.apply(self._parser.feed(text))

    def _detect_ssml(self, start: str) -> str:
        """Return `start` when it decides which parser reads the text, and nothing before."""
        prolog = start[:MAX_PROLOG_CHARACTERS]
        if _SSML.match(prolog):
            self._parser = SsmlParser()
        elif len(start) < MAX_PROLOG_CHARACTERS and _PARTIAL_SSML.match(prolog):
            return ""
        self._start = None
        return start
