"""The announcements that the owner wrote down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wyoming_kokoro import Phrase, Voice

WORTH = 10.0
"""Who takes the trouble to write a phrase down hears it often."""


class Announcements:
    """A strategy: the phrases of the configuration."""

    name = "announcements"

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts

    def phrases(self, default: Voice) -> Iterator[Phrase]:  # noqa: ARG002 they are for whichever voice it is
        """Return them all, in the owner's order."""
        for text in self._texts:
            yield Phrase(text, WORTH)

    def forget(self) -> None:
        """Nothing was learned."""
