"""Rules that write formulas in LaTeX with plain signs, which later rules read in the language of the text."""

from __future__ import annotations

import re

from wyoming_kokoro_text.rules import Rule

_SIGNS = {
    "alpha": "α", "approx": "≈", "beta": "β", "cdot": "×", "circ": "°", "delta": "δ", "Delta": "Δ", "div": "÷",
    "epsilon": "ε", "gamma": "γ", "ge": "≥", "geq": "≥", "gt": ">", "infty": "∞", "lambda": "λ", "le": "≤", "leq": "≤",
    "lt": "<", "mu": "μ", "ne": "≠", "neq": "≠", "omega": "ω", "Omega": "Ω", "phi": "φ", "pi": "π", "pm": "±",
    "rho": "ρ", "rightarrow": "→", "Rightarrow": "→", "sigma": "σ", "sim": "≈", "sum": "Σ", "tau": "τ", "theta": "θ",
    "times": "×", "to": "→",
}  # fmt: skip


def _to_fraction(match: re.Match[str]) -> str:
    return f"{match[1]}/{match[2]}" if f"{match[1]}{match[2]}".isdigit() else f"{match[1]} ÷ {match[2]}"


_GROUP = r"\{([^{}]{0,80})\}"
_REPLACEMENTS = (
    (r"\\[dt]?frac(\d)(\d)", r"\1/\2"),
    (rf"\\(?:text|textbf|textit|mathrm|mathbf|mathit|operatorname|boxed|mbox){_GROUP}", r"\1"),
    (rf"\\sqrt{_GROUP}", r"√\1"),
    (rf"\\[dt]?frac{_GROUP}{_GROUP}", _to_fraction),
    (rf"\^{_GROUP}", r"^(\1)"),
    (rf"_{_GROUP}", r" \1"),
    (r"\^\(?\s?\\circ\)?\s?", "°"),
    (r"\\(?:left|right|displaystyle|,|;|:|!|quad|qquad)(?![a-zA-Z])", " "),
    (r"\\([a-zA-Z]{1,12})", lambda match: _SIGNS.get(match[1], match[1])),
    (r"\\([%$&#{}_])", r"\1"),
    (r"\^\(([^()]|-?\d{1,3})\)", r"^\1"),
    (r"\^2(?!\d)", "²"),
    (r"\^3(?!\d)", "³"),
    (r"[{}\\_]|(?<=√) ", " "),
    (r" {2,}", " "),
)


def _to_plain_signs(match: re.Match[str]) -> str:
    formula = next(filter(None, match.groups()), "")
    # Twice, for groups in groups.
    for pattern, replacement in _REPLACEMENTS * 2 if "\\" in formula else _REPLACEMENTS:
        formula = re.sub(pattern, replacement, formula)
    return formula.strip()


LATEX = (
    Rule(r"\$\$([^$]{1,300})\$\$", _to_plain_signs, en="$$E = mc^2$$ => E equals mc squared"),
    # An amount of money has neither a sign before the next dollar nor a backslash.
    Rule(
        r"(?<![\w$])\$(?! )((?:[^$\n]{0,200}?[\\^_{=<>][^$\n]{0,200})|[a-zA-Z]|\d{1,9})(?<! )\$(?!\d)",
        _to_plain_signs,
        en=(
            "$6x + 4 \\leq 24$ => 6x plus 4 is less than or equal to 24",
            "$\\frac{1}{2}$ cup at $20^\\circ$C => one half cup at 20 degrees Celsius",
            "$\\sqrt{16} = 4$ and $\\boxed{42}$ => the square root of 16 equals 4 and 42",
            "$5 and $6 => 5 dollars and 6 dollars",
        ),
        es="$3 \\times 4 = 12$ => tres por cuatro igual a doce",
        zh="$3 \\times 4 = 12$ => 三乘四等于十二",
    ),
    # Commands without dollars, and letters below and above the line.
    Rule(
        r"(\\(?:boxed|[dt]?frac|sqrt|text|mathbf|mathrm)(?:\{[^{}\n]{0,80}\}){1,2})|\$([_^]\{?[^$\s]{1,12})\$",
        _to_plain_signs,
        en=("\\boxed{42} and \\frac{1}{2} => 42 and one half", "H$_2$O at 20$^\\circ$C => H 2 O at 20 degrees Celsius"),
    ),
    Rule(
        r"\\\(((?:[^\\\n]|\\(?!\))){1,200})\\\)|\\\[((?:[^\\]|\\(?!\])){1,300})\\\]",
        _to_plain_signs,
        en="\\(x = 5\\) and \\[x \\neq 3\\] => x equals 5 and x is not equal to 3",
    ),
)
