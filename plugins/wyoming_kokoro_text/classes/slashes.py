"""Rules for slashes that belong neither to a date nor to a fraction."""

from __future__ import annotations

import re
from collections.abc import Iterable

from wyoming_kokoro_text.classes.patterns import text_before
from wyoming_kokoro_text.language import Language, SlashWords
from wyoming_kokoro_text.rules import Rule

# Chinese and Japanese characters stand beside numbers without a space.
_BEGINS = r"(?<![A-Za-z\d_/.,:-])"
_ENDS = r"(?![A-Za-z\d_/]|[.,:]\d)"
_PAIR = rf"(\d{{1,3}})/(\d{{1,3}}){_ENDS}"
_QUANTITY = r"(?:\s?(?:°[CF]?|℃|℉|%|[A-Za-zµμ]{1,4})|(?<=\d)°)"
_CJK = r"[\u3040-\u30ff\u3400-\u9fff]"
_FILE_TYPES = "conf|csv|db|gif|html?|ics|jpe?g|js|json|log|md|mp[34]|pdf|png|py|sh|txt|wav|xml|ya?ml|zip"


def slash_rules(language: Language) -> Iterable[Rule]:
    """Return the rules for pairs of numbers, of quantities and of words, and for paths."""
    words = language.slashes
    if not words:
        return ()
    units = language.words.units.by_symbol if language.words else {}

    def read_path(match: re.Match[str]) -> str:
        parts = match[0].lstrip("~").strip("/").split("/")
        if parts[0] in units:
            return match[0]
        return "".join(f" {words.slash} {'w w w' if part == 'www' else part}" for part in parts)

    return (
        Rule(
            rf"{_BEGINS}24/7(/365)?{_ENDS}",
            lambda match: words.all_day + (f"{words.pair}365" if match[1] else ""),
            en="open 24/7 and 24/7/365 => open 24 7 and 24 7 365",
            es="abierto 24/7 => abierto veinticuatro siete",
            fr="ouvert 24/7 => ouvert vingt-quatre sur sept",
            it="aperto 24/7 => aperto ventiquattro sette",
            pt="aberto 24/7 => aberto vinte e quatro por sete",
            hi="24/7 खुला => चौबीस सात खुला",
            zh="24/7服务 => 二十四，七服务",
        ),
        Rule(
            rf"{_BEGINS}(?:(\d\d)/\1|([1-9][05])/([1-9][05])){_ENDS}",
            lambda match: _read_shares(words, match),
            en="50/50, a 60/40 split and 10/10 => 50 50, a 60 40 split and 10 out of 10",
            es="al 50/50 => al cincuenta cincuenta",
            ja="50/50 => 50、50",
            zh="50/50 => 五十，五十",
        ),
        Rule(
            rf"{_BEGINS}{_PAIR}",
            lambda match: _read_blood_pressure(words, match),
            en="120/80 and 135/85 mmHg => 120 over 80 and 135 over 85 millimeters of mercury",
            es="tensión 120/80 => tensión ciento veinte sobre ochenta",
            fr="tension 12/8 => tension douze sur huit",
            pt="pressão 12/8 => pressão doze por oito",
            ja="血圧は120/80です => 血圧は120の80です",
            zh="血压120/80 => 血压一百二十，八十",
        ),
        Rule(
            rf"(?<![A-Za-z])(?P<noun>(?i:{words.counted})\s?){_PAIR}",
            lambda match: match["noun"] + words.part_of.format(part=match[2], whole=match[3]),
            en="Step 1/3 and page 4/10 => Step 1 of 3 and page 4 of 10",
            es="Paso 1/3 => Paso uno de tres",
            fr="Étape 1/3 => Étape un sur trois",
            it="Passo 1/3 => Passo uno di tre",
            pt="Passo 1/3 => Passo um de três",
            hi="चरण 1/3 => चरण तीन में से एक",
        ),
        Rule(
            rf"(?<![\w.,/])(\d{{1,9}}(?:[.,]\d{{1,9}})?{_QUANTITY})\s?/\s?(?!100\s?km)(?=[-−]?\d)",
            r"\1, ",
            en=("350°F/175°C and 72°/55° => 350 degrees Fahrenheit, 175 degrees Celsius and 72 degrees, 55 degrees",),
            es="20°C/68°F => veinte grados Celsius, sesenta y ocho grados Fahrenheit",
            zh="20°C/68°F => 二十摄氏度, 六十八华氏度",
        ),
        Rule(
            r"(?<![\w.:~)<>/$€£¥₹%°-])~?(?:/[a-z_][\w.-]{1,40}){1,12}(?:/(?![\w/]))?",
            read_path,
            en=(
                "Open /config/www/photos. => Open slash config slash w w w slash photos.",
                "~/notes => slash notes",
                "100 km /h => 100 kilometers /h",
            ),
            es="abre /config/www por 12 €/mes => abre barra config barra w w w por doce euros por mes",
            ja="/configを開く => スラッシュ configを開く",
        ),
        Rule(
            rf"(?<![\w/.:@~-])(?:[A-Za-z][\w-]{{0,30}}/){{1,8}}(?=[\w-]{{1,40}}\.(?:{_FILE_TYPES})\b)",
            lambda match: match[0].replace("/", f" {words.slash} "),
            en="config/automations.yaml => config slash automations dot yaml",
        ),
        Rule(
            r"(?<![\w/])(?<!\d )([A-Z])/([A-Z]|(?<=A/)c)(?![\w/])",
            lambda match: f"{match[1]} {match[2].upper()}",
            es="A/C => A C",
            fr="A/c et A/R => A C et A R",
            ja="A/C => A C",
        ),
        Rule(r"(?<=[A-Z]{2})/(?=[A-Z]{2})", " ", en="AC/DC and TCP/IP => AC DC and TCP IP", fr="TCP/IP => T C P I P"),
        Rule(
            r"(?<![\w/])[^\W\d_]{2,20}(?:/[^\W\d_]{2,20}){2,9}(?![\w/.])",
            lambda match: match[0].replace("/", words.separator),
            en="red/green/blue => red, green, blue",
            es="rojo/verde/azul => rojo, verde, azul",
        ),
        Rule(
            rf"\b({words.times})\s?/\s?([^\W\d_]{{2,12}})\b",
            lambda match: match[1] + words.per.format(match[2]),
            languages="es fr it pt",
            es="3 veces/día => tres veces por día",
            fr="3 fois/jour => trois fois par jour",
            it="3 volte/giorno => tre volte al giorno",
            pt="3 vezes/dia => três vezes por dia",
        ),
        Rule(
            rf"\b({words.and_or})\b",
            lambda match: match[1].replace("/", " "),
            languages="es fr it pt",
            es="sal y/o azúcar => sal y o azúcar",
            fr="et/ou => et ou",
            it="e/o => e o",
            pt="e/ou => e ou",
        ),
        Rule(
            rf"(?<={_CJK})\s?/\s?(?={_CJK})",
            words.separator,
            languages="ja zh",
            ja="オン/オフ => オン、オフ",
            zh="开/关 => 开、关",
        ),
    )


def _read_shares(words: SlashWords, match: re.Match[str]) -> str:
    """Return `50 50` for `50/50`, and a share and the rest of a hundred."""
    first, second = (match[1], match[1]) if match[1] else (match[2], match[3])
    if first == second and int(first) < 20:
        return match[0]
    return f"{first}{words.pair}{second}" if first == second or int(first) + int(second) == 100 else match[0]


def _read_blood_pressure(words: SlashWords, match: re.Match[str]) -> str:
    upper, lower = int(match[1]), int(match[2])
    before = text_before(match, 30)
    # In some countries the unit is a centimeter of mercury.
    in_centimeters = 8 <= upper <= 25 and 4 <= lower < upper and re.search(words.pressure, before, re.IGNORECASE)
    if in_centimeters or (80 <= upper <= 250 and 40 <= lower <= upper - 15):
        return f"{upper}{words.over}{lower}"
    return match[0]
