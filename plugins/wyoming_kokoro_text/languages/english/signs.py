"""English rules for signs between numbers and letters."""

from __future__ import annotations

from wyoming_kokoro_text.rules import Rule

_LEFT, _RIGHT = r"(?:(?<=\d)|(?<=\b[a-z])|(?<=[)²³]))\s?", r"\s?(?=[-\dA-Za-z(√])"
"""What stands around the sign of a relation between numbers or variables."""

RELATIONS = (
    Rule(
        rf"(?:(?<=[\d)²³π])|(?<=\b[a-zA-Z]))\s?≈{_RIGHT}",
        " is approximately ",
        en="π ≈ 3.14 => π is approximately 3.14",
    ),
)

SIGNS = (
    Rule(
        r"(?<![\w'’-])[aA](?=[²³^]|\s?[=+×÷≤≥])|(?<=[=+×÷] )a(?!\w)",
        "eh",
        en="a² + b = a => eh squared plus b equals eh",
    ),
    Rule(
        rf"{_LEFT}(?:≤|<=){_RIGHT}",
        " is less than or equal to ",
        en="6x + 4 ≤ 24 => 6x plus 4 is less than or equal to 24",
    ),
    Rule(rf"{_LEFT}(?:≥|>=){_RIGHT}", " is greater than or equal to ", en="x >= 5 => x is greater than or equal to 5"),
    Rule(rf"{_LEFT}<{_RIGHT}", " is less than ", en="10 < 20 => 10 is less than 20"),
    Rule(rf"{_LEFT}>{_RIGHT}", " is greater than ", en="x > 5 => x is greater than 5"),
    Rule(
        r"\b(\d{1,2}):(\d)\b(?![:\d])",
        r"\1 to \2",
        en="a 4:3 display, a ratio of 3:1 => a 4 to 3 display, a ratio of 3 to 1",
    ),
    Rule(r"(?<=\b\d[a-z]) [-−] (?=\d|[a-z]\b)", " minus ", en="2x - 5 = 11 => 2x minus 5 equals 11"),
    Rule("∞", "infinity", en="∞ => infinity"),
    Rule(r"\bAT&T\b", "eh T and T", en="AT&T => eh T and T"),
    Rule(r"§§?\s?(?=\d)", "section ", en="§5 and § 12 => section 5 and section 12"),
    Rule(r"(?<=\d) @ (?=\$?\d)", " at ", en="3 @ $5 => 3 at 5 dollars"),
)
