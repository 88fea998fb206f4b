"""Rules for amounts of money and prices per unit."""

from __future__ import annotations

import re
from collections.abc import Iterable

from wyoming_kokoro_text.classes.patterns import NUMBER, Replace, any_of
from wyoming_kokoro_text.language import LanguageWords
from wyoming_kokoro_text.rules import Rule


def money_rules(words: LanguageWords) -> Iterable[Rule]:
    """Return the rules for amounts of money with the symbol before or after, and for prices per unit."""
    symbols = any_of(words.currency_by_symbol())
    scale = rf"(?:(?P<space>\s?)(?P<scale>{any_of(words.scales)})(?!\w))?"
    amount, per = rf"(?P<amount>{NUMBER})", r"(?:\s?/\s?(?P<per>[\w²³]+))?"
    verbalize = _money_verbalizer(words)
    return (
        Rule(
            rf"(?<![\w.])(?P<symbol>{symbols})\s?{amount}{scale}{per}",
            verbalize,
            hi="₹500, ₹5.50 और 3.2 kWh => पांच सौ रुपये, पांच रुपये पचास पैसे और तीन दशमलव दो किलोवॉट घंटे",
            en=(
                "-$20 => minus 20 dollars",
                "It costs $5 => It costs 5 dollars",
                "$1 and $1.00 => 1 dollar and 1 dollar",
                "$5.50 and $0.99 => 5 dollars and 50 cents and 99 cents",
                "£0.99 and £1.01 => 99 pence and 1 pound and 1 penny",
                "$3.5 million and $2M and €4k => 3.5 million dollars and 2 million dollars and 4 thousand euros",
                "US$5 and ¥500 and ₹20 => 5 US dollars and 500 yen and 20 rupees",
            ),
        ),
        Rule(
            rf"(?<![\w.,]){amount}{scale}\s?(?P<symbol>{symbols})(?!\w){per}",
            verbalize,
            fr="5,50 € => cinq euros et cinquante centimes",
            it="5,50 € => cinque euro e cinquanta centesimi",
            en=(
                "0.25 €/kWh and $5/month => 25 cents per kilowatt hour and 5 dollars per month",
                "12.50 € and 5€ => 12 euros and 50 cents and 5 euros",
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
    )


def _money_verbalizer(words: LanguageWords) -> Replace:
    currencies = words.currency_by_symbol()
    point, comma = (",", ".") if words.decimal_comma else (".", ",")

    def verbalize_amount(symbol: str, amount: str) -> str:
        currency = currencies[symbol]
        whole, _, cents = amount.replace(comma, "").partition(point)
        if len(cents) != 2 or not currency.cent_singular:
            return f"{amount} {currency.singular if amount == '1' else currency.plural}"
        parts = [f"{whole} {currency.singular if whole == '1' else currency.plural}"] if int(whole) else []
        if int(cents):
            parts.append(f"{int(cents)} {currency.cent_singular if int(cents) == 1 else currency.cent_plural}")
        return words.cent_separator.join(parts) or f"0 {currency.plural}"

    def verbalize(match: re.Match[str]) -> str:
        symbol, amount, scale, per = match["symbol"], match["amount"], match["scale"], match["per"]
        if words.decimal_comma and re.fullmatch(r"\d+\.\d{1,2}", amount):
            amount = amount.replace(".", ",")
        if scale:
            text = f"{amount} {words.scales[scale]} {currencies[symbol].plural}"
        else:
            text = verbalize_amount(symbol, amount)
        if not per:
            return text
        unit = words.units.by_symbol.get(per)
        return text + words.units.per.format(unit.singular if unit else per)

    return verbalize
