"""Units, acronyms and readings that Open JTalk does not know."""

from __future__ import annotations

import re
import unicodedata

from wyoming_kokoro_text.classes.patterns import FRACTIONS, any_of, text_before
from wyoming_kokoro_text.rules import Rule

_UNITS = {
    "km/h": "キロメートル毎時", "m/s": "メートル毎秒", "mm/h": "ミリメートル毎時", "L/min": "リットル毎分",
    "μg/m³": "マイクログラム マイ立方メートル", "µg/m³": "マイクログラム マイ立方メートル",
    "mg/m³": "ミリグラム毎立方メートル", "GB": "ギガバイト", "MB": "メガバイト", "KB": "キロバイト",
    "kB": "キロバイト", "TB": "テラバイト", "Gbps": "ギガビーピーエス", "Mbps": "メガビーピーエス",
    "kbps": "キロビーピーエス", "ppm": "ピーピーエム", "ppb": "ピーピービー", "lx": "ルクス", "lm": "ルーメン",
    "mAh": "ミリアンペアアワー", "Ah": "アンペアアワー", "kcal": "キロカロリー", "cal": "カロリー", "L": "リットル",
    "rpm": "アールピーエム", "fps": "エフピーエス", "dBm": "デシベルミリ", "kVA": "キロボルトアンペア",
    "VA": "ボルトアンペア", "Ω": "オーム", "cc": "シーシー", "ml": "ミリリットル", "mL": "ミリリットル",
    "min": "分", "°": "度", "km²": "平方キロメートル", "cm²": "平方センチメートル", "cm³": "立方センチメートル",
    "kWh": "キロワット時", "MWh": "メガワット時", "Wh": "ワット時", "V": "ボルト", "dB": "デシベル", "Hz": "ヘルツ",
    "kHz": "キロヘルツ", "MHz": "メガヘルツ", "GHz": "ギガヘルツ", "km": "キロメートル", "cm": "センチメートル",
    "mm": "ミリメートル", "kg": "キログラム", "mg": "ミリグラム", "kW": "キロワット", "MW": "メガワット",
    "hPa": "ヘクトパスカル", "kPa": "キロパスカル", "mA": "ミリアンペア", "mV": "ミリボルト", "kV": "キロボルト",
    "GiB": "ギビバイト", "MiB": "メビバイト", "kbit/s": "キロビット毎秒", "Mbit/s": "メガビット毎秒",
    "Gbit/s": "ギガビット毎秒", "mph": "マイル毎時", "mi": "マイル", "gal": "ガロン", "inHg": "水銀柱インチ",
    "ft": "フィート", "lb": "ポンド", "oz": "オンス",
}  # fmt: skip
_LETTERS = {"A": "アンペア", "K": "ケルビン", "W": "ワット", "d": "日", "in": "インチ"}
"""Units after a number and a space. Home Assistant writes `200 W`, which Open JTalk would read as a letter."""
_ACRONYMS = {
    "PIN": "ピン", "RAM": "ラム", "SIM": "シム", "eSIM": "イーシム", "ATM": "エーティーエム", "NHK": "エヌエイチケー",
    "OK": "オーケー", "A": "エー",
    "CO2": "シーオーツー",
}  # fmt: skip


def _verbalize_fraction(match: re.Match[str]) -> str:
    part, whole = unicodedata.normalize("NFKC", match[0].strip()).split("⁄")
    follows_number = text_before(match, 1).isdigit()
    return f"{'と' * follows_number}{whole}分の{part}"


