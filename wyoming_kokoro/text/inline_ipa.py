"""IPA that is written into streamed text, as `[word](/ipa/)`."""

from __future__ import annotations

import re

from wyoming_kokoro.text.embedded_ipa import embed_ipa

_MARK = re.compile(r"\[[^\[\]\n]{1,80}\]\(/([^/()\n]{1,160})/\)")
_BEGUN = re.compile(r"\[(?:[^\[\]\n]{1,80}(?:\](?:\((?:/(?:[^/()\n]{1,160}/?)?)?)?)?)?\Z")
"""What a `_MARK` may begin with, at the end of what has come."""


class InlineIpa:
    """Puts sounds where `[word](/ipa/)` stands, however the text is cut into pieces.

    It stands before segmentation, which would cut at a full stop in the brackets, and before the filter that says a
    link by its word. At most 250 characters wait for the end of what may be such a mark.
    """

    def __init__(self) -> None:
        self._waiting = ""

    def feed(self, text: str) -> str:
        """Take more text; return what is certain."""
        text = self._waiting + text
        begun = _BEGUN.search(text)
        certain = begun.start() if begun else len(text)
        self._waiting = text[certain:]
        return _MARK.sub(_sounds, text[:certain])

    def flush(self) -> str:
        """Return what waits, since no more comes."""
        rest, self._waiting = self._waiting, ""
        return rest


def _sounds(mark: re.Match[str]) -> str:
    """Return the sounds of a mark, or the mark itself, a link, where they are none of the model's."""
    try:
        return embed_ipa(mark[1])
    except ValueError:
        return mark[0]
