"""Finds characters of which each match of a regular expression has at least one.

A rule is skipped for a text without them. Of the 299 rules of English, "Good morning" needs 24, and a sentence with a
temperature 83.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

DIGIT = "digit"
"""Stands for any digit."""
MAX_RANGE = 128

Needed = frozenset[str] | None
"""Characters of which a part of a pattern has one; None if they are unknown."""

_ESCAPE = r"\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|.)"
# An escape, a class of characters, the beginning of a group, a quantifier, or any other character.
_TOKEN = re.compile(
    rf"{_ESCAPE}|\[\^?\]?(?:{_ESCAPE}|[^\]\\])*\]|\((?:\?(?:P<\w+>|P=\w+\)|\(\w+\)|<?[=!]|>|[a-zA-Z-]*[:)]))?"
    r"|(?:[*+?]|\{\d*,?\d*\})[?+]?|.",
    re.DOTALL,
)
_MEMBER = re.compile(rf"({_ESCAPE}|.)(?:-({_ESCAPE}|.))?", re.DOTALL)
_IS_OPTIONAL = re.compile(r"[*?]|\{(?:0?,|0\})")
_IGNORES_CASE = re.compile(r"\(\?[a-z]*i")
_CONTROLS = {"n": "\n", "t": "\t"}
_ANYTHING = frozenset(".^$")


class _Group:
    """An open group of a pattern."""

    def __init__(self, *, is_negative: bool = False) -> None:
        """`is_negative`: its content must not match."""
        self._is_negative = is_negative
        self._alternatives: list[Needed] = []
        self.parts: list[Needed] = []
        """What each part of the last alternative needs."""

    def end_alternative(self) -> None:
        """Of the parts, one that needs rare characters decides."""
        needed = min(filter(None, self.parts), key=lambda part: sum(map(_frequency, part)), default=None)
        self._alternatives.append(needed)
        self.parts = []

    def close(self) -> Needed:
        """Return what the group needs."""
        self.end_alternative()
        return None if self._is_negative else _union(self._alternatives)


def needed_characters(pattern: str) -> frozenset[str]:
    """Return characters of which each match of `pattern` has one, or an empty set if they are unknown."""
    ignores_case = _IGNORES_CASE.search(pattern) is not None
    groups = [_Group()]
    for symbol in _TOKEN.findall(pattern):
        parts = groups[-1].parts
        if symbol[0] == "(" and (symbol[-1] != ")" or symbol.startswith("(?(")):
            groups.append(_Group(is_negative=symbol[-1] == "!"))
        elif symbol == ")":
            group = groups.pop()
            groups[-1].parts.append(group.close())
        elif symbol == "|":
            groups[-1].end_alternative()
        elif symbol[0] in "*+?" or (symbol[0] == "{" and symbol != "{"):
            parts[-1] = None if _IS_OPTIONAL.match(symbol) else parts[-1]
        elif symbol[0] == "[":
            parts.append(_of_class(symbol, ignores_case=ignores_case))
        elif symbol in _ANYTHING or symbol[0] == "(":
            parts.append(None)
        else:
            parts.append(_of_literal(symbol, ignores_case=ignores_case))
    return groups[0].close() or frozenset()


def characters_of(text: str) -> set[str]:
    """Return the characters of `text`, and `DIGIT` if one is a digit."""
    characters: set[str] = set(text)
    if any(map(str.isdecimal, characters)):
        characters.add(DIGIT)
    return characters


def _of_class(symbol: str, *, ignores_case: bool) -> Needed:
    if symbol[1] == "^":
        return None
    return _union(_of_range(*member, ignores_case=ignores_case) for member in _MEMBER.findall(symbol[1:-1]))


def _of_range(first: str, last: str, *, ignores_case: bool) -> Needed:
    """Return what a member of a class needs: a character, or a range if `last` is not empty."""
    if not last:
        return _of_literal(first, ignores_case=ignores_case)
    begin, end = ord(_unescape(first)), ord(_unescape(last))
    return None if ignores_case or end - begin >= MAX_RANGE else frozenset(map(chr, range(begin, end + 1)))


def _of_literal(symbol: str, *, ignores_case: bool) -> Needed:
    if symbol == r"\d":
        return frozenset([DIGIT])
    character = _unescape(symbol)
    return frozenset(character) if character and not (ignores_case and character.isalpha()) else None


def _unescape(symbol: str) -> str:
    """Return the character that `symbol` stands for, or an empty string if it stands for a category or a place."""
    if symbol[0] != "\\":
        return symbol
    if symbol[1] in "uUx":
        return chr(int(symbol[2:], 16))
    return _CONTROLS.get(symbol[1], "") if symbol[1].isalnum() else symbol[1]


def _union(sets: Iterable[Needed]) -> Needed:
    union: set[str] = set()
    for needed in sets:
        if not needed:
            return None
        union |= needed
    return frozenset(union)


def _frequency(character: str) -> int:
    """Return about how often a character stands in text."""
    if character in " .,":
        return 20
    if character == DIGIT:
        return 8
    return 10 if character.islower() else 3 if character.isalnum() else 1
