from __future__ import annotations

import pytest

from wyoming_kokoro_chinese.numbers import verbalize_numbers

pytest.importorskip("cn2an", reason="needs pip install -e '.[zh]'")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("现在是21.5℃，湿度45%。", "现在是二十一点五摄氏度，湿度百分之四十五。"),
        ("21 °C", "二十一摄氏度"),
        ("-5度", "负五度"),
        ("18-21°C", "十八到二十一摄氏度"),
        ("10%–20%", "百分之十到百分之二十"),
        ("2026年1月3日18:31", "二零二六年一月三日十八点三十一分"),
        ("2026-01-03", "二零二六年一月三日"),
        ("12:05", "十二点零五分"),
        ("2:00", "两点"),
        ("1,234元", "一千二百三十四元"),
        ("3.2kWh", "三点二千瓦时"),
        ("8 μg/m³", "八微克每立方米"),
        ("12 km/h", "十二公里每小时"),
        ("2个灯", "两个灯"),
        ("$5.50", "五点五零美元"),
        ("007", "零零七"),
        ("13812345678901", "一三八一二三四五六七八九零一"),
        ("3/4", "四分之三"),
        ("0", "零"),
        ("没有数字", "没有数字"),
        ("", ""),
    ],
)
def test_numbers_times_units_and_money_become_characters(written: str, expected: str) -> None:
    assert verbalize_numbers(written) == expected
