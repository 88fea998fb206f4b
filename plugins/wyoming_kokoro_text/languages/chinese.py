"""Chinese words and rules. Every number becomes characters."""

from __future__ import annotations

import re

from wyoming_kokoro_text.classes.patterns import any_of
from wyoming_kokoro_text.language import DateWords, Language, SlashWords
from wyoming_kokoro_text.number_words import MAX_DIGITS, NumberWords
from wyoming_kokoro_text.rules import Rule

UNITS = {
    "km/h": "公里每小时", "m/s": "米每秒", "mm/h": "毫米每小时", "μg/m³": "微克每立方米", "µg/m³": "微克每立方米",
    "kWh": "千瓦时", "Wh": "瓦时", "kW": "千瓦", "W": "瓦", "V": "伏", "A": "安", "Hz": "赫兹",
    "m²": "平方米", "m2": "平方米", "m³": "立方米", "km²": "平方公里",
    "°C": "摄氏度", "℃": "摄氏度", "°F": "华氏度", "℉": "华氏度", "°": "度", "hPa": "百帕",
    "lx": "勒克斯", "dB": "分贝",
    "km": "公里", "cm": "厘米", "mm": "毫米", "m": "米", "kg": "公斤", "g": "克", "L": "升", "ml": "毫升", "mL": "毫升",
    "h": "小时", "min": "分钟", "s": "秒", "MB": "兆字节", "GB": "吉字节",
}  # fmt: skip
CURRENCIES = {"$": "美元", "€": "欧元", "£": "英镑", "¥": "元", "￥": "元"}

_DIGITS = str.maketrans("0123456789", "零一二三四五六七八九")
_NUMBERS = NumberWords("zh", point="点", respellings=(("〇", "零"),))
_NUMBER = r"\d{1,40}(?:\.\d{1,20})?"
_CURRENCY = f"[{''.join(CURRENCIES)}]"
_UNIT = any_of(UNITS)


def _verbalize_time(match: re.Match[str]) -> str:
    hour, minute = int(match[1]), int(match[2])
    minutes = "" if not minute else f"零{minute}分" if minute < 10 else f"{minute}分"
    return f"{'两' if hour == 2 else hour}点{minutes}"


def _verbalize_number(match: re.Match[str]) -> str:
    """Return a number in characters: 二十一点五 for `21.5`, 零零七 for `007`."""
    whole, _, decimals = match[0].partition(".")
    is_code = len(whole) > MAX_DIGITS or (len(whole) > 1 and whole[0] == "0")
    text = whole.translate(_DIGITS) if is_code else _NUMBERS.spell_cardinal(int(whole))
    return f"{text}点{decimals.translate(_DIGITS)}" if decimals else text


DATES = DateWords(
    "ymd",
    "1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月",
    with_year="{year}年{month}{day}日",
    without_year="{month}{day}日",
    month_and_year="{year}年{month}",
    range_to="到",
    before="在|于|日期|截止|截至|从|到|至|生日",
    joined_by="到|至|和",
    after=r"\s?(?:[见前后起号]|放假|[(（](?:周|星期))",
    counted="[题件张个台分]",
)


def _verbalize_power(match: re.Match[str]) -> str:
    return {"²": "的平方", "³": "的立方"}.get(match[0]) or f"的{match[1]}次方"


