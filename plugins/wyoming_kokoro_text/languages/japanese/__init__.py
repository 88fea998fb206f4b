"""Japanese rules. Open JTalk reads numbers with their counters and most units, so they stay digits."""

from __future__ import annotations

from wyoming_kokoro_text.classes.east_asian_times import EastAsianTimeWords, duration_rules, time_rules
from wyoming_kokoro_text.classes.money import MAGNITUDES_IN_DIGITS
from wyoming_kokoro_text.language import AddressWords, DateWords, Language, SlashWords
from wyoming_kokoro_text.languages.japanese import codes, words
from wyoming_kokoro_text.rules import Rule

DATES = DateWords(
    "ymd",
    "1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月",
    with_year="{year}年{month}{day}日",
    without_year="{month}{day}日",
    month_and_year="{year}年{month}",
    range_to="から",
    before="(?:[明昨]日|今日|次回|[月火水木金土日]曜日?|日付|期限|締め?切り?|予定|予約|誕生日|開始|終了)[はが、]?",
    joined_by="から|と",
    after=r"\s?(?:[はにでかまよ、。]|\([日月火水木金土]\)|（[日月火水木金土]）)",
    counted="[問件枚個本台点]|ページ",
)
SLASHES = SlashWords(
    "スラッシュ",
    all_day="24、7",
    over="の",
    part_of="{whole}分の{part}",
    counted="(?!)",
    pair="、",
    separator="、",
)
WEEKDAYS = (
    Rule(
        r"(?<=日)\s?[(（]([月火水木金土日])[)）]",
        r"、\1曜日",
        ja="7月14日(火)と9/1（水）から => 7月14日、火曜日と9月1日、水曜日から",
    ),
)
CURRENCIES = {"$": "ドル", "€": "ユーロ", "£": "ポンド", "¥": "円", "￥": "円", "₩": "ウォン"}

_CURRENCY = f"[{''.join(CURRENCIES)}]"


