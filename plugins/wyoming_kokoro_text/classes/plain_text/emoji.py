"""Removes emoji and pictures made of characters, or replaces emoji with their names."""

from __future__ import annotations

from wyoming_kokoro_text.rules import Rule, RuleFilter

NAMED_LANGUAGES = ("en", "es", "fr", "it", "pt", "ja", "zh")
"""Primary language subtags for which the `emoji` package has names."""

_EMOJI = (
    r"\U0001f000-\U0001faff\u2300-\u23ff\u25a0-\u2793\u2795-\u2797\u27b0\u27bf\u2b00-\u2bff\u203c\u2049\u2139\u3030\u303d\u3297"
    r"\u3299\u24c2\u2934\u2935"
)
_ARROWS_AND_MARKS = r"\u2190-\u2191\u2193-\u21d1\u21d3-\u21ff\u00a9\u00ae\u2122"
_LINES_AND_BLOCKS = r"\u2500-\u259f\u2800-\u28ff\ufe30-\ufe44"
_JOINERS = r"\u200d\u20e3\ufe0e\ufe0f\U000e0020-\U000e007f"

EMOJI = (
    Rule(r"([0-9#*])\ufe0f?\u20e3", r"\1", any="1️⃣ Milk => 1 Milk"),  # A keycap becomes its key.
    Rule(r"\u200d\u27a1", "", any="🚶\u200d➡ here => here"),  # "Facing right", which modifies a person.
    Rule(
        r"(?<![A-Za-z0-9:]):[a-z][a-z ]{2,30}:(?![A-Za-z0-9:])",
        " ",
        any=("A :light_bulb: is on => A is on", "打开:light_bulb:灯 => 打开 灯"),
    ),
    # Markup has removed code fences, tables and horizontal rules. Three hyphens are a dash.
    Rule(
        r"([=*#_+|^<>\\])\1{2,}|(?<!\S)[-–—]{3,}(?!\S)|(?<!-)-{5,}",
        " ",
        any=("Total\n===== => Total", "----- 5 => 5", "+++ stop +++ => stop"),
    ),
    Rule(r"(?<=\w)-{3,4}(?=\w)", "—", any="one---two => one—two"),
    Rule(
        f"[{_EMOJI}{_ARROWS_AND_MARKS}{_LINES_AND_BLOCKS}{_JOINERS}]+",
        " ",
        en="Settings ➡️ Devices and ➡️ this => Settings, Devices and, this",
        any=("ℹ️ Note © => Note", "███░░ 60 => 60", "├── a => a"),
    ),
)
_remove_emoji = RuleFilter(EMOJI)


def name_emoji(language: str, text: str) -> str:
    """Return `text` with emoji replaced by their names in `language`; those without a name are removed."""
    import emoji  # noqa: PLC0415 takes 0.1 s, and the default setting does not need it

    def name(_: str, data: dict[str, str]) -> str:
        found = data.get(language, "").strip(":").replace("_", " ").replace("-", " ")
        return f", {found}, " if found else " "

    emoji.config.load_language(language)
    return _remove_emoji(emoji.replace_emoji(text, name))
