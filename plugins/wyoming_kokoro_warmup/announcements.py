"""The announcements of the configuration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wyoming_kokoro import Phrase, Voice

# A guess: an operator lists only phrases that are heard often.
REQUESTS_PER_DAY = 10.0


class Announcements:
    """Warmup strategy: the phrases of the configuration."""

    name = "announcements"

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts

    def phrases(self, default: Voice) -> Iterator[Phrase]:  # noqa: ARG002 the texts do not depend on the voice
        """Return the phrases in the order of the configuration."""
        for text in self._texts:
            yield Phrase(text, REQUESTS_PER_DAY)

    def forget(self) -> None:
        """Do nothing: this strategy does not learn."""
