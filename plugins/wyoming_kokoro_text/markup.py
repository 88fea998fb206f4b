"""Rules that remove Markdown, HTML, tokens of language models, and superfluous whitespace in every language.

A text may be one segment of an answer. Emphasis, links, tags and comments may therefore open in one segment and close
in the next, and the rules clean both halves.
"""

from __future__ import annotations

import html

from wyoming_kokoro_text.rules import Rules

_TAGS = "a|b|i|u|s|p|br|hr|em|strong|code|pre|span|div|font|img|sub|sup|mark|small|ul|ol|li|table|tr|td|th|h[1-6]"

MARKUP = Rules(
    (r"<\|[^|<>]{0,40}\|>", " "),  # <|endoftext|>
    (r"<!--(?:.*?-->|.*$)|^.*?-->", " "),
    (
        rf"</?(?:{_TAGS})(?:\s+[\w-]+=[^<>]{{0,200}})?$|^[^<>\"']{{0,200}}[\"']/?>",
        "",
    ),  # A tag that is cut off at either end.
    (r"<(?:br|p|li|div|tr|h[1-6])\b[^<>]{0,200}>", " "),
    (r"</?[a-zA-Z][a-zA-Z0-9-]*(?:\s[^<>]{0,200})?/?>", ""),
    (r"<(https?://[^<>\s]+)>", r"\1"),
    (r"(?:`{3,}|~{3,})\w*", " "),  # A code fence.
    (r"!?\[([^\[\]]*)\]\((?:[^()\s]|\([^()\s]*\))*(?:\s[^()]*)?\)", r"\1"),  # A link or an image.
    (r"\[([^\[\]]*)\]\[[^\[\]]*\]", r"\1"),
    (r"^\s*\[[^\[\]]+\]:\s*<?https?://\S+.*$", ""),  # The definition of a reference link.
    (r"\]\((?:[^()\s]|\([^()\s]*\))*(?:\s[^()]*)?(?:\)|$)", ""),  # The second half of a link.
    (r"!?\[(?=[^\[\]]*$)", ""),  # The first half of a link.
    (r"【[^【】]{0,40}】|\[\^?\d{1,3}\]", ""),  # A citation.
    (r"^\s*(?:[-*_]\s*){3,}$", ""),  # A horizontal rule.
    (r"^\s*\|?(?:\s*:?-{3,}:?\s*\|)+.*$", ""),  # The line below a table header.
    (r"^\s*\|\s*|\s*\|\s*$", ""),
    (r"\s+\|\s+", ", "),
    (r"^\s*(?:>\s?)+", ""),
    (r"^\s*#{1,6}\s+|\s+#+\s*$", ""),
    (r"^\s*[-*+•–—]\s+(?:\[[ xX]\]\s+)?", ""),
    (r"^(\s*\d{1,3})\)\s", r"\1. "),
    (r"\\([\\`*_{}\[\]()#+.!|<>~-])", r"\1"),
    (r"`+([^`]*)`+", r"\1"),
    (r"~~", ""),
    (r"(?<!\w)_{1,3}(?=\S)(.+?)(?<=\S)_{1,3}(?!\w)", r"\1"),
    (r"(?<!\S)(?:\*{2,3}|_{2,3})(?!\S)", ""),
    (r"\*+(?=\S)|(?<=\S)\*+", ""),  # Emphasis, also where its other end is in another segment.
    (r"(?<!\w)_+(?=\w)|(?<=\w)_+(?!\w)|`", ""),
    (r"(?<=\w)_(?=\w)", " "),  # living_room
    (r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|\w{2,8});", lambda match: html.unescape(match[0])),
)

WHITESPACE = Rules(
    (r"\s?(?:[→⇒\u2794\u2798-\u27af]\ufe0f?|->|=>)\s?", ", "),
    (r"^\s*,\s*", ""),
    (r"[\u200b\u2060\ufeff\u00ad]", ""),
    (r"\s+", " "),
    (r" +([,.!?;:…])(?=\s|$)", r"\1"),
    (r"^ | $", ""),
)
