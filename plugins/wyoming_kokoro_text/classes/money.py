"""Rules for amounts of money, prices per unit, and letters that stand for thousands and millions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from wyoming_kokoro_text.classes.patterns import NUMBER, Replace, any_of, group_thousands, text_before
from wyoming_kokoro_text.language import LanguageWords
from wyoming_kokoro_text.rules import Rule

# After these words, `10K` is a run or a part, and `4K` a format.
_BEFORE_NAMED = re.compile(
    r"\b(?:an?|the|my|your|his|her|our|their|first|un[ae]?|uma?|el|il|o|TVs?|te?l[eé](?:visore?s?)?|pantallas?|monitor(?:e|es|s)?"
    r"|[vV][ií]d[eé]o|cámaras?|resolución|película|écran|caméra|schermo|telecamera|tela|televisão|câmera|UHD)\s$"
)
_MAX_BEFORE = 16
_NAMED = frozenset(("course", "marathon", "monitor", "race", "resistor", "run", "swim", "walk"))
"""Nouns after which it is as well: `10K race`."""
_CENTS = 2
"""The number of decimals that are cents."""
_POWERS = {"K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}

# For languages whose words count by ten thousands.
MAGNITUDES_IN_DIGITS = Rule(
    r"(?<![A-Za-z\d.])(\d{1,4}(?:\.\d{1,3})?)(?:(?<=\d\d)|(?<=[.$€£¥]\d)|(?=M))(K|M|B|bn|tn|T)(?![A-Za-z\d/])",
    lambda match: f"{Decimal(match[1]) * _POWERS[match[2][0].upper()]:.0f}",
    ja=("1.2M回と10K人 => 1200000回と10000人", "$2.5M => 2500000ドル", "4Kテレビ => 4Kテレビ"),
    zh=("1.2M次和10K人 => 一百二十万次和一万人", "$2.5M => 二百五十万美元", "4K电视 => 四K电视"),
)


def money_rules(words: LanguageWords) -> Iterable[Rule]:
    """Return the rules for amounts of money with the symbol before or after, prices per unit, and magnitudes."""
    symbols = any_of(words.currency_by_symbol())
    letters, names = (
        any_of(key for key in words.scales if (len(key) == 1) is is_letter) for is_letter in (True, False)
    )
    amount, per = rf"(?P<amount>{NUMBER})", r"(?:\s?/\s?(?P<per>[\w²³]+))?"
    verbalize = _money_verbalizer(words)
    cents = next(iter(words.currencies.values()))
    # `$5 m` may be a length.
    scale = rf"(?:(?P<scale>\s?(?:{names})|{letters})(?!\w))?"
    codes = any_of(symbol for symbol in words.currency_by_symbol() if symbol.isalpha() and symbol.isupper())
    signs = "".join(symbol for symbol in words.currency_by_symbol() if len(symbol) == 1)
    plurals = {symbol: currency.plural for symbol, currency in words.currency_by_symbol().items()}
    return (
        Rule(rf"\$\s?(?={NUMBER}\s(?:{codes})\b)", "", languages="es fr it pt", es="$500 MXN => quinientos pesos"),
        Rule(
            r"(?<![\w.,])(\d{1,6})\s?€\s?(\d\d)(?![\w.,])",
            r"\1,\2 €",
            languages="es fr it pt",
            fr="12€50 => douze euros et cinquante centimes",
        ),
        Rule(
            rf"\b(de|di|d['’])\s?([{signs}])(?=[\s.,;:!?)]|$)",
            lambda match: (
                f"{match[1][:-1]}e {plurals[match[2]]}" if match[1][-1] in "'’" else f"{match[1]} {plurals[match[2]]}"
            ),
            languages="es fr it pt",
            es="3 millones de € => tres millones de euros",
            fr="3 millions d'€ => trois millions d'euros",
        ),
        Rule(
            rf"(?:(?P<article>\b{words.units.article}\s)|(?<![\w.]))(?P<symbol>{symbols})\s?{amount}{scale}(?:/-)?{per}(?!\w)"
            rf"(?P<noun>(?=\s[a-z]))?",
            verbalize,
            hi=(
                "₹500, ₹5.50 और 3.2 kWh => पांच सौ रुपये, पांच रुपये पचास पैसे और तीन दशमलव दो किलोवॉट घंटे",
                "₹1,00,000 और ₹5 Cr => एक लाख रुपये और पांच करोड़ रुपये",
            ),
            en=(
                "-$20 => minus 20 dollars",
                "It costs $5 => It costs 5 dollars",
                "a $5 bill and a $2 million house => a 5 dollar bill and a 2 million dollar house",
                "$1 and $1.00 => 1 dollar and 1 dollar",
                "$5.50 and $0.99 => 5 dollars and 50 cents and 99 cents",
                "£0.99 and £1.01 => 99 pence and 1 pound and 1 penny",
                "$3.5 million and $2M and €4k => 3.5 million dollars and 2 million dollars and 4 thousand euros",
                "£1.5m, £2bn and $3.41T => 1.5 million pounds, 2 billion pounds and 3.41 trillion dollars",
                "US$5 and ¥500 and ₹20 => 5 US dollars and 500 yen and 20 rupees",
                "A$50 and CAD 50 => 50 Australian dollars and 50 Canadian dollars",
                "$1,000,000.00, €1.000.000,00 and ₹1,00,000 => 1,000,000 dollars, 1,000,000 euros and 100000 rupees",
            ),
            es="$2.5M y $2,000,000 => dos coma cinco millones de dólares y dos millones de dólares",
            pt="R$ 2,5 mi e R$ 10 mil => dois vírgula cinco milhões de reais e dez mil reais",
        ),
        Rule(
            rf"(?<![\w.,]){amount}(?P<scale>\s?(?:{names}|{letters}))?\s?(?P<symbol>{symbols})(?!\w){per}",
            verbalize,
            fr=(
                "5,50 € => cinq euros et cinquante centimes",
                "2,5 M€ et 3 Md$ => deux virgule cinq millions d'euros et trois milliards de dollars",
            ),
            it="5,50 € e 3 mln € => cinque euro e cinquanta centesimi e tre milioni di euro",
            en=(
                "0.25 €/kWh and $5/month => 25 cents per kilowatt hour and 5 dollars per month",
                "12.50 € and 5€ => 12 euros and 50 cents and 5 euros",
                "1.234,56 € and 12,5 € => 1234 euros and 56 cents and 12.5 euros",
                "5 EUR, 7 USD and 3 CHF => 5 euros, 7 US dollars and 3 Swiss francs",
                "50¢ => 50 cents",
                "0.2534 €/kWh => 0.2534 euros per kilowatt hour",
            ),
            es=(
                "5,50 € y 12.50 € => cinco euros con cincuenta céntimos y doce euros con cincuenta céntimos",
                "3 millones € => tres millones de euros",
            ),
            pt="R$ 5,50 e 2 milhões € => cinco reais e cinquenta centavos e dois milhões de euros",
        ),
        Rule(
            r"(?<![\w.,])(\d{1,4})\s?(?:cts|c€|¢)(?!\w)\.?",
            lambda match: f"{match[1]} {cents.cent_singular if match[1] == '1' else cents.cent_plural}",
            languages="es fr it pt",
            es="50 cts y 5 c€ => cincuenta céntimos y cinco céntimos",
            fr="50 cts => cinquante centimes",
        ),
        Rule(
            rf"(?<![\w.,$€£])(?P<number>{NUMBER})(?P<space>\s?)(?P<scale>{_magnitudes(words)})(?![\w/²³'’-])"
            r"(?=(?P<link>\s(?:d[ei]\s|d['’]))?(?P<noun>(?:(?<=[\s'’])|\s)[^\W\d_]+)?)",
            _magnitude_verbalizer(words),
            en=(
                "1.2M views, 10k steps and 2B people => 1.2 million views, 10 thousand steps and 2 billion people",
                "a 4K TV, a 2B pencil, a 5K run => a 4K TV, a 2B pencil, a 5K run",
                "a 10K, my first 10K, 10K race => a 10K, my first 10K, 10K race",
            ),
            es=(
                "1,2 M de visitas => uno coma dos millones de visitas",
                'TV 4K de 50" => te uve 4K de cincuenta pulgadas',
                "4K de memoria y 4K de visitas => 4K de memoria y cuatro mil de visitas",
            ),
            fr="10k abonnés et 1,2M de vues => dix mille abonnés et un virgule deux million de vues",
            it="1,2 mln di euro => uno virgola due milioni di euro",
            pt="1,5 mi de pessoas e 10k seguidores => um vírgula cinco milhão de pessoas e dez mil seguidores",
        ),
    )


def _magnitudes(words: LanguageWords) -> str:
    """Return a pattern for the abbreviations that also count other things than money."""
    spoken = {name.split()[0] for names in words.scales.values() for name in names.split("|")}
    return any_of(key for key in words.scales if key not in spoken and (len(key) > 1 or key in "kKMB"))


def parse_amount(amount: str, *, decimal_comma: bool) -> tuple[str, str]:
    """Return the digits of the whole part and the decimals, whatever separates and groups them."""
    separators = re.sub(r"\d", "", amount)
    before, _, after = amount.rpartition(separators[-1:]) if separators else (amount, "", "")
    is_group = separators in ((".", ".") if decimal_comma else (",", ",")) and len(after) == 3
    if (len(separators) > 1 and len(set(separators)) == 1) or is_group or after == "000":
        before, after = before + after, ""
    return re.sub(r"\D", "", before), after


def _money_verbalizer(words: LanguageWords) -> Replace:
    currencies = words.currency_by_symbol()
    point = "," if words.decimal_comma else "."

    def verbalize(match: re.Match[str]) -> str:
        groups = match.groupdict()
        currency, scale, per = currencies[match["symbol"]], match["scale"], match["per"]
        whole, cents = parse_amount(match["amount"], decimal_comma=words.decimal_comma)
        whole = whole if words.decimal_comma else group_thousands(whole)
        amount = f"{whole}{point}{cents}" if cents else whole
        is_one = amount == "1"
        if scale:
            names = words.scales[scale.strip()]
            amount, is_one = f"{amount} {_choose(names, words.units.is_singular(amount))}", False
        elif words.million_of and whole.endswith("000000") and not cents.strip("0"):
            amount, cents = f"{whole} {words.million_of}", ""
        article = groups.get("article") or ""
        if article and groups.get("noun") is not None and len(cents) != _CENTS:
            is_one = True
        if len(cents) != _CENTS or scale or not currency.cent_singular:
            text = f"{amount} {currency.singular if is_one else currency.plural}"
        else:
            unit = currency.singular if whole == "1" else currency.plural
            parts = [f"{whole} {unit}"] if whole.strip("0") else []
            if int(cents):
                parts.append(f"{int(cents)} {currency.cent_singular if int(cents) == 1 else currency.cent_plural}")
            text = words.cent_separator.join(parts) or f"0 {currency.plural}"
        if per:
            name = words.units.by_symbol.get(per)
            text += words.units.per.format(name.singular if name else per)
        return article + text

    return verbalize


def _magnitude_verbalizer(words: LanguageWords) -> Replace:
    def verbalize(match: re.Match[str]) -> str:
        number, space, scale, link = match.group("number", "space", "scale", "link")
        noun = (match["noun"] or "").strip()
        is_plural = noun.endswith(("s", "people")) and noun.islower()
        if len(scale) == 1:
            # Not a format (`4K`), a temperature (`2700K`), a pencil (`2B`) or a run (`5K`, `a 10K`).
            is_large = "." in number or "," in number or (scale != "B" and 1 < len(number) < 4)
            before = text_before(match, _MAX_BEFORE)
            is_named = scale == "K" and not is_plural and (_BEFORE_NAMED.search(before) or noun in _NAMED)
            is_count = not is_named and (
                (is_large and not space)
                or (link and (is_plural or (len(number) > 1 and noun.islower())))
                or (is_plural and not space and scale != "K")
                or (scale == "M" and not noun and not space)
            )
        else:
            is_count = link or scale not in words.units.by_symbol
        if not is_count:
            return match[0]
        name = _choose(words.scales[scale], words.units.is_singular(number))
        return f"{number} {name if noun and not link else name.removesuffix(' de').removesuffix(' di')}"

    return verbalize


def _choose(names: str, is_singular: bool) -> str:
    singular, _, plural = names.partition("|")
    return singular if is_singular or not plural else plural
