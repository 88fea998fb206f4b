"""IPA that is written into streaming text as `[word](/ipa/)`."""

from __future__ import annotations

import re

from wyoming_kokoro.text.ipa.embedded import embed_ipa

_INLINE = re.compile(r"\[[^\[\]\n]{1,80}\]\(/([^/()\n]{1,160})/\)")
# The beginning of inline IPA at the end of the text so far.
_PARTIAL = re.compile(r"\[(?:[^\[\]\n]{1,80}(?:\](?:\((?:/(?:[^/()\n]{1,160}/?)?)?)?)?)?\Z")


class InlineIpa:
    """Replaces `[word](/ipa/)` in streaming text with embedded IPA.

    It runs before segmentation, which would cut at a full stop in the brackets. At most 250 characters wait for the
    end of inline IPA.
    """

    def __init__(self) -> None:
        self._pending = ""

    def feed(self, text: str) -> str:
        """Add text; return the text before a possible beginning of inline IPA."""
        text = self._pending + text
        partial = _PARTIAL.search(text)
        end = partial.start() if partial else len(text)
        self._pending = text[end:]
        return _INLINE.sub(_embed, text[:end])

    def flush(self) -> str:
        """Return the text that `feed` held back."""
        pending, self._pending = self._pending, ""
        return pending


def _embed(match: re.Match[str]) -> str:
    """Return embedded IPA, or the match itself, which is then a link, if it has an unknown symbol."""
    try:
        return embed_ipa(match[1])
    except ValueError:
        return match[0]
