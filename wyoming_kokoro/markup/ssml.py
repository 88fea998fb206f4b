"""Parses streaming SSML. Text that is not well-formed XML is spoken, and is never an error."""

from __future__ import annotations

import html
import re

from wyoming_kokoro.markup.ssml_elements import ELEMENTS, end_element, start_element
from wyoming_kokoro.markup.tokens import Open, Token, append_text

MAX_TAG_CHARACTERS = 1000
"""A longer `<` is text."""
MAX_COMMENT_CHARACTERS = 4000

_NAME = r"[A-Za-z_][\w.:-]*"
# A sign that may begin markup.
_START = re.compile(r"<(?=[A-Za-z_/!?]|\Z)|&(?=[A-Za-z#]|\Z)")
_CDATA = "<![CDATA["
_TAG = re.compile(rf"<(?P<slash>/?)(?P<name>{_NAME})(?P<rest>(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*)>")
# A tag with a quote that does not close.
_LENIENT_TAG = re.compile(rf"<(?P<slash>/?)(?P<name>{_NAME})(?P<rest>[^<>]*)>")
_DECLARATION = re.compile(r"<[?!][A-Za-z][^<>]*>")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]\w{1,7});")
# What more text may continue to one of these.
_PARTIAL = re.compile(
    r"&(?:#?\w{0,8})\Z"
    r"|<(?:[?!][A-Za-z][^<>]*|[?!]|!-|!\[(?:C(?:D(?:A(?:TA?)?)?)?)?)?\Z"
    rf"|</?(?:{_NAME}(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*(?:\"[^\"<]*|'[^'<]*)?)?\Z"
)
_ATTRIBUTE = re.compile(r"([\w.:-]+)\s*=\s*(\"[^\"]*\"|'[^']*'|[\"']?[^\s\"'<>/]+)")
# Line breaks of XML are spaces, not paragraphs.
_LINE_BREAKS = str.maketrans("\n\r\t", "   ")
_CUT_OFF_TAG = re.compile(rf"</?(?:speak|{'|'.join(ELEMENTS)})\b[^<>]*\Z", re.IGNORECASE)


class SsmlParser:
    """Splits streaming SSML into text and what its elements mean. Unknown elements are skipped, and their text stays.

    At most `MAX_COMMENT_CHARACTERS` wait for more text.
    """

    def __init__(self) -> None:
        self._pending = ""
        self._is_in_cdata = False

    def feed(self, text: str) -> list[Token]:
        """Add text; return the tokens before what more text may continue."""
        is_inside_tag = len(self._pending) > len("<![CDATA[")
        if is_inside_tag and len(self._pending) < MAX_TAG_CHARACTERS and not set("<>") & set(text):
            # This keeps the work linear when the text comes letter by letter.
            self._pending += text
            return []
        return self._parse(self._pending + text, is_complete=False)

    def finish(self) -> list[Token]:
        """Return the rest of the tokens."""
        return self._parse(self._pending, is_complete=True)

    def _parse(self, text: str, *, is_complete: bool) -> list[Token]:
        tokens: list[Token] = []
        at = 0
        while at < len(text):
            read = self._read_cdata if self._is_in_cdata else self._read_text
            length = read(text, at, tokens, is_complete)
            if not length:
                break
            at += length
        self._pending = text[at:]
        return tokens

    def _read_cdata(self, text: str, at: int, tokens: list[Token], is_complete: bool) -> int:
        """Append text of a CDATA section; return the number of characters that are read."""
        end = text.find("]]>", at)
        if end >= 0:
            self._is_in_cdata = False
            _append(tokens, text[at:end])
            return end + len("]]>") - at
        # The end of the section may be cut.
        held = 0 if is_complete else len(text) - len(text.removesuffix("]").removesuffix("]"))
        _append(tokens, text[at : len(text) - held])
        return len(text) - held - at

    def _read_text(self, text: str, at: int, tokens: list[Token], is_complete: bool) -> int:
        """Append text, or one markup; return the number of characters that are read, 0 if it is undecided."""
        mark = _START.search(text, at)
        start = mark.start() if mark else len(text)
        if start > at:
            _append(tokens, text[at:start])
            return start - at
        limit = MAX_COMMENT_CHARACTERS if text.startswith("<!--", at) else MAX_TAG_CHARACTERS
        is_decided = is_complete or len(text) - at >= limit
        return self._read_markup(text[at : at + limit], tokens, is_decided)

    def _read_markup(self, markup: str, tokens: list[Token], is_decided: bool) -> int:
        """Append one markup at the start of `markup`; return its length, 0 if more text decides."""
        if markup.startswith("<!--"):
            end = markup.find("-->")
            return end + len("-->") if end >= 0 else len("<!--") * is_decided
        if markup.startswith(_CDATA):
            self._is_in_cdata = True
            return len(_CDATA)
        if match := _ENTITY.match(markup):
            _append(tokens, html.unescape(match[0]))
        elif match := _TAG.match(markup):
            tokens += _read_tag(match)
        elif not is_decided and _PARTIAL.match(markup):
            return 0
        elif match := _LENIENT_TAG.match(markup):
            tokens += _read_tag(match)
        else:
            is_short = len(markup) < MAX_TAG_CHARACTERS
            match = _DECLARATION.match(markup) or (_CUT_OFF_TAG.match(markup) if is_short else None)
        if not match:
            _append(tokens, markup[0])
        return match.end() if match else 1


def _append(tokens: list[Token], text: str) -> None:
    append_text(tokens, text.translate(_LINE_BREAKS))


def _read_tag(tag: re.Match[str]) -> list[Token]:
    """Return the meaning of a tag."""
    name = tag["name"].lower()
    if tag["slash"]:
        return end_element(name)
    attributes = {key.lower(): html.unescape(value.strip("\"'“”")) for key, value in _ATTRIBUTE.findall(tag["rest"])}
    is_empty = tag["rest"].endswith("/")
    return [token for token in start_element(name, attributes) if not (is_empty and isinstance(token, Open))]
