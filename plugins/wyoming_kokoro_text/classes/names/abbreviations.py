"""Makes rules for abbreviations from tables of words."""

from __future__ import annotations

import re

from wyoming_kokoro_text.classes.patterns import any_of
from wyoming_kokoro_text.rules import Rule

CAPITAL = "[A-ZÀ-Þ]"
BEFORE_NAME = rf"(?=\s?(?:(?:d[aeo]s?|del|de\sl[ao]s?|d[ui]|des|del[l]?a|la|el|le|les)\s|[dl]['’])?{CAPITAL})"
"""Also names that begin with an article or a preposition: `Avda. de América`."""
BEFORE_NUMBER = r"(?=\s?(?:\d|[IVXL]{1,7}\b))"
AFTER_NUMBER = r"(?:(?<=\d)|(?<=\d\s))"

_SENTENCE_BEGINS = re.compile(rf"\s+[\"“«(]?(?:{CAPITAL}|[¿¡])")
_LINE_ENDS = re.compile(r"\s*(?:$|\n)")
_MAX_SPACE = 4


def abbreviated(words: str) -> dict[str, str]:
    """Return each of `words` by its first three letters."""
    return {word[:3]: word for word in words.split()}


def abbreviation_rule(
    words: str, *, before: str = "", after: str = "", may_end: bool = False, **examples: str | tuple[str, ...]
) -> Rule:
    """Return the rule for `words`, such as `pág.=página Sr=señor p._ej.=por_ejemplo`.

    A full stop at the end of an abbreviation is necessary if `words` have it, and otherwise optional. `_` is a space.
    Abbreviations in lower case may also begin with a capital. `before` and `after` are patterns for what follows and
    precedes. `may_end` keeps the full stop if a sentence begins after it.
    """
    spoken: dict[str, str] = {}
    for pair in words.split():
        written, _, name = pair.replace("_", " ").partition("=")
        spoken |= dict.fromkeys((written, written[0].upper() + written[1:]), name)
    with_stop = any_of(word[:-1] for word in spoken if word.endswith("."))
    without_stop = any_of(word for word in spoken if not word.endswith("."))
    by_word = {word.removesuffix("."): name for word, name in spoken.items()}

    def write_out(match: re.Match[str]) -> str:
        rest = match.string[match.end() : match.end() + _MAX_SPACE]
        text = by_word[match["strict"] or match["loose"]]
        ends = _LINE_ENDS.match(rest) or (may_end and _SENTENCE_BEGINS.match(rest))
        if match[0].endswith(".") and ends:
            return f"{text}."
        return f"{text} " if rest[:1].isalnum() else text

    return Rule(
        rf"(?<![\w.@/]){after}(?:(?P<strict>{with_stop})\.(?![^\W\d_])|(?P<loose>{without_stop})(?!\w|[-'’]\w)\.?){before}",
        write_out,
        languages="",
        **examples,
    )
