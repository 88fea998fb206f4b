"""Telephone numbers, codes, versions and numerals of Chinese."""

from __future__ import annotations

import re

from wyoming_kokoro_text.classes.patterns import ROMAN_NUMERAL, parse_roman
from wyoming_kokoro_text.rules import Rule

DIGITS = str.maketrans("0123456789", "零一二三四五六七八九")
_TELEPHONE_DIGITS = str.maketrans("0123456789", "零幺二三四五六七八九")
_TELEPHONES = "电话|手机|热线|客服|拨打|拨|致电|呼叫|报警|急救|火警|座机|传真|区号|分机|联系"
_CODES = (
    "验证码|校验码|动态码|密码|口令|取件码|取餐码|识别码|邀请码|PIN码?|尾号|卡号|账号|帐号|编号|订单|单号|学号|工号|邮编|邮政编码|QQ|微信|代码|序列号"
    "|身份证|车牌|航班|房间|门牌|股票"
)
_JOINS = r"(?:号码?|码|热线|电话)?(?:是|为|：|:|\s|请|“){0,2}"
_COUNTED = r"(?![\d.,:：%]|\s?(?:元|块|个|人|次|条|年|月|日|天|分|秒|小时|台|位|份|万|亿|米|公|千))"


def _spell_telephone(text: str) -> str:
    groups = re.findall(r"\+?\d+", text)
    return "，".join(group.replace("+", "加").translate(_TELEPHONE_DIGITS) for group in groups)


def _read_version(match: re.Match[str]) -> str:
    """Return a version with 二 instead of 两, and the digits of years one by one."""
    parts = [part.translate(DIGITS) if len(part) in (1, 4) else part for part in match[0].lstrip("vV").split(".")]
    return "版本" * (match[0][0] in "vV") + "点".join(parts)


NUMERALS = (
    Rule(
        rf"(?:(?<=第)|(?<=[一-鿿])(?=[IVX]{{2}})(?!XX)){ROMAN_NUMERAL}(?![A-Za-z\d])",
        lambda match: str(parse_roman(match[1])),
        zh="第III章和路易XIV => 第三章和路易十四",
    ),
    Rule(
        rf"(?<![A-Za-z\d.-]){ROMAN_NUMERAL}(?=[期型世级类章卷部度])",
        lambda match: str(parse_roman(match[1])),
        zh="II型和Ⅳ期 => 二型和四期",
    ),
)
ADDRESSES = (
    Rule(
        r"(?<![A-Za-z\d.+-])(?:\+?86[-\s]?)?(?:1[3-9]\d[-\s]?\d{4}[-\s]?\d{4}|\(?0\d{2,3}\)?[-\s]?\d{7,8}"
        r"|0\d{2,3}[-\s]\d{4}[-\s]\d{4}"
        r"|[48]00[-\s]?\d{3}[-\s]?\d{4}|[48]00-\d{4}-\d{3})(?![\d.-])",
        lambda match: _spell_telephone(match[0]),
        zh=(
            "电话13812345678 => 电话幺三八幺二三四五六七八",
            "+86 138-1234-5678 => 加八六，幺三八，幺二三四，五六七八",
            "010-12345678和400-800-1234 => 零幺零，幺二三四五六七八和四零零，八零零，幺二三四",
        ),
    ),
    Rule(
        rf"((?:{_TELEPHONES}){_JOINS})(\d{{3,8}}(?:[-、，,或和]\d{{3,8}}){{0,4}}){_COUNTED}",
        lambda match: match[1] + match[2].replace("-", "，").translate(_TELEPHONE_DIGITS),
        zh="拨打110、119或客服10086 => 拨打幺幺零、幺幺九或客服幺零零八六",
    ),
    Rule(
        r"(?<![\d.,])(110|119|120|122|12345|12306|10086|10010|10000)(?=急救|报警|电话|热线|救护|火警|客服)",
        lambda match: _spell_telephone(match[1]),
        zh="120急救电话 => 幺二零急救电话",
    ),
    Rule(
        rf"((?:{_CODES}){_JOINS})(\d{{3,20}}){_COUNTED}",
        lambda match: match[1] + match[2].translate(DIGITS),
        zh="验证码是739204，邮编：100080 => 验证码是七三九二零四，邮编：一零零零八零",
    ),
    Rule(
        r"(?<![\d.,])(\d{3,4})(?=房间|室|号房|号航班|次列车|次航班)",
        lambda match: match[1].translate(DIGITS),
        zh="302室 => 三零二室",
    ),
    # Long numbers after letters are codes: MH370, 5G.
    Rule(
        r"(?<=[A-Za-z])-?(\d{3,12})(?![\d.,:])|(?<![\d.,])(\d{3,4})(?=[pPiK](?![A-Za-z]))",
        lambda match: (match[1] or match[2]).translate(DIGITS),
        zh="MH370和1080p => MH三七零和一零八零p",
    ),
    Rule(r"(?<=[A-Z])-(?=\d{1,2}(?!\d))", "", zh="GPT-4和COVID-19 => GPT四和COVID十九"),
    Rule(
        r"(?<![A-Za-z\d.])(?:\d{1,3}\.){3}\d{1,3}(?![A-Za-z\d]|\.\d)",
        lambda match: match[0].replace(".", "点").translate(DIGITS),
        zh="192.168.1.5 => 一九二点一六八点一点五",
    ),
    Rule(
        r"(?<![A-Za-z\d.])[vV]?\d{1,4}(?:\.\d{1,6}){2,5}(?![A-Za-z\d]|\.\d)",
        _read_version,
        zh="版本2.5.1和v2026.1.13 => 版本二点五点一和版本二零二六点一点十三",
    ),
    Rule(r"(?:\b[Nn][oO]\.?|[#№])\s?(?=\d)", "第", zh="No.5和#3 => 第五和第三"),
)
