"""Telephone numbers, postcodes, codes, versions and numerals of Japanese."""

from __future__ import annotations

import re

from wyoming_kokoro_text.classes.patterns import ROMAN_NUMERAL, parse_roman
from wyoming_kokoro_text.rules import Rule

_DIGITS = dict(
    zip("0123456789", ("ゼロ", "イチ", "ニー", "サン", "ヨン", "ゴー", "ロク", "ナナ", "ハチ", "キュー"), strict=True)
)
_CODES = (
    "暗証番号|認証コード|確認コード|認証番号|確認番号|予約番号|受付番号|注文番号|追跡番号|会員番号|口座番号|整理番号|電話番号|内線|パスワード|パスコード"
    "|コード|ピン|ピンコード|ナンバー|証券コード|下4桁|下四桁"
)


def _spell(digits: str) -> str:
    return " ".join(_DIGITS[digit] for digit in digits)


def _spell_groups(digits: str) -> str:
    groups = re.findall(r"\+?\d+", digits)
    return "、".join(("プラス" if group[0] == "+" else "") + _spell(group.lstrip("+")) for group in groups)


NUMERALS = (
    Rule(
        rf"(?:(?<=第)|(?<=[ァ-ヶー一-鿿])(?=[IVX]{{2}})(?!XX)){ROMAN_NUMERAL}(?![A-Za-z\d])",
        lambda match: str(parse_roman(match[1])),
        ja=(
            "第III章とルイXIV世 => 第3章とルイ14世",
            "ドラクエXIとファイナルファンタジーVII => ドラクエ11とファイナルファンタジー7",
        ),
    ),
    Rule(
        rf"(?<![A-Za-z\d.-]){ROMAN_NUMERAL}(?=[世型章期級部巻類])",
        lambda match: str(parse_roman(match[1])),
        ja="II型とⅣ期 => 2型と4期",
    ),
)
ADDRESSES = (
    Rule(
        r"〒\s?(\d{3})-?(\d{4})(?!\d)\s?",
        lambda match: f"郵便番号{_spell(match[1])}、{_spell(match[2])}、",
        ja="〒150-0002 東京都 => 郵便番号イチ ゴー ゼロ、ゼロ ゼロ ゼロ ニー、東京都",
    ),
    Rule(
        r"(?<=郵便番号)([はが：:]?\s?)(\d{3})-(\d{4})(?!\d)",
        lambda match: f"{match[1]}{_spell(match[2])}、{_spell(match[3])}",
        ja="郵便番号は100-0001です => 郵便番号はイチ ゼロ ゼロ、ゼロ ゼロ ゼロ イチです",
    ),
    Rule(
        r"(?<![A-Za-z\d.,+-])(?:\+\d{1,3}[-\s]?\(?\d{1,4}\)?|\(?0\d{1,4}\)?)[-\s]\d{1,4}[-\s]\d{3,4}(?![\d-])",
        lambda match: _spell_groups(match[0]),
        ja=(
            "電話は090-1234-5678です => 電話はゼロ キュー ゼロ、イチ ニー サン ヨン、ゴー ロク ナナ ハチです",
            "0120-444-444まで => ゼロ イチ ニー ゼロ、ヨン ヨン ヨン、ヨン ヨン ヨンまで",
            "+81 90-1234-5678 => プラスハチ イチ、キュー ゼロ、イチ ニー サン ヨン、ゴー ロク ナナ ハチ",
        ),
    ),
    Rule(
        r"(?<![A-Za-z\d.,+-])0\d{9,10}(?![\d.,-])",
        lambda match: _spell(match[0]),
        ja="09012345678 => ゼロ キュー ゼロ イチ ニー サン ヨン ゴー ロク ナナ ハチ",
    ),
    Rule(
        rf"((?:{_CODES})(?:は|が|：|:|\s|「){{0,2}})(\d[\d-]{{2,15}})(?![\d.,]|円|個|人|回|件|分|桁|年|月|日)",
        lambda match: match[1] + _spell_groups(match[2]),
        ja="認証コードは739204です => 認証コードはナナ サン キュー ニー ゼロ ヨンです",
    ),
    Rule(
        r"(?<=番)(に?)(110|119|118|117|177)(?=番|に|へ|を)|(?<![\d.,])(110|119)番",
        lambda match: _spell(match[2] or match[3]) + "番" * bool(match[3]),
        ja="119番に電話 => イチ イチ キュー番に電話",
    ),
    # A block and a number of an address.
    Rule(
        r"(?<=[一-鿿ァ-ヶーぁ-ん])(\d{1,3})-(\d{1,3})-(\d{1,4})(?![\d-])",
        r"\1の\2の\3",
        ja="渋谷2-21-1 => 渋谷2の21の1",
    ),
    Rule(
        r"(?<![A-Za-z\d.])(?:\d{1,3}\.){3}\d{1,3}(?![A-Za-z\d]|\.\d)",
        lambda match: "てん".join(map(_spell, match[0].split("."))),
        ja="192.168.1.5です => イチ キュー ニーてんイチ ロク ハチてんイチてんゴーです",
    ),
    Rule(
        r"(?<![A-Za-z\d.])[vV]?\d{1,4}(?:\.\d{1,6}){2,5}(?![A-Za-z\d]|\.\d)",
        lambda match: ("バージョン" if match[0][0] in "vV" else "") + match[0].lstrip("vV").replace(".", "てん"),
        ja=("バージョン2.5.1 => バージョン2てん5てん1", "v2026.1.3に更新 => バージョン2026てん1てん3に更新"),
    ),
    Rule(r"(?:[Nn][oO]\.?|[#№])\s?(?=\d)", "ナンバー", ja="No.5と#3 => ナンバー5とナンバー3"),
)
