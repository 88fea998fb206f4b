"""French words and rules."""

from __future__ import annotations

from wyoming_kokoro_text.classes.names.respellings import respelling_rule
from wyoming_kokoro_text.language import (
    ClockWords,
    Currency,
    DateWords,
    Language,
    LanguageWords,
    RomanNumeralWords,
    SlashWords,
)
from wyoming_kokoro_text.languages.abbreviations.french import ABBREVIATIONS
from wyoming_kokoro_text.languages.acronyms.french import ACRONYMS, CODES, NAMES
from wyoming_kokoro_text.languages.nouns import french
from wyoming_kokoro_text.number_words import NumberWords
from wyoming_kokoro_text.rules import Rule
from wyoming_kokoro_text.unit_names import UnitNames

ROMAN_NUMERALS = RomanNumeralWords(
    rulers={
        "masculine": "Louis Henri Charles François Philippe Napoléon Jean Jean-Paul Paul Benoît Léon Pie Grégoire"
        " Clément Innocent Urbain Sixte Jules Alexandre Georges George Édouard Guillaume Richard Jacques Pierre Albert"
        " Léopold Baudouin Nicolas Ivan Frédéric Constantin Maximilien Othon Gustave Ramsès Mohammed Hassan Rainier"
        " Robert Ferdinand Alphonse Boniface Félipe Felipe Robert",
        "feminine": "Élisabeth Elisabeth Elizabeth Marie Catherine Margrethe Marguerite Victoria Jeanne Anne Isabelle",
    },
    counted={"masculine": "Congrès Concile Reich Festival", "feminine": "République Internationale Édition"},
    numbered="chapitre|tome|partie|volume|phase|titre|acte|scène|livre|type|niveau|degré|annexe|section|épisode|saison"
    "|classe|bloc|chant|an|groupe|zone|étape|leçon|unité|série|article|pape|stade|factor",
    last_ordinal=1,
)
_SCALES = {
    "million": "million de", "millions": "millions de", "milliard": "milliard de", "milliards": "milliards de",
    "k": "mille", "K": "mille", "M": "million de|millions de", "Md": "milliard de|milliards de",
    "Mds": "milliard de|milliards de",
}  # fmt: skip

WORDS = LanguageWords(
    UnitNames("fr", per=" par {}", singular_numbers=r"[01](?:[.,]\d+)?", ordinary_words=frozenset("y")),
    {
        "€ EUR": Currency("euro", "euros", "centime", "centimes"),
        "US$ $ USD": Currency("dollar", "dollars", "cent", "cents"),
        "£": Currency("livre", "livres", "penny", "pence"),
        "CHF": Currency("franc suisse", "francs suisses", "centime", "centimes"),
        "CAD": Currency("dollar canadien", "dollars canadiens", "cent", "cents"),
        "¥ JPY": Currency("yen", "yens"),
        "₹": Currency("roupie", "roupies"),
    },
    clock=ClockWords(
        "{hour}",
        "{hour} {minute}",
        "du matin",
        "de l'après-midi",
        {0: "zéro heure", 1: "une heure", 21: "vingt et une heures"},
        hour_template="{} heures",
        before="à|vers|dès|depuis|avant|après",
        evening=(6, "du soir"),
    ),
    million_of="de",
    cent_separator=" et ",
    scales=_SCALES,
    minus="moins",
    before_minus="est|était|à|de|fait|faisait|jusqu'à|affiche|sont",
    plus="plus",
    plus_or_minus="plus ou moins",
    about="environ",
    range_to="à",
    dimension_by="sur",
    multiplied_by="fois",
    divided_by="divisé par",
    equals="égale",
    not_equal="différent de",
    makes="font|fait|égale",
    asks_for_sum="[Cc]ombien f(?:ont|ait)|[Cc]alcule",
    squared="au carré",
    cubed="au cube",
    power="puissance {}",
    square_root="la racine carrée de",
    less_than="moins de",
    more_than="plus de",
    at_least="au moins",
    at_most="au plus",
    before_duration=r"minuteur(?: de)?|durée|temps|reste|pendant|uptime",
    after_duration=r"restante?s?|écoulée?s?",
    ago="il y a|depuis|dans",
    before_days="il y a|depuis|dans|restent?|pendant|tous les",
    out_of="sur",
    over="sur",
    number="numéro",
    and_="et",
    or_="ou",
    at="arobase",
    dot="point",
    point="point",
    port="port",
    fractions={
        "1/2": "un demi|et demi",
        "1/3": "un tiers|et un tiers",
        "2/3": "deux tiers|et deux tiers",
        "1/4": "un quart|et quart",
        "3/4": "trois quarts|trois quarts",
    },
    acronyms=ACRONYMS,
    codes=CODES,
    roman_numerals=ROMAN_NUMERALS,
    numbers=NumberWords(
        "fr",
        point="virgule",
        nouns={"feminine": french.FEMININE, "masculine": french.MASCULINE},
        plurals=((r"[sxz]$", r"\g<0>"), (r"al$", "aux"), (r"(?<=[ae]u)$", "x"), (r"$", "s")),
        endings={"feminine": r"(?:[st]ions?|ettes?|tés?)$"},
        feminine_before=frozenset({"heure", "heures"}),
        between=r"(?:à|et|ou) \d{1,9}",
        articles="au|du|le|un",
        ordinals={"masculine": "er|nd|e|[èe]me|ième", "feminine": "[èe]?re|nde"},
        # The traditional spelling, which espeak stresses as words; CLDR's `quatre-vingt-et-unième` is wrong.
        respellings=(("quatre-vingt-et-", "quatre-vingt-"), ("(?<=cent|ille)-et-", " "), ("-et-", " et ")),
    ),
)

