"""Rules that spell out numbers in languages where they agree with nouns."""

from __future__ import annotations

import re
from collections.abc import Iterable

from wyoming_kokoro_text.classes.patterns import Replace, text_before
from wyoming_kokoro_text.language import LanguageWords
from wyoming_kokoro_text.number_words import MAX_DIGITS, NumberWords
from wyoming_kokoro_text.rules import Rule

_NUMBER = (
    r"\d{1,3}(?:\.\d{3}){1,9}(?!\d)(?:,\d{1,20})?"  # 1.234,5
    r"|\d{1,3}(?:,\d{3}){1,9}\.\d{1,20}"  # 1,234.5 is English.
    r"|\d{1,40}(?:[.,]\d{1,20})?"
)

# Without a noun after it, a longer number is more likely a telephone number or a code.
_MAX_DIGITS_WITHOUT_NOUN = 6
_MAX_WORD = 20
_SINGULARS = {
    "minutos": "minuto", "segundos": "segundo", "horas": "hora", "días": "día", "dias": "dia", "grados": "grado",
    "graus": "grau", "minuti": "minuto", "secondi": "secondo", "ore": "ora", "giorni": "giorno", "gradi": "grado",
}  # fmt: skip


def ordinal_rules(words: LanguageWords) -> Iterable[Rule]:
    """Return the rules for ordinals in digits."""
    numbers = words.numbers
    if not numbers or not numbers.ordinals:
        return ()
    forms = "|".join(f"(?P<{form}>{pattern})" for form, pattern in numbers.ordinals.items())
    return (
        Rule(
            rf"(?<![\w.,])(?P<number>[1-9]\d{{0,2}})(?:{forms})(?!\w)(?=(?:\s(?P<noun>[^\W\d_]{{1,40}}))?)",
            lambda match: _spell_ordinal(numbers, match, next(form for form in numbers.ordinals or () if match[form])),
            es=(
                "el 3.er piso y la 2.ª puerta => el tercer piso y la segunda puerta",
                "el 3.º y el 3.º piso => el tercero y el tercer piso",
                "la 2da vez => la segunda vez",
            ),
            fr=(
                "le 1er étage => le premier étage",
                "la 3ème fois => la troisième fois",
                "le 21e => le vingt et unième",
            ),
            it="la 2ª porta e il 3º => la seconda porta e il terzo",
            pt="o 1º andar e a 2ª porta => o primeiro andar e a segunda porta",
        ),
        Rule(
            r"(?<![\w.,-])(?P<number>[1-9]\d?)[°˚] (?=(?P<noun>piano|piso|andar|étage|lugar|posto|puesto|premio)\b)",
            lambda match: f"{_spell_ordinal(numbers, match, 'masculine')} ",
            it="1° piano => primo piano",
            es="3° piso => tercer piso",
            pt="2° andar => segundo andar",
        ),
        Rule(
            rf"\b(?P<article>{numbers.articles}) (?P<number>[1-9]\d{{0,2}})[°˚] (?=(?P<noun>[^\W\d_]{{3,40}}))",
            lambda match: _verbalize_degree_sign(numbers, match),
            it="il 2° piano e 21° => il secondo piano e ventuno gradi",
            es="el 3° día => el tercer día",
            fr="au 1° étage => au premier étage",
            pt="no 1° andar => no primeiro andar",
        ),
    )