SPACES = (
    # Open JTalk reads counters only beside numbers.
    Rule(r"(?<=\d) (?=[ぁ-んァ-ヶ一-鿿%℃])|(?<=[ぁ-んァ-ヶ一-鿿]) (?=\d)", "", ja="リビングに 2 人 => リビングに2人"),
    Rule(r"(?<=\d)：(?=\d)", ":", ja="午後３：３０ => 午後3時30分"),
)
ACRONYMS = (
    Rule(
        rf"(?<=\d) ({any_of(_LETTERS)})(?![A-Za-z\d/²³組棟型級])",
        lambda match: _LETTERS[match[1]],
        ja="電力は200 Wで5.21 Aです => 電力は200ワットで5.21アンペアです",
    ),
    Rule(
        rf"(?<![A-Za-z])(?<!\d(?=A))({any_of(_ACRONYMS)})(?![A-Za-z\d/])",
        lambda match: _ACRONYMS[match[1]],
        ja="SIMカードとRAMとCO2 => シムカードとラムとシーオーツー",
    ),
    Rule(r"(?<!\d)20歳", "二十歳", ja="20歳以上 => 二十歳以上"),
    Rule(
        r"(?<![\d月])1日(?=(?:から|まで|〜|～)[^。]{0,5}日)", "ついたち", ja="1日から10日まで => ついたちから10日まで"
    ),
)
UNITS = (
    Rule(
        rf"(?<=\d)\s?({any_of(_UNITS)})(?![A-Za-z\d/²³])",
        lambda match: _UNITS[match[1]],
        ja=(
            "8GBと800 ppm => 8ギガバイトと800ピーピーエム",
            "60km/hで5kWh => 60キロメートル毎時で5キロワット時",
            "50 Hzと1013.2 hPa => 50ヘルツと1013.2ヘクトパスカル",
            "5G対応 => 5G対応",
        ),
    ),
)
_CONTRACTED = {"分": "ハップン", "個": "ハッコ", "票": "ハッピョー", "品": "ハッピン"}


def _contract_eight(match: re.Match[str]) -> str:
    """Return 20ハップン for 28分."""
    return f"{match[1]}{'0' * bool(match[1])}{_CONTRACTED[match[2]]}"


# Open JTalk would say ハチフン and ハチコ. 8分の1, 8分目 and 8分音符 are fractions.
COUNTED = (
    Rule(
        r"(?<![\d.,])(\d{0,3})8(分(?!の\s?[\d一二三四五六七八九十]|[目音割咲]|間)|[個票品])",
        _contract_eight,
        ja="8:08に28個、8分の1 => 8時ハップンに20ハッコ、8分の1",
    ),
)
_QUANTITY = r"([-−]?\d{1,9}(?:\.\d{1,5})?\s?(?:[℃%度人円分秒歳個件回台点時日年枚本]間?|[A-Za-z]{1,3})?)"
SIGNS = (
    Rule(rf"[≥≧]\s?{_QUANTITY}", r"\1以上", ja="≧35℃のとき => 35℃以上のとき"),
    Rule(rf"[≤≦]\s?{_QUANTITY}", r"\1以下", ja="≤5分 => 5分以下"),
    Rule(rf"[<＜]\s?{_QUANTITY}", r"\1未満", ja="湿度 < 30%です => 湿度 30%未満です"),
    Rule(r"±\s?(?=\d)", "プラスマイナス", ja="±2℃ => プラスマイナス2℃"),
    Rule(r"約?(?<![^\s約、。（(：:はがでにのを])[~～〜≈∼]\s?(?=\d)", "約", ja="~5分 => 約5分"),
    Rule(r"(?<=\d)\s?(?:→|->)\s?(?=\d)", "から", ja="10→20 => 10から20"),
    Rule(r"(?<![A-Za-z\d)])\+(?=\d{1,3}(?:\.\d)?\s?[°℃度%])", "プラス", ja="+5℃ => プラス5℃"),
    Rule(r"(?<![\d:.])(\d{1,4}):(\d{1,5})(?![\d:.])", r"\1たい\2", ja="2:1と16:9 => 2たい1と16たい9"),
)
RANGES = (
    Rule(r"(?<=\d)[〜～~](?=[-−]\d)", "から", ja="-10〜-5℃ => マイナス10からマイナス5℃"),
    Rule(r"([¥￥$€£]\s?[\d,.]{1,15})[〜～](?!\d)", r"\1から", ja="¥1,200〜 => 1200円から"),
    Rule(
        r"(\d[^\s\d〜～、。]{1,4})[〜～](?=[-−]?\d)",
        r"\1から",
        ja="9時〜17時と5月1日〜5日 => 9時から17時と5月1日から5日",
    ),
    Rule(r"(?<=\d)([時日月年分円歳人])[〜～](?!\d)", r"\1から", ja="10時〜営業 => 10時から営業"),
)
MIXED_FRACTIONS = (
    Rule(rf"(?:(?<=\d)\s?)?[{FRACTIONS}]", _verbalize_fraction, ja="½カップと2¾ => 2分の1カップと2と4分の3"),
    Rule(r"(?<=\d) (?=\d/\d)", "と", ja="大さじ1 1/2 => 大さじ1と二分の一"),
)
