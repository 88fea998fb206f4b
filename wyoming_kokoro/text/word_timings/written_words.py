"""Finds the words of segments in the text that the user wrote."""

from __future__ import annotations

import re

from wyoming_kokoro.text.ipa.embedded import IPA_SPAN

# A word with its pronunciation: `[Kokoro](/kˈOkəɹO/)`, or the content of an SSML element.
_PRONOUNCED = re.compile(r"\[([^\[\]\n]{1,80})\]\(/|>\s*([^<>]{1,80}?)\s*</")
# Text between two words of a segment, such as tags, has at most this many characters.
MAX_GAP_CHARACTERS = 500


class WrittenWords:
    """Follows the words of the segments through the text.

    A segment can differ from the text: its pronunciations are embedded, and an early split adds a comma.
    """

    def __init__(self) -> None:
        self._text = ""
        self._place = 0

    def feed(self, text: str) -> None:
        """Add text."""
        self._text = self._text[self._place :] + text
        self._place = 0

    def take(self, word: str) -> str:
        """Return the next `word` of a segment as it is written; empty if it has no letters in the text."""
        for candidate in (word, word.removesuffix(",")):
            place = self._text.find(candidate, self._place, self._place + MAX_GAP_CHARACTERS)
            if place >= 0:
                self._place = place + len(candidate)
                return candidate
        if not IPA_SPAN.search(word):
            return word
        found = _PRONOUNCED.search(self._text, self._place, self._place + MAX_GAP_CHARACTERS)
        if found is None:
            return IPA_SPAN.sub("", word)
        self._place = found.end()
        written = found[1] or found[2]
        return IPA_SPAN.sub(lambda _: written, word, count=1)
