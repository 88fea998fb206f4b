"""Finds markup that is still open at the end of a streaming text.

Text filters remove the markup of each segment separately. If a segment ends inside a link, the filters take the second
half of the URL for text.
"""

from __future__ import annotations

import re

MAX_SEARCHED_CHARACTERS = 400
"""Markup that begins before the last this many characters is not found. A search takes at most 0.6 ms on one core."""

# Emphasis may begin between Chinese and Japanese characters, which have no spaces between words.
_MARK = r"(?:(?<![^\W\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])(?<!\\)(?:\*{1,3}|~~)|(?<![\w\\])_{1,3})"
_COMPLETE = re.compile(
    r"<!--.*?-->"
    r"|<\|[^|<>]*\|>"
    r"|<(?:br|col|hr|img|input|li|p|td|th|tr|wbr)\b[^<>]*>|<[^<>]*/>|</[^<>]*>"
    r"|<(?P<element>[a-zA-Z][\w-]*)(?:\s[^<>]*)?>.*?</(?P=element)>"
    r"|<https?://[^<>\s]*>"
    r"|(?<!`)(?P<code>`+)(?!`).+?(?<!`)(?P=code)(?!`)"
    r"|\\\(.*?\\\)|\\\[.*?\\\]|(?P<formula>\$\$|\$(?![\d\s$]))[^$]+(?P=formula)"
    r"|\{\{.*?\}\}|\{%.*?%\}|\[\[[^\[\]]*\]\]"
    r"|【[^【】]*】"
    r"|\[[^\[\]]*\](?:\((?:[^()\s]|\([^()\s]*\))*(?:\s[^()]*)?\)|\[[^\[\]]*\])"
    rf"|(?P<emphasis>{_MARK})(?=[^\s*_~]).*?(?<=\S)(?P=emphasis)",
    re.DOTALL,
)
_OPEN_AND_SILENT = re.compile(
    r"<!--"
    r"|<(?:[a-zA-Z/!|?][^<>]*)?\Z"
    r"|【[^【】]*\Z"
    r"|\{[{%][^{}]*\Z|\[\[[^\[\]]*\]?\Z"
    r"|\]\((?:[^()\n]|\([^()\n]*\)?)*\Z"  # [text](target
    r"|\]\[[^\[\]\n]*\Z"  # [text][reference
    r"|(?:\A|\n)[^\S\n]*\[[^\[\]\n]+\]:[^\S\n]*(?:<?https?:[^\n]*)?\Z"  # [reference]: target
)
_OPEN_ELEMENT = re.compile(r"<[a-zA-Z][\w-]*(?:\s[^<>]*)?>")
_OPEN_FORMULA = re.compile(r"\\[(\[]|\$\$|\$(?=[a-zA-Z\\(])")
_OPEN_IN_PARAGRAPH = re.compile(
    r"`"
    r"|\[[^\[\]]*\]?\Z"
    rf"|{_MARK}(?=[^\s*_~])"
)


def is_silent_markup_open(text: str) -> bool:
    """Return whether `text` ends inside markup whose parts are not spoken as they are.

    It is a link's target, a tag, a comment, a citation or a formula.
    """
    return _is_silent_open(_remove_complete(text))


def is_markup_open(text: str) -> bool:
    """Return whether `text` ends inside any markup."""
    rest = _remove_complete(text)
    is_open = any((_OPEN_ELEMENT.search(rest), _OPEN_IN_PARAGRAPH.search(_last_paragraph(rest))))
    return is_open or _is_silent_open(rest)


def _is_silent_open(rest: str) -> bool:
    return any((_OPEN_AND_SILENT.search(rest), _OPEN_FORMULA.search(_last_paragraph(rest))))


def _last_paragraph(text: str) -> str:
    return text.rpartition("\n\n")[2]


def _remove_complete(text: str) -> str:
    """Return the end of `text`, with a letter in place of each complete markup."""
    return _COMPLETE.sub("x", text[-MAX_SEARCHED_CHARACTERS:])
