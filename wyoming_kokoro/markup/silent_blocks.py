"""Removes the reasoning of language models, code blocks and comments from streaming text."""

from __future__ import annotations

import re

MAX_BEGINNING_CHARACTERS = 400
"""A beginning of a block, such as a tag with attributes, that is longer is text."""

_ELEMENTS = (
    "think", "thinking", "thought", "thoughts", "reasoning", "reflection", "analysis", "scratchpad", "seed:think",
    "antthinking", "inner_monologue", "tool_call", "tool_calls", "tool_response", "tool_use", "function_call",
    "function_calls", "script", "style",
)  # fmt: skip
_COMMENT = "<!--"
# What begins and what ends other blocks.
_ENDS = {
    _COMMENT: "-->",
    "[THINK]": "[/THINK]",
    "◁think▷": "◁/think▷",
    "<unused94>": "<unused95>",
    "<|START_THINKING|>": "<|END_THINKING|>",
    "<|START_ACTION|>": "<|END_ACTION|>",
    "<|begin_of_thought|>": "<|end_of_thought|>",
    "<|tool_call|>": "<|/tool_call|>",
    "<｜tool▁calls▁begin｜>": "<｜tool▁calls▁end｜>",
}
_CHANNELS = ("<|channel|>", "<|channel>")
_CHANNEL_END = re.compile(r"<\|(?:end|return|call)\|>|<channel\|>|(?:<\|start\|>assistant)?<\|channel\|>\s?final")
# Some servers remove the tokens around channels: `analysisThe user asks.assistantfinalIt is on.`
_LOST_CHANNEL, _LOST_CHANNEL_END = "analysis", re.compile("assistantfinal")
_BEGIN = re.compile(
    r"(?P<inline_code>(?<!`)`{3,20}[^`\n]{1,160}`{3,20}(?!`))"
    r"|(?P<fence>(?<!`)`{3,20}|(?<!~)~{3,20})(?P<info>[^`~<>\[\]◁\n]{0,160})\n"
    rf"|<(?P<element>(?i:{'|'.join(_ELEMENTS)}))(?:\s[^<>]{{0,300}})?(?<!/)>"
    r"|<(?P<details>details)\s[^<>]{0,150}(?<=\s)type=[\"']?reasoning\b[^<>]{0,150}>"
    rf"|(?P<channel>{'|'.join(map(re.escape, _CHANNELS))})\s?(?:analysis|commentary|thought)\b"
    rf"|(?P<other>{'|'.join(map(re.escape, _ENDS))})"
    rf"|\A\s{{0,20}}(?P<lost>{_LOST_CHANNEL})(?=[A-Z])"
)
_SIGN = re.compile(r"[<\[◁]|(?<!`)`|(?<!~)~|\A\s{0,20}a")
_BEGINNINGS = (*(f"<{name}>" for name in _ELEMENTS), "<details ", *map(str.lower, _ENDS), *_CHANNELS)
# The beginnings that have no fixed length.
_PARTIAL = re.compile(
    rf"<(?i:{'|'.join(_ELEMENTS)}|details)\s[^<>]*"
    rf"|(?:{'|'.join(map(re.escape, _CHANNELS))})\s?[a-z]{{0,10}}"
    r"|(?:`{1,2}|`{3,}[^`\n]*`*|~{1,2}|~{3,}[^`~\n]*)"
)
_MAX_END_CHARACTERS = 48

# The languages of blocks that contain no code.
_PLAIN_LANGUAGES = frozenset({"markdown", "md", "plain", "plaintext", "text", "txt"})
_CODE = re.compile(r"[{}<>=\\|]|;\s*$|\w[(_]\w|\w\(\)|\w/\w+/|^\s*(?:[#$%@/]|\w+:\s*$|- \w+:)", re.MULTILINE)


class SilentBlocks:
    """Removes blocks from streaming text, however the text is divided into calls of `feed`.

    A block without an end is removed up to the end of the text, but a comment without an end is spoken. The text of a
    code block without a language is spoken if it has no signs of code.
    """

    def __init__(self) -> None:
        self._pending = ""
        # `~` must not follow another one, and the lost channel only begins a text.
        self._last = ""
        self._end: re.Pattern[str] | None = None
        # The text of a block that may be spoken.
        self._block: list[str] | None = None
        self._is_comment = False

    def feed(self, text: str) -> str:
        """Add text; return the text before a possible beginning of a block, without the blocks."""
        return self._read(self._pending + text, is_complete=False)

    def finish(self) -> str:
        """Return the rest of the text."""
        return self._read(self._pending, is_complete=True)

    def _read(self, text: str, *, is_complete: bool) -> str:
        spoken = ""
        text, at = self._last + text, len(self._last)
        while True:
            if self._end:
                end = self._end.search(text, at)
                # More of the same sign would make the end of a code block another one.
                if end and (is_complete or end.end() < len(text) or text[end.start()] not in "`~"):
                    spoken += self._close(text[at : end.start()], is_ended=True)
                    at = end.end()
                    continue
                held = len(text) if is_complete else max(at, len(text) - _MAX_END_CHARACTERS)
                if self._block is not None:
                    self._block.append(text[at:held])
                spoken += self._close("", is_ended=False) if is_complete else ""
                break
            begin = _BEGIN.search(text, at)
            if begin and begin["inline_code"]:
                spoken += text[at : begin.end()]
            elif begin:
                spoken += text[at : begin.start()]
                self._open(begin)
            else:
                held = len(text) if is_complete else _find_partial(text, at)
                spoken += text[at:held]
                break
            at = begin.end()
        self._last, self._pending = text[max(0, held - 1) : held], text[held:]
        return spoken

    def _open(self, begin: re.Match[str]) -> None:
        if fence := begin["fence"]:
            self._end = re.compile(f"(?<!{fence[0]}){fence}{fence[0]}*")
            language = begin["info"].split(maxsplit=1)[:1]
            self._block = [] if not language or language[0].lower() in _PLAIN_LANGUAGES else None
            self._is_comment = False
        elif element := begin["element"] or begin["details"]:
            self._end = re.compile(rf"</{element}\s?>", re.IGNORECASE)
        elif begin["channel"]:
            self._end = _CHANNEL_END
        else:
            self._end = _LOST_CHANNEL_END if begin["lost"] else re.compile(re.escape(_ENDS[begin["other"]]))
            self._is_comment = begin["other"] == _COMMENT
            self._block = [] if self._is_comment else None

    def _close(self, rest: str, *, is_ended: bool) -> str:
        """Leave the block, whose text ends with `rest`; return what is spoken of it."""
        block = "" if self._block is None else "".join([*self._block, rest])
        self._end = self._block = None
        is_silent = is_ended if self._is_comment else _CODE.search(block)
        return " " if is_silent or not block else block


def _find_partial(text: str, start: int) -> int:
    """Return where a beginning of a block may begin that more text continues, or else the end of `text`."""
    for sign in _SIGN.finditer(text, max(start, len(text) - MAX_BEGINNING_CHARACTERS)):
        rest = text[sign.start() :]
        if (
            _PARTIAL.fullmatch(rest)
            or any(beginning.startswith(rest.lower()) for beginning in _BEGINNINGS)
            or (sign.start() == 0 and _LOST_CHANNEL.startswith(rest.lstrip()))
        ):
            return sign.start()
    return len(text)