def number_rules(words: LanguageWords) -> Iterable[Rule]:
    """Return the rules for whole numbers and decimals."""
    numbers = words.numbers
    if not numbers:
        return ()
    # In `168 punto 1 punto 5`, the sign between the numbers is no noun.
    sign = rf"(?:{words.dot}|{words.point})\s\d"
    noun = rf"(?:\s(?:{numbers.between}))?(?:\s(?!{sign})(?P<noun>[^\W\d_]{{1,40}}))?"
    return (
        Rule(
            r"(?<=\d)[.,]0(?=\s(?:degrés?|gradi|grado|graus?|grados?)\b)",
            "",
            languages="es fr it pt",
            fr="20.0 degrés => vingt degrés",
            it="-3.0 gradi => meno tre gradi",
        ),
        # Home Assistant writes `1 ora e 1 minuti`.
        Rule(
            rf"(?<![\w.,])1 ({'|'.join(_SINGULARS)})\b",
            lambda match: f"1 {_SINGULARS[match[1]]}",
            languages="es it pt",
            es="Le quedan 1 hora y 1 minutos. => Le quedan una hora y un minuto.",
            it="2 ore e 1 secondi => due ore e un secondo",
            pt="Restam 2 minutos e 1 segundos. => Restam dois minutos e um segundo.",
        ),
        Rule(
            rf"(?<!\w)(?<!\d[.,])(?P<number>{_NUMBER})(?!\w|[.,]\d)(?={noun})",
            _number_verbalizer(numbers),
            es=(
                "21 grados => veintiún grados",
                "1 temporizador => un temporizador",
                "31 días y 21 noches => treinta y un días y veintiuna noches",
                "Es la 1 y 5 => Es la una y cinco",
                "Son las 21 => Son las veintiuna",
                "21 o 22 lámparas => veintiuna o veintidós lámparas",
                "200 personas => doscientas personas",
                "21 mil personas => veintiún mil personas",
                "Quedan 21 => Quedan veintiuno",
                "la lámpara 1 => la lámpara uno",
                "1.234.567 vatios => un millón doscientos treinta y cuatro mil quinientos sesenta y siete vatios",
                "1.013,2 y 1,234.5 => mil trece coma dos y mil doscientos treinta y cuatro coma cinco",
                "0,05 y 3.14159 => cero coma cero cinco y tres coma uno cuatro uno cinco nueve",
                "el 007 y el 600123456 => el cero cero siete y el seis cero cero uno dos tres cuatro cinco seis",
                "4K y H264 => 4K y hache doscientos sesenta y cuatro",
            ),
            fr=(
                "1 heure => une heure",
                "1 000 000 d'euros => un million d'euros",
                "21 lampes et 21 volets => vingt et une lampes et vingt et un volets",
                "18:21 => dix-huit heures vingt et une",
                "80 euros, 200 pages et 210 pages => quatre-vingts euros, deux cents pages et deux cent dix pages",
                "81 et 91 personnes => quatre-vingt-une et quatre-vingt-onze personnes",
                "-21,5 °C => moins vingt et un virgule cinq degrés Celsius",
            ),
            it=(
                "1 timer e 1 lampada => un timer e una lampada",
                "21 lampade => ventuno lampade",
                "la luce 1 => la luce uno",
                "1 => uno",
                "1.067 => mille sessanta sette",
                "2026 => duemila ventisei",
                "21,5 => ventuno virgola cinque",
            ),
            pt=(
                "2 horas e 2 minutos => duas horas e dois minutos",
                "21 janelas => vinte e uma janelas",
                "1 ou 2 lâmpadas => uma ou duas lâmpadas",
                "200 pessoas => duzentas pessoas",
                "2 mil pessoas e 2 milhas => duas mil pessoas e duas milhas",
                "às 2 => às duas",
                "2 dias e 1 problema => dois dias e um problema",
                "21,5 => vinte e um vírgula cinco",
            ),
        ),
    )


def _spell_ordinal(numbers: NumberWords, match: re.Match[str], form: str) -> str:
    is_before_noun = numbers.find_gender(match["noun"] or "", is_one=True) == "masculine"
    return numbers.spell_ordinal(
        int(match["number"]), numbers.adjective if form == "masculine" and is_before_noun else form
    )


def _verbalize_degree_sign(numbers: NumberWords, match: re.Match[str]) -> str:
    """Return an ordinal before a noun, as keyboards without `º` write it, and degrees as they are."""
    if numbers.find_gender(match["noun"], is_one=True) != "masculine":
        return match[0]
    return f"{match['article']} {_spell_ordinal(numbers, match, 'masculine')} "


def _number_verbalizer(numbers: NumberWords) -> Replace:
    def verbalize(match: re.Match[str]) -> str:
        whole, decimals = _parse(match["number"])
        noun = match["noun"] or ""
        gender = numbers.find_gender(noun, is_one=whole == "1")
        if (len(whole) > 1 and whole[0] == "0") or len(whole) > (
            MAX_DIGITS if gender else _max_digits(match["number"])
        ):
            text = numbers.spell_digits(whole)
        elif decimals:
            text = numbers.spell_cardinal(int(whole))
        else:
            before = text_before(match, _MAX_WORD).split()[-1:]
            is_feminine = not gender and bool(before) and before[0].lower() in numbers.feminine_before
            text = numbers.spell_cardinal(int(whole), "feminine" if is_feminine else gender)
        return f"{text} {numbers.point} {numbers.spell_decimals(decimals)}" if decimals else text

    return verbalize


def _parse(number: str) -> tuple[str, str]:
    """Return the digits of the whole part and the decimals. A point or a comma before three digits groups them."""
    grouping = "," if re.fullmatch(r"[^.]*,\d{3}[,.].*", number) else "."
    if re.fullmatch(r"0[.,]\d+|\d+\.(?:\d{1,2}|\d{4,})", number):
        grouping = ""
    whole, *decimals = re.split("[.,]", number.replace(grouping, "") if grouping else number)
    return whole, "".join(decimals)


def _max_digits(number: str) -> int:
    return _MAX_DIGITS_WITHOUT_NOUN if number.isdigit() and not number.endswith("000") else MAX_DIGITS
