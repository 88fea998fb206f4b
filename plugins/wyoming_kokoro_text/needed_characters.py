"""Finds sets of characters, of each of which every match of a regular expression has at least one.

A rule is skipped for a text without them. Of more than 350 rules of English, "Good morning" needs 7, and a sentence
with a temperature about 70.
"""

from __future__ import annotations

import re
from functools import lru_cache

DIGIT = "digit"
"""Stands for any digit."""
WIDE = "wide"
"""Stands for any character after the letters of Western Europe."""
LAST_LATIN = 0xFF
MAX_RANGE = 128
"""Larger ranges of characters are `WIDE`."""
MAX_SETS = 3
"""The rarest sets of a pattern, which are checked. Others seldom decide."""
MAX_REMEMBERED_TEXTS = 4
"""The filters of a language get the same text, one after the other, until one changes it."""

Needed = frozenset[str]
"""Characters of which a match has one."""

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
        self._alternatives: list[list[Needed]] = []
        self.parts: list[list[Needed]] = []
        """What each part of the last alternative needs: one of every set."""

    def end_alternative(self) -> None:
        self._alternatives.append([needed for part in self.parts for needed in part])
        self.parts = []

    def close(self) -> list[Needed]:
        """Return what the group needs: all that its only alternative needs, or the rarest that each of several does."""
        self.end_alternative()
        if self._is_negative or not all(self._alternatives):
            return []
        first, *others = self._alternatives
        return [frozenset().union(*(min(sets, key=_frequency) for sets in self._alternatives))] if others else first


def needed_characters(pattern: str) -> tuple[Needed, ...]:
    """Return sets of characters, the rarest first. A match of `pattern` has one of every set."""
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
            parts[-1] = [] if _IS_OPTIONAL.match(symbol) else parts[-1]
        elif symbol[0] == "[":
            parts.append(_of_class(symbol, ignores_case=ignores_case))
        elif symbol in _ANYTHING or symbol[0] == "(":
            parts.append([])
        else:
            parts.append([needed] if (needed := _of_literal(symbol, ignores_case=ignores_case)) else [])
    return tuple(sorted(dict.fromkeys(groups[0].close()), key=_frequency)[:MAX_SETS])


@lru_cache(MAX_REMEMBERED_TEXTS)
def characters_of(text: str) -> frozenset[str]:
    """Return the characters of `text`, and `DIGIT` and `WIDE` if it has such characters."""
    characters = set(text)
    if any(map(str.isdecimal, characters)):
        characters.add(DIGIT)
    if ord(max(text, default="a")) > LAST_LATIN:
        characters.add(WIDE)
    return frozenset(characters)


def _of_class(symbol: str, *, ignores_case: bool) -> list[Needed]:
    """Return the characters of a class, unless they are too many or unknown."""
    if symbol[1] == "^":
        return []
    members = [_of_range(*member, ignores_case=ignores_case) for member in _MEMBER.findall(symbol[1:-1])]
    return [frozenset().union(*members)] if all(members) else []


def _of_range(first: str, last: str, *, ignores_case: bool) -> Needed:
    """Return the characters of a member of a class, which is a range if `last` is not empty."""
    if not last:
        return _of_literal(first, ignores_case=ignores_case)
    begin, end = ord(_unescape(first)), ord(_unescape(last))
    if not ignores_case and end - begin < MAX_RANGE:
        return frozenset(map(chr, range(begin, end + 1)))
    return frozenset([WIDE] if begin > LAST_LATIN else ())


def _of_literal(symbol: str, *, ignores_case: bool) -> Needed:
    if symbol == r"\d":
        return frozenset([DIGIT])
    character = _unescape(symbol)
    return frozenset() if ignores_case and character.isalpha() else frozenset(character)


def _unescape(symbol: str) -> str:
    """Return the character that `symbol` stands for, or an empty string if it stands for a category or a place."""
    if symbol[0] != "\\":
        return symbol
    if symbol[1] in "uUx":
        return chr(int(symbol[2:], 16))
    return _CONTROLS.get(symbol[1], "") if symbol[1].isalnum() else symbol[1]


def _frequency(characters: Needed) -> int:
    """Return about how often one of `characters` stands in text."""
    return sum(map(_frequency_of_one, characters))


def _frequency_of_one(character: str) -> int:
    if character in " .,":
        return 20
    if character == DIGIT:
        return 8
    if character == WIDE:
        return 4
    return 10 if character.islower() else 3 if character.isalnum() else 1
