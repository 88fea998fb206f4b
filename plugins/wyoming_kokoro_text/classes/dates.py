"""Rules for dates and time stamps in digits."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from wyoming_kokoro_text.classes.patterns import text_before
from wyoming_kokoro_text.language import DateWords, Language
from wyoming_kokoro_text.rules import Rule

_DAYS_OF_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_YEAR = r"(?:1[1-9]|20|21)\d\d"
# Chinese and Japanese characters stand beside numbers without a space.
_BEGINS = r"(?<![A-Za-z\d_/.,:=&+-])"
_ENDS = r"(?![A-Za-z\d_/]|[.,:-]\d|-\w)"
_DASH = r"\s?[-–~〜～]\s?"
_RANGE = rf"(?:(?P<range>{_DASH}(?=\d{{1,2}}[/.-]\d{{1,2}}(?![A-Za-z\d_:])))|{_ENDS})"
_FIRST_YEAR_OF_LAST_CENTURY = 70
"""Two digits from it on are years of the twentieth century."""
_NAMED_FRACTION = re.compile(r"[12]/3|[13]/4|[1-4]/5|[15]/6|[1357]/8|1/\d\d?")
_OF = re.compile(r"\s?(?:of|full|cups?|inch|power|speed|de|du|des|d[’']|di|del|dell|da|do)\b")
# The format of a screen, a factor of temperatures, and fractions of an inch.
_NO_DATES = re.compile(r"16/9|9/5|\d{1,2}/(?:16|32|64)")
# Numbers above one seldom have these parts.
_RARE_PARTS = frozenset((5, 6, 7, 9, 11, 12))
# After these words, they are a score or a share.
_BEFORE_SCORES = re.compile(
    r"\b(?:scores?|ratios?|odds|results?|chapters?|pages?|lessons?|resultado|marcador|placar|risultato|punteggio|rapporto|résultat"
    r"|rapport|proporción|proporção|capítulos?|páginas?)\b[^.!?]{0,20}$|\bof\s$|(?:比分|比例|スコア|比率)[^。]{0,8}$",
    re.IGNORECASE,
)
# `2011-12` is a month, or a period or a code with one of these words.
_BEFORE_PERIODS = re.compile(
    r"\b(?:model|version|order|ticket|case|invoice|id|no\.|number|code|build|tel\.?|modelo|versión|versão|versione|modello|pedido"
    r"|commande|modèle|ordine|the|season|temporada|curso|campaña|ejercicio|saison|année|exercice|stagione|anno|safra|ano|सत्र|सीज़न)\s$",
    re.IGNORECASE,
)
_AFTER_PERIODS = re.compile(
    r"\s?(?:season|school|academic|fiscal|financial|tax|term|winter|campaign|edition|[A-Z]{2,4}\b|Premier|League|赛季|学年|年度|财年"
    r"|シーズン)"
)
_PAIR = r"(\d{1,2}/\d{1,2})"
_RANGE_BEFORE = rf"{_PAIR}{_DASH}$"
_TIME_AFTER = re.compile(r",?\s(?:at\s)?\d{1,2}(?::\d\d|[h時点])")
_PADDED = re.compile(r"\b0")
_MAX_BEFORE = 40


class _Date(NamedTuple):
    day: int
    month: int
    year: str = ""

    @property
    def is_possible(self) -> bool:
        return 1 <= self.month <= 12 and 1 <= self.day <= _DAYS_OF_MONTHS[self.month - 1]


class _DateReader:
    """Replaces dates of one language. Its patterns are compiled when they are first used."""

    def __init__(self, words: DateWords) -> None:
        joined = rf"(?:{words.joined_by})"
        self._words = words
        self._months = words.months.split()
        self._before = _pattern_before(words.before, joined)
        self._often_before = _pattern_before(words.often_before, joined)
        self._joined_before = rf"(?<![A-Za-z])(?:{words.often_before})\s{_PAIR}\s{joined}\s$"
        self._joined_after = rf"\s{joined}\s{_PAIR}{_ENDS}"
        # A certain date before a word that joins dates.
        day, month = r"(?:1[3-9]|2\d|3[01])", r"(?:0?[1-9]|1[0-2])"
        certain = rf"{day}/{month}" if words.order == "dmy" else rf"{month}/{day}"
        self._second_of_dates = rf"(?<![\d/.,]){certain}\s?{joined}\s?$"

    def read_year_first(self, match: re.Match[str]) -> str:
        # Home Assistant's versions are `2026.11.1`.
        is_version = match["separator"] == "." and len(match["month"] + match["day"]) < 4
        date = _Date(int(match["day"]), int(match["month"]), match["year"])
        return match[0] if is_version else self._verbalize(match, date)

    def read_year_last(self, match: re.Match[str]) -> str:
        return self._verbalize(match, self._find_date(match["first"], match["second"], match["year"]))

    def read_short_year(self, match: re.Match[str]) -> str:
        first, separator, second, third = match.group("first", "separator", "second", "third")
        if separator != "/" and (len(first + second) < 4 or (separator == "." and self._words.order != "dmy")):
            return match[0]
        if self._words.order == "ymd":
            return self._verbalize(match, _Date(int(third), int(second), _full_year(first)))
        return self._verbalize(match, self._find_date(first, second, _full_year(third)))

    def read_without_year(self, match: re.Match[str]) -> str:
        date = self._find_date(match["first"], match["second"])
        return self._verbalize(match, date) if self._is_date(match) else match[0]

    def read_month_and_year(self, match: re.Match[str]) -> str:
        return self._words.month_and_year.format(month=self._months[int(match["month"]) - 1], year=match["year"])

    def read_year_and_month(self, match: re.Match[str]) -> str:
        before = text_before(match, _MAX_BEFORE)
        if _BEFORE_PERIODS.search(before) or _AFTER_PERIODS.match(match.string, match.end()):
            return match[0]
        return self.read_month_and_year(match)

    def read_named_month(self, match: re.Match[str]) -> str:
        name = match["month"].lower()
        found = [number for number, month in enumerate(self._months, 1) if month.lower().startswith(name)]
        if len(found) != 1:
            return match[0]
        return self._verbalize(match, _Date(int(match["day"]), found[0], _full_year(match["year"])))

    def _verbalize(self, match: re.Match[str], date: _Date) -> str:
        if not date.is_possible:
            return match[0]
        day = self._words.first_of_month if date.day == 1 else str(date.day)
        template = self._words.with_year if date.year else self._words.without_year
        text = template.format(day=day, month=self._months[date.month - 1], year=date.year)
        return text + self._words.range_to if match.groupdict().get("range") else text

    def _find_date(self, first: str, second: str, year: str = "") -> _Date:
        """Return the date in the order of the language, or in the other order if only that is possible."""
        day_first, month_first = _Date(int(first), int(second), year), _Date(int(second), int(first), year)
        preferred, other = (day_first, month_first) if self._words.order == "dmy" else (month_first, day_first)
        return other if other.is_possible and not preferred.is_possible else preferred

    def _is_date(self, match: re.Match[str]) -> bool:
        """Return whether two numbers around a slash are a date, and no fraction or rating."""
        pair = f"{match['first']}/{match['second']}"
        before, after = text_before(match, _MAX_BEFORE), match.string[match.end() :]
        is_fraction = bool(_NAMED_FRACTION.fullmatch(pair))
        if re.search(self._before, before, re.IGNORECASE):
            return not (is_fraction and _OF.match(after))
        is_often = re.search(self._often_before, before, re.IGNORECASE)
        if other := (
            re.search(_RANGE_BEFORE, before)
            or re.search(self._joined_before, before, re.IGNORECASE)
            or (match["range"] and re.match(_PAIR, after))
            or (is_often and re.match(self._joined_after, after))
        ):
            return not (is_fraction and _NAMED_FRACTION.fullmatch(other[1]))
        if re.search(self._second_of_dates, before) or _TIME_AFTER.match(after):
            return True
        if is_fraction or _BEFORE_SCORES.search(before):
            return False
        if _PADDED.search(pair) or is_often or re.match(self._words.after, after):
            return True
        first, second = int(match["first"]), int(match["second"])
        day = first if self._words.order == "dmy" else second
        is_likely = day > 12 or (first > second and second in _RARE_PARTS)
        return is_likely and not _NO_DATES.fullmatch(pair) and not re.match(self._words.counted, after)


def _pattern_before(words: str, joined: str) -> str:
    """Return a pattern for `words` before a date, or before another date and a word that joins both."""
    return rf"(?<![A-Za-z])(?:{words})[,:：]?\s?(?:\d{{1,2}}/\d{{1,2}}\s{joined}\s)?$"


def date_rules(language: Language) -> Iterable[Rule]:
    """Return the rules for dates and time stamps in digits."""
    words = language.dates
    if not words:
        return ()
    reader = _DateReader(words)
    months = words.months.replace(" ", "|")
    return (
        Rule(
            r"(?<=\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?(?![A-Za-z\d])",
            r", \1",
            es="2026-11-26T17:35:34Z => veintiséis de noviembre de dos mil veintiséis, diecisiete y treinta y cinco",
            en="2026-11-26T17:35:34+00:00 => November 26th, 20 26, 17 35",
            ja="2026-11-26T17:35:00+09:00です => 2026年11月26日, 17時35分です",
        ),
        Rule(
            rf"(?<![\d/=&])(?P<year>{_YEAR})(?P<separator>-)(?P<month>\d\d?)-(?P<day>\d\d?)(?!\d)",
            reader.read_year_first,
            es="el 2026-01-31 => el treinta y uno de enero de dos mil veintiséis",
            fr="le 2026-01-01 => le premier janvier deux mille vingt-six",
            it="il 2026-01-01 => il primo gennaio duemila ventisei",
            pt="em 2026-01-01 => em primeiro de janeiro de dois mil e vinte e seis",
            hi="2026-01-03 => तीन जनवरी दो हज़ार छब्बीस",
            en=("on 2026-01-03 => on January 3rd, 20 26", "2026-13-01 => 2026-13-01"),
            en_GB="on 2026-01-03 => on the 3rd of January 20 26",
            ja="2026-01-03に => 2026年1月3日に",
            zh="2026-1-3 => 二零二六年一月三日",
        ),
        Rule(
            rf"{_BEGINS}(?P<year>{_YEAR})(?P<separator>[/.])(?P<month>\d\d?)(?P=separator)(?P<day>\d\d?){_ENDS}",
            reader.read_year_first,
            en=(
                "2026/11/05 and 2026.03.09 => November 5th, 20 26 and March 9th, 20 26",
                "version 2026.11.1 => version 2026 point 11 point 1",
            ),
            es="2026/03/09 => nueve de marzo de dos mil veintiséis",
            ja="2026/1/12に => 2026年1月12日に",
            zh="在2026.01.12。 => 在二零二六年一月十二日。",
        ),
        Rule(
            rf"{_BEGINS}(?P<first>\d\d?)(?P<separator>[/.-])(?P<second>\d\d?)(?P=separator)(?P<year>{_YEAR}){_RANGE}",
            reader.read_year_last,
            en=(
                "1/25/2026 and 25/1/2026 => January 25th, 20 26 and January 25th, 20 26",
                "12/01/2026 and 3-14-1985 => December 1st, 20 26 and March 14th, 19 85",
                "29.11.2026 => November 29th, 20 26",
                "12/24/2026 - 01/02/2027 => December 24th, 20 26 to January 2nd, 20 27",
                "30/30/2026 => 30/30/2026",
            ),
            en_GB="on 12/01/2026 and 12/25/2026 => on the 12th of January 20 26 and the 25th of December 20 26",
            es="el 12/01/2026 => el doce de enero de dos mil veintiséis",
            fr="le 01/12/2026 => le premier décembre deux mille vingt-six",
            it="il 01/12/2026 => il primo dicembre duemila ventisei",
            pt="em 07-03-1985 => em sete de março de mil novecentos e oitenta e cinco",
            hi="12/01/2026 को => बारह जनवरी दो हज़ार छब्बीस को",
            ja="12/25/2026 => 2026年12月25日",
            zh="29.11.2026 => 二零二六年十一月二十九日",
        ),
        Rule(
            rf"{_BEGINS}(?P<first>\d\d?)(?P<separator>[/.-])(?P<second>\d\d?)(?P=separator)(?P<third>\d\d){_RANGE}",
            reader.read_short_year,
            en="due 04/15/27, not 1.2.26 => due April 15th, 20 27, not 1 point 2 point 26",
            en_GB="due 15/04/98 => due the 15th of April 19 98",
            es="el 31/08/27 => el treinta y uno de agosto de dos mil veintisiete",
            fr="le 31.08.27 => le trente et un août deux mille vingt-sept",
            ja="26/03/09 => 2026年3月9日",
        ),
        Rule(
            rf"{_BEGINS}(?P<day>\d\d?)[-/.](?P<month>[^\W\d_]{{3,10}})\.?[-/.](?P<year>{_YEAR}|\d\d){_ENDS}",
            reader.read_named_month,
            en="5-Mar-26 and 14/Feb/2027 => March 5th, 20 26 and February 14th, 20 27",
            en_GB="5-Mar-26 => the 5th of March 20 26",
            es="3-mar-2026 => tres de marzo de dos mil veintiséis",
        ),
        Rule(
            r"(?<![\w.,])(?P<day>\d\d?)\s(?:de\s)?(?P<month>[^\W\d_]{3,10})\.?\s(?:de\s)?(?P<year>(?:19|20)\d\d)(?!\w)",
            reader.read_named_month,
            languages="es fr it pt",
            es=(
                "12 ene 2026 => doce de enero de dos mil veintiséis",
                "12 oct. 1999 => doce de octubre de mil novecientos noventa y nueve",
            ),
            fr="12 janv. 2026 => douze janvier deux mille vingt-six",
            it="12 gen 2026 => dodici gennaio duemila ventisei",
            pt="12 de jan. de 2026 => doze de janeiro de dois mil e vinte e seis",
        ),
        Rule(
            rf"{_BEGINS}(?P<month>0?[1-9]|1[0-2])/(?P<year>(?!2000)(?:19[5-9]|20\d)\d){_ENDS}",
            reader.read_month_and_year,
            en="until 08/2027 => until August 20 27",
            es="en 08/2027 => en agosto de dos mil veintisiete",
        ),
        Rule(
            rf"{_BEGINS}(?P<year>(?:19[5-9]|20\d)\d)/(?P<month>0?[1-9]|1[0-2]){_ENDS}",
            reader.read_month_and_year,
            languages="ja zh",
            ja="2027/04まで => 2027年4月まで",
            zh="2027/04 => 二零二七年四月",
        ),
        Rule(
            rf"{_BEGINS}(?P<year>(?:19[5-9]|20\d)\d)-(?P<month>0[1-9]|1[0-2])(?![\w/-]|[.,]\d)",
            reader.read_year_and_month,
            en="2026-12 and the 2011-12 season => December 20 26 and the 20 11 12 season",
            es="2026-12, modelo 2026-12 => diciembre de dos mil veintiséis, modelo dos mil veintiséis-doce",
            fr="2026-12 et la saison 2011-12 => décembre deux mille vingt-six et la saison deux mille onze à douze",
            ja="2026-12 => 2026年12月",
            zh="2026-12 => 二零二六年十二月",
        ),
        Rule(
            rf"(?:{_BEGINS}|(?<=/\d[-–])|(?<=/\d\d[-–]))(?P<first>\d\d?)/(?P<second>\d\d?){_RANGE}",
            reader.read_without_year,
            en=(
                "12/25 is a holiday => December 25th is a holiday",
                "due on 7/4. => due on July 4th.",
                "Friday, 1/2 and by 8/10 => Friday, January 2nd and by August 10th",
                "from 12/20 to 1/3, from 1/4 to 1/2 => from December 20th to January 3rd, from a quarter to one half",
                "between 6/1 and 6/5, 7/3–7/10 => between June 1st and June 5th, July 3rd to July 10th",
                "8/10, 9/15 right, 7/16 => 8 out of 10, 9 out of 15 right, 7 sixteenths",
                "11/9 and 9/5 => November 9th and 9 over 5",
                "a ratio of 7/5, the score was 11/9 => a ratio of 7 over 5, the score was 11 over 9",
            ),
            en_GB="26/12 and on 7/4 => the 26th of December and on the 7th of April",
            es=(
                "el 24/12 y del 1/7 al 5/7 => el veinticuatro de diciembre y del uno de julio al cinco de julio",
                "el 1/4 de la casa => el un cuarto de la casa",
            ),
            fr="du 1/5 au 3/5 => du premier mai au trois mai",
            it=(
                "dall'1/7 al 5/7 => dal primo luglio al cinque luglio",
                "11/9 => undici settembre",
            ),
            pt="dia 1/5, de 01/07 a 15/07 => dia primeiro de maio, de primeiro de julho a quinze de julho",
            hi="24/12 और 7/5 को => चौबीस दिसंबर और सात मई को",
            ja=(
                "5/3〜5/6、8/31です => 5月3日から5月6日、8月31日です",
                "12/20から1/6まで、次回は4/8 9:00 => 12月20日から1月6日まで、次回は4月8日 9時",
            ),
            zh="5/1-5/5放假，12/24见 => 五月一日到五月五日放假，十二月二十四日见",
        ),
        Rule(
            rf"(?<![\w.,-])1[°º]?(?=\s(?:de\s)?(?:{months})\b)",
            words.first_of_month,
            languages="fr it pt",
            fr="le 1 janvier => le premier janvier",
            it="1° dicembre => primo dicembre",
            pt="1 de janeiro => primeiro de janeiro",
        ),
    )


def _full_year(digits: str) -> str:
    if len(digits) != 2:
        return digits
    return f"{19 if int(digits) >= _FIRST_YEAR_OF_LAST_CENTURY else 20}{digits}"