SLASHES = SlashWords(
    "斜杠",
    all_day="24，7/",
    over="，",
    part_of="{part}，共{whole}",
    counted="步骤|页|部分|章|级|文件|问题|集|阶段|第",
    pair="，",
    separator="、",
)
YEARS = (
    Rule(
        r"(?<![\d.])(\d{4})(?=年)",
        lambda match: match[1].translate(_DIGITS),
        zh="2026年1月3日18:31 => 二零二六年一月三日十八点三十一分",
    ),
)
TIMES = (
    Rule(
        r"(?<![\d:])([01]?\d|2[0-3]):([0-5]\d)(?![\d:])",
        _verbalize_time,
        zh=("12:05 => 十二点零五分", "2:00 => 两点", "18:31 => 十八点三十一分"),
    ),
)
RANGES = (
    Rule(r"(?<=\d)\s?[-−]\s?(?=\d{1,9}\s?=)", "减", zh="5-3=2 => 五减三等于二"),
    Rule(r"(?<=\d),(?=\d{3}(?!\d))", "", zh="1,234元 => 一千二百三十四元"),
    Rule(
        rf"(?<=\d)(\s?(?:{_UNIT}|%)?)\s?[-–—~〜～]\s?(?={_CURRENCY}?\d)",
        r"\1到",
        zh=("18-21°C => 十八到二十一摄氏度", "10%–20% => 百分之十到百分之二十"),
    ),
    Rule(r"(?<=[是为在到至约：:] )[-−–] (?=\d)", "负", zh="冷冻室是 - 18 °C => 冷冻室是 负十八摄氏度"),
    Rule(rf"({_CURRENCY})[-−](?=\d)", r"负\1", zh="￥-20 => 负二十元"),
    # A minus also stands after a word without a space. After a Latin letter it is a hyphen.
    Rule(
        rf"(?<![A-Za-z\d_)-])[-−](?={_CURRENCY}?\d)",
        "负",
        zh=(
            "-5度 => 负五度",
            "现在温度是-3度 => 现在温度是负三度",
            "冷冻室−18℃ => 冷冻室负十八摄氏度",
            "-$20 => 负二十美元",
        ),
    ),
)
PRICES = (
    Rule(
        rf"(?<=[元块角分次升人]|\d)\s?/\s?({_UNIT}|[天日周月年时次人个度户平](?!\d))(?![A-Za-z])",
        lambda match: "每" + UNITS.get(match[1], match[1]),
        needs="/",
        zh="0.6元/kWh，100元/月，3次/天 => 零点六元每千瓦时，一百元每月，三次每天",
    ),
)
MONEY = (
    Rule(
        rf"({_CURRENCY})\s?({_NUMBER})",
        lambda match: match[2] + CURRENCIES[match[1]],
        zh="$5.50 => 五点五零美元",
    ),
)
UNIT_NAMES = (
    Rule(rf"({_NUMBER})\s?[%％]", r"百分之\1", zh="湿度45%。 => 湿度百分之四十五。"),
    Rule(
        rf"({_NUMBER})\s?({_UNIT})(?![A-Za-z])",
        lambda match: match[1] + UNITS[match[2]],
        zh=(
            "现在是21.5℃ => 现在是二十一点五摄氏度",
            "21 °C => 二十一摄氏度",
            "3.2kWh => 三点二千瓦时",
            "8 μg/m³ => 八微克每立方米",
            "12 km/h => 十二公里每小时",
        ),
    ),
    Rule("℃", "摄氏度", zh="单位是℃ => 单位是摄氏度"),
)
SYMBOLS = (
    Rule(r"(?<=\d)\s?\+\s?(?=\d)", "加", zh="7+5=12 => 七加五等于十二"),
    Rule(r"(?<=\d)\s?[×*xX]\s?(?=\d)", "乘", zh="3×4=12 => 三乘四等于十二"),
    Rule(r"(?<=\d)\s?÷\s?(?=\d)|(?<=\d) / (?=\d)|(?<=\d)/(?=\d{1,9}\s?=)", "除以", zh="12÷4=3 => 十二除以四等于三"),
    Rule(r"(?<=[\w)])\s?=\s?(?=[\w(])", "等于", zh="x=5 => x等于五"),
    Rule(r"(?<=[\dA-Za-z])(?:\^(\d{1,3})|²|³)(?![A-Za-z\d])", _verbalize_power, zh="2^8和x² => 二的八次方和x的平方"),
    Rule(r"√\s?(?=\d)", "根号", zh="√16=4 => 根号十六等于四"),
)
FRACTIONS = (Rule(r"(?<!\d)(\d{1,2})/(\d{1,2})(?!\d)", r"\2分之\1", zh="3/4 => 四分之三"),)
NUMBERS = (
    Rule(r"(?<![\d.])2(?=个|小时|分钟|点|盏|台|次|天|度|扇|间|只|位)", "两", zh="2个灯 => 两个灯"),
    Rule(
        _NUMBER,
        _verbalize_number,
        zh=(
            "007 => 零零七",
            "1234567890123456 => 一二三四五六七八九零一二三四五六",
            "10, 110, 1010, 2026 => 十, 一百一十, 一千零一十, 二千零二十六",
            "0 => 零",
            "没有数字 => 没有数字",
        ),
    ),
)

LANGUAGE = Language(
    "zh",
    dates=DATES,
    slashes=SLASHES,
    rules={
        "slashes": PRICES,
        "dates": YEARS,
        "times": TIMES,
        "ranges": RANGES,
        "money": MONEY,
        "units": UNIT_NAMES,
        "symbols": SYMBOLS + FRACTIONS,
        "numbers": NUMBERS,
    },
)
