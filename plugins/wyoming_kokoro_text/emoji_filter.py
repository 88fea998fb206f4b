"""Emoji: dropped, or called by their names."""

from __future__ import annotations

from collections.abc import Callable

from wyoming_kokoro_text.rules import rules

NAMED = {"en": "en", "es": "es", "fr": "fr", "it": "it", "pt": "pt", "ja": "ja", "zh": "zh"}
"""Languages that the package `emoji` has names in."""

_PICTURES = (
    r"\U0001f000-\U0001faff\u2300-\u23ff\u25a0-\u2793\u2795-\u2797\u27b0\u27bf\u2b00-\u2bff\u203c\u2049\u2139\u3030\u303d\u3297"
    r"\u3299\u24c2\u2934\u2935"
)
_ARROWS_AND_MARKS = r"\u2190-\u2191\u2193-\u21d1\u21d3-\u21ff\u00a9\u00ae\u2122"
_JOINERS = r"\u200d\u20e3\ufe0e\ufe0f\U000e0020-\U000e007f"

DROPPED = rules(
    (r"([0-9#*])\ufe0f?\u20e3", r"\1"),  # a keycap is its key
    (r"\u200d\u27a1", ""),  # somebody who faces right
    (r"(?<!\S)[:;]-?[)(DP](?!\S)", ""),
    (r"(?<![\w:]):[a-z][a-z ]{2,30}:(?![\w:])", " "),  # :light_bulb:
    (f"[{_PICTURES}{_ARROWS_AND_MARKS}{_JOINERS}]+", " "),
)


def named(language: str) -> Callable[[str], str]:
    """Return a filter that says the names of emoji in a primary `language` subtag, and drops those without one."""

    def name(text: str) -> str:
        import emoji  # noqa: PLC0415 takes a tenth of a second, and only who wants it needs it

        def word(_: str, data: dict[str, str]) -> str:
            called = data.get(NAMED[language], "").strip(":").replace("_", " ").replace("-", " ")
            return f", {called}, " if called else " "

        emoji.config.load_language(NAMED[language])
        return DROPPED(emoji.replace_emoji(text, word))

    return name
