"""Japanese rules. Open JTalk reads numbers with their counters and most units, so they stay digits."""

from __future__ import annotations

from wyoming_kokoro_text.language import Language
from wyoming_kokoro_text.rules import Rule

TIMESTAMPS = (Rule(r"(?<!\d)(\d{4})-0?(\d{1,2})-0?(\d{1,2})(?!\d)", r"\1年\2月\3日", ja="2026-01-03 => 2026年1月3日"),)
TIMES = (
    Rule(r"(?<![\d:-])([01]?\d|2[0-3]):([0-5]\d)(?![\d:])", r"\1時\2分", ja="12:35 => 12時35分"),
    Rule(r"(?<=時)00分", "", ja="9:00に => 9時に"),
    Rule(r"(?<=時)0(?=\d分)", "", ja="12:05 => 12時5分"),
)
RANGES = (
    Rule(r"(?<=\d),(?=\d{3})", "", ja="1,234円 => 1234円"),
    Rule(r"(?<=[\d℃%])\s?[〜～~–-]\s?(?=\d)", "から", ja="18〜21℃ => 18から21℃"),
    # A minus also stands after a word without a space. After a Latin letter or katakana it is a hyphen in a name.
    Rule(
        r"(?<![A-Za-z\d_)ァ-ヶー-])[-−](?=\d)",
        "マイナス",
        ja=("-5度 => マイナス5度", "外は-3℃です => 外はマイナス3℃です", "ライト-2 => ライト-2"),
    ),
)
UNITS = (Rule("°C", "℃", ja="21.5°C => 21.5℃"),)

LANGUAGE = Language(
    "ja",
    rules={
        "timestamps": TIMESTAMPS,
        "times": TIMES,
        "ranges": RANGES,
        "units": UNITS,
    },
)
