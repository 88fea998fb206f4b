"""What the elements of SSML mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wyoming_kokoro.markup.tokens import Break, Change, Close, Ipa, Open, Pause, SayAs, Token
from wyoming_kokoro.markup.values import parse_milliseconds, parse_speed, parse_volume
from wyoming_kokoro.text.boundaries import Ending
from wyoming_kokoro.text.ipa.embedded import embed_ipa

BLEEP_MS = 500
"""The silence in place of an expletive."""

_STRENGTHS: Mapping[str, Ending] = {
    "weak": "clause", "medium": "clause", "strong": "sentence", "x-strong": "paragraph",
}  # fmt: skip
_PARTS: Mapping[str, Ending] = {"p": "paragraph", "paragraph": "paragraph", "s": "sentence", "sentence": "sentence"}
_EMPHASIS = {
    "strong": Change(speed=0.85, volume=1.25),
    "moderate": Change(speed=0.92, volume=1.12),
    "reduced": Change(speed=1.08, volume=0.8),
    "none": Change(),
}
# The number that means no change of volume.
_FULL_VOLUME = 100

Attributes = Mapping[str, str]


def start_element(name: str, attributes: Attributes) -> list[Token]:
    """Return what a start tag means: what is spoken in its place, and how the text in it changes."""
    return _STARTS[name](name, attributes) if name in _STARTS else []


def end_element(name: str) -> list[Token]:
    """Return what an end tag means."""
    closed: list[Token] = [Close(name)] if name in _STARTS else []
    return [*closed, Break(_PARTS[name])] if name in _PARTS else closed


def _part(name: str, attributes: Attributes) -> list[Token]:
    return [Break(_PARTS[name]), Open(name, Change(language=_language(attributes)))]


def _silent(name: str, _: Attributes) -> list[Token]:
    return [Open(name, Change(is_silent=True))]


def _break(_: str, attributes: Attributes) -> list[Token]:
    milliseconds, strength = parse_milliseconds(attributes.get("time", "")), attributes.get("strength", "").lower()
    if milliseconds is not None:
        return [Pause(milliseconds)]
    if strength in ("none", "x-weak"):
        # `none` prevents even the pause after a sentence.
        return [Pause(0)] if strength == "none" else []
    return [Break(_STRENGTHS.get(strength, "clause"))]


def _prosody(name: str, attributes: Attributes) -> list[Token]:
    speed = parse_speed(attributes.get("rate", ""))
    volume = parse_volume(attributes.get("volume", ""), _FULL_VOLUME)
    return [Open(name, Change(speed=1.0 if speed is None else speed, volume=1.0 if volume is None else volume))]


def _emphasis(name: str, attributes: Attributes) -> list[Token]:
    return [Open(name, _EMPHASIS.get(attributes.get("level", ""), _EMPHASIS["moderate"]))]


def _say_as(name: str, attributes: Attributes) -> list[Token]:
    kind = attributes.get("interpret-as", "").lower()
    if kind in ("expletive", "bleep"):
        return [Pause(BLEEP_MS), Open(name, Change(is_silent=True))]
    return [Open(name, Change(say_as=SayAs(kind, attributes.get("format", "").lower())))]


def _sub(name: str, attributes: Attributes) -> list[Token]:
    alias = attributes.get("alias", "")
    return [alias, Open(name, Change(is_silent=True))] if alias.strip() else [Open(name)]


def _phoneme(name: str, attributes: Attributes) -> list[Token]:
    """Return the pronunciation. The text is spoken instead if it is not IPA, or has an unknown symbol."""
    symbols = attributes.get("ph", "")
    try:
        embed_ipa(symbols)
    except ValueError:
        return [Open(name)]
    is_ipa = attributes.get("alphabet", "ipa").lower() == "ipa"
    return [Ipa(symbols), Open(name, Change(is_silent=True))] if is_ipa else [Open(name)]


def _voice(name: str, attributes: Attributes) -> list[Token]:
    language = attributes.get("language") or _language(attributes)
    return [Open(name, Change(voice=attributes.get("name", "").strip(), voice_language=language))]


def _lang(name: str, attributes: Attributes) -> list[Token]:
    return [Open(name, Change(language=_language(attributes)))]


def _language(attributes: Attributes) -> str:
    return attributes.get("xml:lang") or attributes.get("lang", "")


_STARTS: Mapping[str, Callable[[str, Attributes], list[Token]]] = {
    **dict.fromkeys(_PARTS, _part),
    # Their text is for programs.
    **dict.fromkeys(("desc", "lexicon", "metadata"), _silent),
    "break": _break,
    "prosody": _prosody,
    "emphasis": _emphasis,
    "say-as": _say_as,
    "sub": _sub,
    "phoneme": _phoneme,
    "voice": _voice,
    "lang": _lang,
}
ELEMENTS = tuple(_STARTS)
"""The elements that change how something is spoken."""
