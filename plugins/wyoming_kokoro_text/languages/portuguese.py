"""Brazilian Portuguese words and rules."""

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
from wyoming_kokoro_text.languages.abbreviations.portuguese import ABBREVIATIONS
from wyoming_kokoro_text.languages.acronyms.portuguese import ACRONYMS, CODES, NAMES
from wyoming_kokoro_text.languages.nouns import portuguese
from wyoming_kokoro_text.number_words import NumberWords
from wyoming_kokoro_text.rules import Rule
from wyoming_kokoro_text.unit_names import UnitNames

ROMAN_NUMERALS = RomanNumeralWords(
    rulers={
        "masculine": "Pedro João Luís Luiz Carlos Henrique Jorge Filipe Felipe Afonso Manuel Sebastião Sancho Dinis"
        " Fernando Duarte Bento Leão Pio Gregório Clemente Inocêncio Urbano Sisto Júlio Alexandre Paulo Eduardo"
        " Guilherme Ricardo Napoleão Nicolau Ivan Frederico Francisco Alberto Leopoldo José Miguel Ramsés Constantino"
        " Bonifácio Adriano Celestino Maximiliano",
        "feminine": "Elizabeth Elisabete Isabel Maria Catarina Margarida Vitória Joana Ana Cristina Beatriz",
    },
    counted={
        "masculine": "Congresso congresso Festival festival Prêmio prêmio Encontro encontro Jogos Concílio Torneio"
        " Reich Milênio milênio aniversário Aniversário Centenário centenário Fórum Plano Campeonato Seminário Simpósio"
        " Concurso Salão Exército Batalhão",
        "feminine": "Guerra guerra República república Edição edição Feira feira Cúpula cúpula Copa Semana Bienal"
        " Corrida Jornada Jornadas Mostra Conferência Assembleia Olimpíada Internacional",
    },
    plurals=frozenset({"jogos", "jornadas"}),
    numbered="capítulo|tomo|parte|volume|fase|título|ato|cena|livro|tipo|nível|grau|anexo|seção|episódio|temporada"
    "|classe|bloco|canto|ano|fator|zona|etapa|lição|unidade|série|inciso|artigo|papa",
    centuries="[Ss]éculos?",
    joined_by="e|ao?|ou|do",
)
_SCALES = {
    "milhão": "milhão de", "milhões": "milhões de", "bilhão": "bilhão de", "bilhões": "bilhões de",
    "mil": "mil", "k": "mil", "K": "mil", "M": "milhão de|milhões de", "mi": "milhão de|milhões de",
    "bi": "bilhão de|bilhões de", "tri": "trilhão de|trilhões de", "trilhão": "trilhão de",
    "trilhões": "trilhões de",
}  # fmt: skip

