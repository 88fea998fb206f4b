"""Japanese rules. Open JTalk reads numbers with their counters and most units, so they stay digits."""

from __future__ import annotations

from wyoming_kokoro_text.language import DateWords, Language
from wyoming_kokoro_text.rules import Rule

DATES = DateWords(
    "ymd",
    "1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月",
    with_year="{year}年{month}{day}日",
    without_year="{month}{day}日",
    month_and_year="{year}年{month}",
    range_to="から",
    before="(?:日付|期限|締め?切り?|予定|予約|誕生日|開始|終了)[はが]?",
    after=r"\s?(?:[はにでかまよ、。]|\([日月火水木金土]\)|（[日月火水木金土]）)",
    counted="[問件枚個本台点]",
)
WEEKDAYS = (
    Rule(
        r"(?<=日)\s?[(（]([月火水木金土日])[)）]",
        r"、\1曜日",
        ja="7月14日(火)と9/1（水）から => 7月14日、火曜日と9月1日、水曜日から",
    ),
)
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
    dates=DATES,
    rules={
        "dates": WEEKDAYS,
        "times": TIMES,
        "ranges": RANGES,
        "units": UNITS,
    },
)
