"""Rules that replace variants of letters, digits and spaces with plain ones, before any other rule sees them.

NFKC would do more, but it also changes what other rules read: `m²`, `½`, `2º`, `…` and `™`.
"""

from __future__ import annotations

import re
import unicodedata

from wyoming_kokoro_text.classes.patterns import text_before
from wyoming_kokoro_text.rules import Rule

_MARKS = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20df\ufe20-\ufe2f"
_BASE_LETTER = re.compile(r"LATIN (?:(SMALL|CAPITAL) LETTER|LETTER SMALL CAPITAL) (?:[A-Z]{2,} )?([A-Z])\b")
_FIRST_ITEM = re.compile("[①⑴⒈❶➀➊⓵]")
_CONJUNCTION = re.compile(r"\b(?:and|or|than|et|ou|[yoe])$|[とやか和或]$")
_MAX_ITEMS = 200
"""Characters from the first item of a list to its last."""
# espeak reads these letters in words, and spells words with other letters of their blocks.
_READABLE = frozenset("șțȘȚẞəƏɛƐɔƆɐɒɜ")


def _to_nfc(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFC", match[0])


def _to_nfkc(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", match[0])


def _to_unit(match: re.Match[str]) -> str:
    return _to_nfkc(match).replace("2", "²").replace("3", "³")


def _to_number(match: re.Match[str]) -> str:
    """Return the number, after a comma if it stands between two items of a list."""
    before = text_before(match, _MAX_ITEMS)
    return f"{', ' if _is_between_items(before) else match[1]}{unicodedata.numeric(match[2]):.0f} "


def _is_between_items(before: str) -> bool:
    """Return whether a list goes on: the text before has its first item, and no word joins `plan ①` and `plan ②`."""
    first = _FIRST_ITEM.search(before)
    if not first or not before[-1:].isalnum() or _CONJUNCTION.search(before):
        return False
    label = before[: first.start()].rstrip()[-2:]
    return not label or not before.endswith(label)


def _to_digit(match: re.Match[str]) -> str:
    return str(unicodedata.decimal(match[0]))


def _to_plain_greek(match: re.Match[str]) -> str:
    """Return the letter without the marks that modern Greek does not have, and with an acute in place of any accent."""
    base, *marks = list(unicodedata.normalize("NFD", match[0]))
    accent = "" if {"\u0300", "\u0301", "\u0342"}.isdisjoint(marks) else "\u0301"
    return unicodedata.normalize("NFC", base + accent)


def _drop_symbol(match: re.Match[str]) -> str:
    """Return a letter, a mark or a digit, and a space for a symbol. espeak would name its script or code point."""
    category = unicodedata.category(match[0])
    return match[0] if category[0] in "LM" or category == "Nd" else " "


def _to_base_letter(match: re.Match[str]) -> str:
    """Return the letter without its marks, or nothing for a letter that is not one of the alphabet."""
    if match[0] in _READABLE:
        return match[0]
    base = _BASE_LETTER.match(unicodedata.name(match[0], ""))
    if not base:
        return ""
    return base[2] if base[1] == "CAPITAL" else base[2].lower()


CHARACTERS = (
    Rule(
        r"(?<=\d)[\u00a0\u2007\u2009\u202f](?=\d{3}(?!\d))",
        "",
        any=("1\u00a0000 => 1000", "12\u202f345 => 12345", "12\u2009345 => 12345"),
    ),
    # Rules that match whitespace take linear time because of these: no later rule finds long runs of it.
    Rule(r"[^\S\n]+", " ", any=("two \t\u00a0 words => two words", "20\u202f°C => 20 °C")),
    Rule(r" ?\n ?", "\n", any="two \n lines => two lines"),
    Rule(r"(?<=[^\W\d_]{2})\((s|es)\)(?!\w)", r"\1", any="two timer(s) => two timers"),
    Rule(r"\n{3,}", "\n\n", any="two\n\n\n\nparagraphs => two paragraphs"),
    # Soft hyphens, zero-width spaces and marks of direction.
    Rule(
        r"[\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]",
        "",
        any=("zero\u200bwidth => zerowidth", "so\u00adlar => solar", "\u200eleft\u200f => left"),
    ),
    # Joiners have a meaning between emoji, and in Arabic and Indian scripts.
    Rule(r"(?<=[\u0000-\u05ff\u1e00-\u1fff\u3040-\u9fff])[\u200c\u200d]", "", any="ca\u200dfe => cafe"),
    # The number of marks is limited because NFC takes quadratic time for them.
    Rule(rf"([{_MARKS}]{{4}})[{_MARKS}]+", r"\1", any="a\u0316\u0317\u0318\u0319\u031a\u031b => a"),
    Rule(
        rf"\w[{_MARKS}\u3099\u309a]+", _to_nfc, any=("cafe\u0301 => café", "Mu\u0308ller => Müller", "か\u3099 => が")
    ),
    Rule(
        r"[\u1100-\u11ff]{2,}|[\u2126\u212a\u212b\uf900-\ufaff]",
        _to_nfc,
        any=("\u1112\u1161\u11ab => 한", "5 \u2126 => 5 Ω"),
    ),
    Rule(
        r"( ?)([\u2460-\u249b\u24ea-\u24ff\u2776-\u2793\u3251-\u325f\u32b1-\u32bf\u3248-\u324f])",
        _to_number,
        any=("①Milk ② eggs => 1 Milk, 2 eggs", "Plan ① and plan ② or ③ => Plan 1 and plan 2 or 3"),
        ja="買い物は①牛乳②卵 => 買い物は1牛乳, 2卵",
    ),
    # Full width and half width. Full-width punctuation is Chinese and Japanese.
    Rule(
        r"(?:(?![！（），．：；？])[\uff01-\uff5e\uff66-\uffdc\uffe0-\uffe6])+|(?<=\d)．(?=\d)",
        _to_nfkc,
        any=("ｆｕｌｌ ２１ => full 21", "ﾄﾞｱ => ドア", "２．５ => 2.5"),
    ),
    # Ligatures, and forms of Arabic and Hebrew letters.
    Rule(
        r"[\ufb00-\ufdfc\ufe70-\ufefc\u0132\u0133\u0149\u017f\u01c4-\u01cc\u01f1-\u01f3]",
        _to_nfkc,
        any="ﬁne ǆep ﻻ => fine džep لا",
    ),
    Rule(
        r"[\u2102\u210a-\u2115\u2119-\u211d\u2124\u2128\u212c\u212d\u212f-\u2138\u213c-\u2149\u2160-\u217f\U0001d400-\U0001d7cb]",
        _to_nfkc,
        any="𝗕𝗼𝗹𝗱 𝓽𝓮𝔁𝓽 Ⅳ => Bold text IV",
    ),
    Rule(
        r"[\u02b0-\u02b8\u02e0-\u02e3\u1d2c-\u1d6a\u1d78\u1d9b-\u1dbf\u2071\u207f\u2090-\u209c]",
        _to_nfkc,
        any="1ˢᵗ => 1st",
    ),
    # Three of them are emoji.
    Rule(
        r"(?![Ⓜ㊗㊙])[\u249c-\u24e9\u3200-\u3247\u3260-\u327e\u3280-\u32b0\u3300-\u3370\U0001f130-\U0001f149]",
        _to_nfkc,
        any="Ⓐ ㌔ => A キロ",
    ),
    Rule(r"[\u3371-\u33fe]", _to_unit, any="5 ㎡ ㎏ => 5 m² kg"),
    Rule(r"(?=[\u0660-\U0001fbff])\d", _to_digit, any="٢١ २१ => 21 21"),
    Rule("\u066b", ".", any="٢\u066b٥ => 2.5"),
    Rule("\u066c", ",", any="٢\u066c٠٠٠ => 2,000"),
    Rule(r"[\u1f00-\u1fff]", _to_plain_greek, any="ἀρχὴ => αρχή"),
    Rule(r"[\u02bb\u02bc]", "’", any="Hawaiʻi => Hawai’i"),
    # Symbols of other scripts, except punctuation; of techniques and of rare mathematics.
    Rule(
        r"(?![।॥॰۔։።،፣؛؟՞])[\u0374-\u037e\u0482-\u1eff\u2180-\u218b\u2400-\u245f\u27c0-\u27ef\u2900-\u2bff\u2c80-\u2fff\u3013-\u301b\u301d-\u303f"
        r"\u3190-\u319f\u31c0-\u31ef\u4dc0-\u4dff\ua490-\ua4cf\ua60d-\uabff\ufdfd-\ufe1f\ufe45-\ufe6f\uffe8-\uffff\U00010000-\U0001efff]",
        _drop_symbol,
        any="৳ ܀ ⟨a⟩ ꙳ => a",
    ),
    Rule(r"[\u02b9\u02ba\u02bd-\u02df\u02e4-\u02ff]", "", any="aʹ bˈc => a bc"),
    # Home Assistant capitalizes the names of sensors: `Co₂ sensor`.
    Rule(
        r"(?<![A-Za-z\d])[Cc][Oo][2₂](?![A-Za-z\d])",
        "CO2",
        en="Co₂ and co2 => C O 2 and C O 2",
        es="Co₂ => ce o dos",
        fr="Co₂ => C O deux",
        it="Co₂ => C O due",
        pt="Co₂ => cê ó dois",
        hi="Co₂ => सी ओ टू",
        ja="Co₂ => シーオーツー",
        zh="Co₂ => 二氧化碳",
    ),
    # What NFC did not combine.
    Rule(rf"(?<=[\u0000-\u036f])[{_MARKS}]+", "", any="a\u0336b\u0336 => ab"),
)

# After the lexicon, which may have the word with its marks.
LETTERS = (
    Rule(
        r"[\u0180-\u02af\u1d00-\u1d2b\u1d6b-\u1d77\u1d79-\u1d9a\u1e00-\u1eff\u2c60-\u2c7f\ua722-\ua7ff\uab30-\uab64]",
        _to_base_letter,
        any=("Nguyễn, Ștefan, Əli => Nguyen, Ștefan, Əli", "ꜱᴍᴀʟʟ => small"),
    ),
)