WORDS = LanguageWords(
    UnitNames("pt", per=" por {}", singular_numbers=r"[01](?:[.,]\d+)?"),
    {
        "R$ BRL": Currency("real", "reais", "centavo", "centavos"),
        "€ EUR": Currency("euro", "euros", "centavo", "centavos"),
        "US$ $ USD": Currency("dólar", "dólares", "centavo", "centavos"),
        "£": Currency("libra", "libras", "pêni", "pence"),
        "¥ JPY": Currency("iene", "ienes"),
        "CHF": Currency("franco suíço", "francos suíços", "centavo", "centavos"),
        "ARS": Currency("peso argentino", "pesos argentinos", "centavo", "centavos"),
        "₹": Currency("rupia", "rupias"),
    },
    clock=ClockWords(
        "{hour} horas",
        "{hour} e {minute}",
        "da manhã",
        "da tarde",
        {0: "zero", 1: "uma", 2: "duas", 21: "vinte e uma", 22: "vinte e duas"},
        one_hour="{hour} hora",
        before="às?|das|desde as|até as",
        dotted_after="às|das",
        evening=(7, "da noite"),
    ),
    million_of="de",
    cent_separator=" e ",
    scales=_SCALES,
    minus="menos",
    before_minus="é|está|estava|a|de|faz|em|até|são|marca|era",
    plus="mais",
    plus_or_minus="mais ou menos",
    about="cerca de",
    range_to="a",
    dimension_by="por",
    multiplied_by="vezes",
    divided_by="dividido por",
    equals="igual a",
    not_equal="diferente de",
    makes="é|são|dá",
    asks_for_sum="[Qq]uanto (?:é|são|dá)|[Cc]alcule",
    squared="ao quadrado",
    cubed="ao cubo",
    power="elevado a {}",
    square_root="a raiz quadrada de",
    less_than="menos de",
    more_than="mais de",
    at_least="pelo menos",
    at_most="no máximo",
    duration_and=" e ",
    before_duration=r"temporizador(?: de)?|timer(?: de)?|duração|tempo|faltam?|restam?|durante|uptime",
    after_duration=r"restantes?|decorrid[oa]s?",
    ago="há|faz",
    before_days="há|faz|em|daqui a|faltam?|restam?|a cada",
    out_of="de",
    over="por",
    version="versão",
    number="número",
    and_="e",
    or_="ou",
    at="arroba",
    dot="ponto",
    point="ponto",
    port="porta",
    fractions={
        "1/2": "meio|e meio",
        "1/3": "um terço|e um terço",
        "2/3": "dois terços|e dois terços",
        "1/4": "um quarto|e um quarto",
        "3/4": "três quartos|e três quartos",
    },
    acronyms=ACRONYMS,
    codes=CODES,
    roman_numerals=ROMAN_NUMERALS,
    numbers=NumberWords(
        "pt",
        point="vírgula",
        nouns={"feminine": portuguese.FEMININE, "masculine": portuguese.MASCULINE},
        plurals=(
            (r"ção$", "ções"),
            (r"ão$", "ões"),
            (r"(?<=[aeiou])m$", "ns"),
            (r"(?<=[aeou])l$", "is"),
            (r"[rsz]$", r"\g<0>es"),
            (r"$", "s"),
        ),
        endings={"feminine": r"(?:as|[çs]ões|dades|gens)$"},
        other_words=frozenset(("apenas", "às", "atrás", "demais", "duas", "mais", "mas")),
        feminine_before=frozenset({"à", "às", "as", "das", "nas", "umas"}),
        between=r"(?:a|e|ou) \d{1,9}|mil\b",
        articles="ao|do|no|o|pelo|um",
        ordinals={"masculine": r"\.?º", "feminine": r"\.?ª"},
        respellings=(("catorze", "quatorze"),),
    ),
)

DATES = DateWords(
    "dmy",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    with_year="{day} de {month} de {year}",
    without_year="{day} de {month}",
    month_and_year="{month} de {year}",
    range_to=" a ",
    first_of_month="primeiro",
    before=r"dia|até|desde|em|no|do|data|segunda|terça|quarta|quinta|sexta|sábado|domingo|feira",
    joined_by="e|a",
)
SLASHES = SlashWords(
    "barra",
    all_day="24 por 7",
    over=" por ",
    part_of="{part} de {whole}",
    times="vez(?:es)?",
    per=" por {}",
    and_or="[eE]/ou",
    counted="passo|etapa|página|parte|capítulo|nível|arquivo|pergunta|episódio|fase|tentativa|rodada|lição|foto",
    pressure=r"\bpressão\b[^.!?]{0,20}$",
)

SCORES = (
    Rule(
        r"(?<=[^\W\d_] )(\d{1,2}) ?[xX×] ?(?=\d{1,2} [A-ZÀ-Þ])",
        r"\1 a ",
        pt="Flamengo 3 x 1 Vasco => Flamengo três a um Vasco",
    ),
    Rule(
        r"\b((?:venc|ganh|perd|empat|derrot|bate|golea|placar|resultado)[^\d\n]{0,40} )(\d{1,2}) ?[xX×] ?"
        r"(?=\d{1,2}\b(?! ?c?m))",
        r"\1\2 a ",
        pt="O time venceu por 2x0 => O time venceu por dois a zero",
    ),
)

RESPELLED_NAMES = (respelling_rule(NAMES, pt="o Wi-Fi e o iPhone => o uai-fai e o Aifone"),)

LANGUAGE = Language(
    "pt", WORDS, DATES, SLASHES, rules={"abbreviations": ABBREVIATIONS, "ranges": SCORES, "names": RESPELLED_NAMES}
)
