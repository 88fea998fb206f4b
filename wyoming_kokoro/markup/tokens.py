"""What the parsers of tags and of SSML return: text, and what stands between texts."""

from __future__ import annotations

from dataclasses import dataclass

from wyoming_kokoro.text.boundaries import Ending


@dataclass(frozen=True, slots=True)
class SayAs:
    """How a text is rewritten before it is spoken: SSML's `say-as`."""

    kind: str
    """The value of `interpret-as`, such as `characters`."""
    format: str = ""
    """The order of the parts of a date, such as `dmy`."""


@dataclass(frozen=True, slots=True)
class Change:
    """What an element changes for the text in it."""

    voice: str = ""
    """A name, or empty for the same voice."""
    voice_language: str = ""
    """The language whose best voice speaks, if `voice` is empty."""
    language: str = ""
    """The language in which the same voice speaks."""
    speed: float = 1.0
    volume: float = 1.0
    say_as: SayAs | None = None
    is_silent: bool = False
    """Whether the text is not spoken, because something else was spoken in its place."""


@dataclass(frozen=True, slots=True)
class Open:
    """The start of an element."""

    element: str
    change: Change = Change()


@dataclass(frozen=True, slots=True)
class Close:
    """The end of an element, and of all elements that were opened in it."""

    element: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence of this length."""

    milliseconds: int


@dataclass(frozen=True, slots=True)
class Break:
    """A pause as after this kind of segment."""

    ending: Ending


@dataclass(frozen=True, slots=True)
class Ipa:
    """A pronunciation in IPA."""

    symbols: str


Token = str | Open | Close | Pause | Break | Ipa


def append_text(tokens: list[Token], text: str) -> None:
    """Append `text` to the last token if that is text too."""
    if tokens and isinstance(last := tokens[-1], str):
        tokens[-1] = last + text
    elif text:
        tokens.append(text)
