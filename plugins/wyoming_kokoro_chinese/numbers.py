"""Writes numbers, times, units and amounts of money in Chinese characters, as Mandarin pronounces them."""

from __future__ import annotations

import re
from collections.abc import Callable

_DIGITS = str.maketrans("0123456789", "零一二三四五六七八九")
_MAX_NUMBER_DIGITS = 12
"""Longer numbers are read digit by digit."""

UNITS = {
    "km/h": "公里每小时", "m/s": "米每秒", "mm/h": "毫米每小时", "μg/m³": "微克每立方米", "µg/m³": "微克每立方米",
    "kWh": "千瓦时", "Wh": "瓦时", "kW": "千瓦", "W": "瓦", "V": "伏", "A": "安", "Hz": "赫兹",
    "°C": "摄氏度", "℃": "摄氏度", "°F": "华氏度", "℉": "华氏度", "°": "度", "hPa": "百帕",
    "lx": "勒克斯", "dB": "分贝",
    "km": "公里", "cm": "厘米", "mm": "毫米", "m": "米", "kg": "公斤", "g": "克", "L": "升", "ml": "毫升", "mL": "毫升",
    "h": "小时", "min": "分钟", "s": "秒", "MB": "兆字节", "GB": "吉字节",
}  # fmt: skip
CURRENCIES = {"$": "美元", "€": "欧元", "£": "英镑", "¥": "元", "￥": "元"}

_UNIT = "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True))
_NUMBER = r"\d+(?:\.\d+)?"


def verbalize_numbers(text: str) -> str:
    """Return `text` with its numbers, times, units and amounts of money in characters."""
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


def verbalize_number(digits: str) -> str:
    """Return a number in characters: 二十一点五 for `21.5`, 零零七 for `007`."""
    whole, _, fraction = digits.partition(".")
    if len(whole) > _MAX_NUMBER_DIGITS or (len(whole) > 1 and whole[0] == "0"):
        text = whole.translate(_DIGITS)
    else:
        from cn2an import an2cn  # noqa: PLC0415 slow

        text = str(an2cn(whole, "low"))
    return f"{text}点{fraction.translate(_DIGITS)}" if fraction else text


def _verbalize_time(match: re.Match[str]) -> str:
    hour, minute = int(match[1]), int(match[2])
    minutes = "" if not minute else f"零{minute}分" if minute < 10 else f"{minute}分"
    return f"{'两' if hour == 2 else hour}点{minutes}"


_RULES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"(?<=\d),(?=\d{3}(?!\d))", ""),
        (r"(?<!\d)(\d{4})-0?(\d{1,2})-0?(\d{1,2})(?!\d)", r"\1年\2月\3日"),
        (r"(?<![\d.])(\d{4})(?=年)", lambda match: match[1].translate(_DIGITS)),
        (r"(?<![\d:])([01]?\d|2[0-3]):([0-5]\d)(?![\d:])", _verbalize_time),
        (rf"({'|'.join(map(re.escape, CURRENCIES))})\s?({_NUMBER})", lambda match: match[2] + CURRENCIES[match[1]]),
        (rf"(?<=\d)(\s?(?:{_UNIT}|%)?)\s?[-–—~〜～]\s?(?=\d)", r"\1到"),
        (r"(?<![\w)-])[-−](?=\d)", "负"),
        (r"(?<!\d)(\d{1,2})/(\d{1,2})(?!\d)", r"\2分之\1"),
        (rf"({_NUMBER})\s?[%％]", r"百分之\1"),
        (rf"({_NUMBER})\s?({_UNIT})(?![A-Za-z])", lambda match: match[1] + UNITS[match[2]]),
        (r"(?<![\d.])2(?=个|小时|分钟|点|盏|台|次|天|度|扇|间|只|位)", "两"),
        (r"[℃]", "摄氏度"),
        (_NUMBER, lambda match: verbalize_number(match[0])),
    )
)
