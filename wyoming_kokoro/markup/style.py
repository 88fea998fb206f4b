"""How a segment is spoken."""

from __future__ import annotations

from dataclasses import dataclass, replace

from wyoming_kokoro.types import Voice

# They keep nested factors finite. The limits of `[voice] speed` apply to the speed that results.
MIN_SPEED, MAX_SPEED = 0.25, 4.0
MAX_VOLUME = 4.0
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Style:
    """A voice, and what the markup changes about it."""

    base: Voice
    language: str = ""
    """The language of the text; empty: that of the voice."""
    speed: float = 1.0
    volume: float = 1.0

    @property
    def voice(self) -> Voice:
        """The voice with the language, the speed and the gain of this style."""
        if self == Style(self.base):
            return self.base
        fallback = self.base.fallback
        return replace(self._change(self.base), fallback=self._change(fallback) if fallback else None)

    def _change(self, voice: Voice) -> Voice:
        return replace(
            voice,
            language=self.language or voice.language,
            speed=voice.speed * self.speed,
            gain=voice.gain * self.volume,
        )

    def scaled(self, speed: float, volume: float) -> Style:
        """Return this style at `speed` times its speed and `volume` times its volume."""
        return replace(
            self,
            speed=round(min(MAX_SPEED, max(MIN_SPEED, self.speed * speed)), _DIGITS),
            volume=round(min(MAX_VOLUME, self.volume * volume), _DIGITS),
        )

    def in_language(self, language: str) -> Style:
        """Return this style in a `language` that has a phonemizer."""
        return replace(self, language="" if language == self.base.language else language)

    def tag(self, text: str) -> str:
        """Return `text` in the tags that make the base voice speak it from the same cached recording."""
        if self.language:
            text = f"[lang:{self.language}]{text}[/lang]"
        return f"[rate:{self.speed:g}]{text}[/rate]" if self.speed != 1 else text