TIME_WORDS = EastAsianTimeWords("時間", "分", "時", "午前", "午後", {0: "レージ"}, "レーフン")
# Open JTalk would read the zeros.
TIMES = (
    Rule(r"(?<!\d)0(?=[1-9]時)", "", ja="09時12分 => 9時12分"),
    # It would read 午前零時 as `zero`.
    Rule(r"(?<!\d)(?:00?|零)時(?!間)", "レージ", ja="午前0時15分と深夜零時 => 午前レージ15分と深夜レージ"),
    Rule("(?<=[時ジ])00分", "", ja="9時00分に => 9時に"),
    Rule(r"(?<=[時ジ])0(?=\d分)", "", ja="12時05分 => 12時5分"),
)
RANGES = (
    Rule(
        r"(?<=\d)\s?[-−]\s?(?=\d{1,9}(?:\s?=|は[-−]?\d|は[?？]))",
        "引く",
        ja="9-6は3、10-5は？ => 9引く6は3、10引く5は？",
    ),
    Rule(r"(?<=\d),(?=\d{3})", "", ja="1,234円 => 1234円"),
    Rule(
        r"(?<=[\d℃%時分秒日月年円])\s?[〜～~–-]\s?(?=\d)",
        "から",
        ja=("18〜21℃ => 18から21℃", "9:00-17:00 => 9時から17時"),
    ),
    Rule(r"(?<=[はがもでにと：:] )[-−–] (?=\d)", "マイナス", ja="冷凍庫は - 18 °C です => 冷凍庫は マイナス18℃ です"),
    Rule(
        r"(?<=[ぁ-ゟ一-龥] )[-−–] (?=\d{1,3}(?:\.\d{1,3})?\s?(?:°|℃|度))",
        "マイナス",
        ja=("明日の朝 - 4 ℃ => 明日の朝 マイナス4℃", "東京 - 2階 => 東京 - 2階"),
    ),
    Rule(r"([$€£¥￥])[-−](?=\d)", r"マイナス\1", ja="¥-500 => マイナス500円"),
    # A minus also stands after a word without a space. After a Latin letter or katakana it is a hyphen in a name.
    Rule(
        rf"(?<![A-Za-z\d_)ァ-ヶー-])[-−](?={_CURRENCY}?\d)",
        "マイナス",
        ja=("-5度 => マイナス5度", "外は-3℃です => 外はマイナス3℃です", "ライト-2 => ライト-2"),
    ),
)
MONEY = (
    MAGNITUDES_IN_DIGITS,
    Rule(
        rf"({_CURRENCY})\s?(\d{{1,15}}(?:\.\d{{1,9}})?[万億兆千百]?)",
        lambda match: match[2].removesuffix(".00") + CURRENCIES[match[1]],
        ja="$20と€3.5万と¥1,500 => 20ドルと3.5万ユーロと1500円",
    ),
)
UNITS = (
    Rule(r"(?<=ボルト)([,、]?\s?\d{1,2}(?:\.\d)?)A(?![A-Za-z\d])", r"\1アンペア", ja="5V/2A => 5ボルト, 2アンペア"),
    Rule(r"(\d{1,9}(?:\.\d{1,3})?)\s?(?:°F|℉)", r"華氏\1度", ja="68°F => 華氏68度"),
    Rule(r"(?:(?<=\d)\s)?(?:°C|℃)", "℃", ja="21.5°Cと18 ℃ => 21.5℃と18℃"),
    Rule(r"(?<=\d)\.0(?=℃|度|%)", "", ja="24.0 °Cと19.0度 => 24℃と19度"),
    Rule(r"(?<=\d)\s?m[²2](?![A-Za-z\d])", "平方メートル", ja="20 m²の部屋 => 20平方メートルの部屋"),
    Rule(r"(?<=\d)\s?m[³3](?![A-Za-z\d])", "立方メートル", ja="5m³ => 5立方メートル"),
)
SYMBOLS = (
    Rule(r"(?<=\d)\s?\+\s?(?=\d)", "足す", ja="7+5=12 => 7足す5は12"),
    Rule(
        r"(?<=\d)\s?(?:[×*]|[xX](?=\d{1,9}(?:\s?=|は\d)))\s?(?=\d)",
        "かける",
        ja="3×4=12と3x4は12 => 3かける4は12と3かける4は12",
    ),
    Rule(r"(?<=\d)\s?÷\s?(?=\d)|(?<=\d) / (?=\d)|(?<=\d)/(?=\d{1,9}\s?=)", "わる", ja="12÷4=3 => 12わる4は3"),
    Rule(r"(?<=[\w)])\s?=\s?(?=[\w(])", "は", ja="x=5 => xは5"),
    Rule(r"(?<=[\dA-Za-z])\^(\d{1,3})(?![A-Za-z\d])", r"の\1乗", ja="2^8 => 2の8乗"),
    Rule(r"(?<=[\dA-Za-z])²(?![A-Za-z\d])", "の2乗", ja="x² => xの2乗"),
    Rule(r"√\s?(?=\d)", "ルート", ja="√16 => ルート16"),
)
_FULL_UNITS = {
    "kWh": "1キロワット時", "kg": "1キロ", "g": "1グラム", "L": "1リットル", "m": "1メートル", "年": "1年",
    "月": "1か月", "週": "1週間", "日": "1日", "時間": "1時間", "分": "1分", "人": "1人", "回": "1回",
    "個": "1個", "本": "1本",
}  # fmt: skip
PRICES = (
    Rule(r"(?<!\d)24/7(?!\d)", "24時間年中無休", ja="受付は24/7です => 受付は24時間年中無休です"),
    Rule(
        rf"(\d{{1,9}}(?:\.\d{{1,3}})?)\s?(円|€|EUR)\s?/\s?({'|'.join(_FULL_UNITS)})(?![A-Za-z])",
        lambda match: f"{_FULL_UNITS[match[3]]}あたり{match[1]}{'円' if match[2] == '円' else 'ユーロ'}",
        ja=(
            "25円/kWh、500円/月 => 1キロワット時あたり25円、1か月あたり500円",
            "0.25 EUR/kWh => 1キロワット時あたり0.25ユーロ",
        ),
    ),
)


_KANJI = "〇一二三四五六七八九"


def _kanji(digits: str) -> str:
    """Return a number below a hundred in kanji. Open JTalk then joins it to the next word."""
    tens, ones = divmod(int(digits), 10)
    if tens > 9:
        return digits
    return _KANJI[tens] * (tens > 1) + "十" * (tens > 0) + _KANJI[ones] * (ones > 0 or tens == 0)


FRACTIONS = (
    Rule(
        r"(?<![A-Za-z\d_/.,])(\d{1,3})/(\d{1,3})(?![A-Za-z\d_/])",
        lambda match: f"{_kanji(match[2])}分の{_kanji(match[1])}",
        ja="1/2カップと15/20 => 二分の一カップと二十分の十五",
    ),
)

LANGUAGE = Language(
    "ja",
    dates=DATES,
    slashes=SLASHES,
    addresses=AddressWords("アット", "ドット", "てん", "ポート", "バージョン"),
    rules={
        "characters": words.SPACES,
        "abbreviations": words.ACRONYMS,
        "roman numerals": codes.NUMERALS,
        "addresses": codes.ADDRESSES,
        "slashes": PRICES,
        "dates": WEEKDAYS,
        "durations": duration_rules(TIME_WORDS),
        "times": time_rules(TIME_WORDS) + TIMES,
        "ranges": words.SIGNS + words.RANGES + RANGES,
        "money": MONEY,
        "units": words.UNITS + UNITS,
        "symbols": (*words.MIXED_FRACTIONS, *SYMBOLS, *FRACTIONS),
        "numbers": words.COUNTED,
    },
)
