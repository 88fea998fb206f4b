"""What is not text in any language: markdown, HTML, model tokens, emoji, whitespace.

The text may be a whole answer or one segment of it, with emphasis that opens in one segment and closes in
the next.
"""

from __future__ import annotations

import html

from wyoming_kokoro_text.rules import rules

RULES = rules(
    (r"<\|[^|<>]{0,40}\|>", " "),  # <|endoftext|>
    (r"<!--.*?-->", " "),
    (r"<(?:br|p|li|div|tr|h[1-6])\b[^<>]{0,200}>", " "),
    (r"</?[a-zA-Z][a-zA-Z0-9-]*(?:\s[^<>]{0,200})?/?>", ""),
    (r"<(https?://[^<>\s]+)>", r"\1"),
    (r"(?:`{3,}|~{3,})\w*", " "),  # a code fence
    (r"!?\[([^\[\]]*)\]\((?:[^()\s]|\([^()\s]*\))*(?:\s[^()]*)?\)", r"\1"),  # links and images
    (r"\[([^\[\]]*)\]\[[^\[\]]*\]", r"\1"),
    (r"【[^【】]{0,40}】|\[\^?\d{1,3}\]", ""),  # citations
    (r"^\s*(?:[-*_]\s*){3,}$", ""),  # a horizontal rule
    (r"^\s*\|?(?:\s*:?-{3,}:?\s*\|)+.*$", ""),  # the line below a table's head
    (r"^\s*\|\s*|\s*\|\s*$", ""),
    (r"\s+\|\s+", ", "),
    (r"^\s*(?:>\s?)+", ""),
    (r"^\s*#{1,6}\s+|\s+#+\s*$", ""),
    (r"^\s*[-*+•–—]\s+(?:\[[ xX]\]\s+)?", ""),
    (r"^(\s*\d{1,3})\)\s", r"\1. "),
    (r"\\([\\`*_{}\[\]()#+.!|<>~-])", r"\1"),
    (r"`+([^`]*)`+", r"\1"),
    (r"~~(.+?)~~", r"\1"),
    (r"(?<!\w)_{1,3}(?=\S)(.+?)(?<=\S)_{1,3}(?!\w)", r"\1"),
    (r"\*+(?=\S)|(?<=\S)\*+", ""),  # emphasis, also when its other end is in another segment
    (r"(?<!\w)_+(?=\w)|(?<=\w)_+(?!\w)|`", ""),
    (r"(?<=\w)_(?=\w)", " "),  # living_room
    (r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|\w{2,8});", lambda match: html.unescape(match[0])),
)

_PICTURES = r"\U0001f000-\U0001faff\u2300-\u23ff\u25a0-\u27bf\u2b00-\u2bff"
_ARROWS_AND_MARKS = r"\u2190-\u21ff\u00a9\u00ae\u2122"
_JOINERS = r"\u200d\u20e3\ufe0e\ufe0f\U000e0020-\U000e007f"

EMOJI = rules(
    (r"(?<!\S)[:;]-?[)(DP](?!\S)", ""),
    (f"[{_PICTURES}{_ARROWS_AND_MARKS}{_JOINERS}]+", " "),
)

WHITESPACE = rules(
    (r"[\u200b\u2060\ufeff\u00ad]", ""),
    (r"\s+", " "),
    (r" +([,.!?;:…])(?=\s|$)", r"\1"),
    (r"^ | $", ""),
)