DAYS_FROM_EVENTS = (
    Rule(
        r"\bJ([-−+])(?=\d)",
        lambda match: f"J {'plus' if match[1] == '+' else 'moins'} ",
        fr="J-3 et J+2 => J moins trois et J plus deux",
    ),
)
RANGES = (
    Rule(
        r"(?<![\w.,-])(?<!\d )([1-9]\d{0,2}(?: \d{3}){1,4})(?![\w-]| \d)",
        lambda match: match[1].replace(" ", ""),
        fr=(
            "12 345 habitants => douze mille trois cent quarante-cinq habitants",
            "06 12 34 56 => zéro six douze trente-quatre cinquante-six",
        ),
    ),
)

DATES = DateWords(
    "dmy",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    with_year="{day} {month} {year}",
    without_year="{day} {month}",
    month_and_year="{month} {year}",
    range_to=" au ",
    first_of_month="premier",
    before=r"le|du|au|date|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche",
    joined_by="et|au?",
)
SLASHES = SlashWords(
    "slash",
    all_day="24 sur 7",
    over=" sur ",
    part_of="{part} sur {whole}",
    times="fois",
    per=" par {}",
    and_or="[eE]t/ou",
    counted="étape|page|partie|chapitre|niveau|fichier|question|épisode|phase|essai|tour|leçon|photo",
    pressure=r"\btension\b[^.!?]{0,20}$",
)

AROUND_THE_CLOCK = (
    Rule(
        r"(?<![\w.,])(24)\s?h(?:eures)?\s?/\s?24(?!\w)",
        r"\1 heures sur 24",
        fr="24h/24 => vingt-quatre heures sur vingt-quatre",
    ),
    Rule(r"(?<![\w.,])(\d)\s?j(?:ours)?\s?/\s?7(?!\w)", r"\1 jours sur 7", fr="7j/7 => sept jours sur sept"),
)
ELISION = (
    Rule(r"\bde (?=euros?\b)", "d'", fr="3,4 millions € => trois virgule quatre millions d'euros"),
    Rule(
        r"\b([Dd])e (?=une?\b(?! (?:à|et|ou|virgule)\b))",
        r"\1'",
        fr="le minuteur de 1 heure => le minuteur d'une heure",
    ),
)

RESPELLED_NAMES = (
    respelling_rule(
        NAMES,
        fr=(
            "le wifi et YouTube => le Wi-Fi et Youtube",
            "200 W et 2 mi => deux cents houatts et deux maïles",
            "Porte est unknown => Porte est inconnu",
        ),
    ),
)

LANGUAGE = Language(
    "fr",
    WORDS,
    DATES,
    SLASHES,
    rules={
        "abbreviations": ABBREVIATIONS,
        "slashes": AROUND_THE_CLOCK,
        "elision": ELISION,
        "codes": DAYS_FROM_EVENTS,
        "ranges": RANGES,
        "names": RESPELLED_NAMES,
    },
)
