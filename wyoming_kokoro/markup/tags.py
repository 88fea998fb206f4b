"""Finds tags such as `[pause:0.8s]` and `[rate:0.9]...[/rate]` in streaming text."""

from __future__ import annotations

import re

from wyoming_kokoro.markup.tokens import Change, Close, Open, Pause, SayAs, Token, append_text
from wyoming_kokoro.markup.values import parse_milliseconds, parse_speed, parse_volume

# The longest value is a blend of eight voices.
_TAG = re.compile(
    r"\[(?:/(?P<closed>rate|voice|volume|spell|lang)"
    r"|(?P<name>pause|rate|voice|volume|lang):(?P<value>[^\[\]\n]{1,210})"
    r"|(?P<spell>spell))\]"
)
_NAMES = r"(?:pause|rate|voice|volume|spell|lang)"
# A bracket that may begin a tag.
_START = re.compile(rf"\[(?=/?(?:{_NAMES}|[a-z]{{0,6}}\Z))")
# The beginning of a tag at the end of the text so far.
_PARTIAL = re.compile(r"\[(?:/?[a-z]{0,6}|(?:pause|rate|voice|volume|lang):[^\[\]\n]{0,210})\Z")
_VOICE = re.compile(r"\w[\w\s*+().-]*")
_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(?:[-_]\w{2,8}){0,3}")


class TagParser:
    """Splits streaming text at tags. Everything that is not exactly a tag stays text.

    `[spell]` before `(` is a Markdown link or inline IPA: `[spell](/spˈɛl/)`.
    """

    def __init__(self) -> None:
        self._pending = ""

    def feed(self, text: str) -> list[Token]:
        """Add text; return the tokens before a possible beginning of a tag."""
        return self._parse(self._pending + text, is_complete=False)

    def finish(self) -> list[Token]:
        """Return the rest of the tokens."""
        return self._parse(self._pending, is_complete=True)

    def _parse(self, text: str, *, is_complete: bool) -> list[Token]:
        tokens: list[Token] = []
        at = 0
        while bracket := _START.search(text, at):
            start = bracket.start()
            append_text(tokens, text[at:start])
            match = _TAG.match(text, start)
            # The character after `[spell]` decides whether it is a link.
            is_open = match["spell"] and match.end() == len(text) if match else _PARTIAL.match(text, start)
            if is_open and not is_complete:
                self._pending = text[start:]
                return tokens
            token = _token(match) if match else None
            if match and token:
                tokens.append(token)
                at = match.end()
            else:
                append_text(tokens, "[")
                at = start + 1
        append_text(tokens, text[at:])
        self._pending = ""
        return tokens


def _token(match: re.Match[str]) -> Token | None:
    """Return the meaning of a tag, or None if its value is not valid, so that it is text."""
    if match["closed"]:
        return Close(match["closed"])
    if match["spell"]:
        is_link = match.string.startswith("(", match.end())
        return None if is_link else Open("spell", Change(say_as=SayAs("characters")))
    name, value = match["name"], match["value"].strip()
    if name == "pause":
        milliseconds = parse_milliseconds(value)
        return None if milliseconds is None else Pause(milliseconds)
    change = _change(name, value)
    return Open(name, change) if change else None


def _change(name: str, value: str) -> Change | None:
    if name == "rate":
        speed = parse_speed(value)
        return None if speed is None else Change(speed=speed)
    if name == "volume":
        volume = parse_volume(value)
        return None if volume is None else Change(volume=volume)
    if name == "voice":
        return Change(voice=value) if _VOICE.fullmatch(value) else None
    return Change(language=value) if _LANGUAGE.fullmatch(value) else None
