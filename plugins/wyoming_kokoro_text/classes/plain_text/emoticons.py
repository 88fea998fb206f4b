"""Rules for emoticons: a few become emoji, and the others are removed."""

from __future__ import annotations

from wyoming_kokoro_text.rules import Rule

_BEGINS, _ENDS = r"(?<![^\s(])", r"(?![^\s.,!?)])"
"""What stands around an emoticon without parentheses."""
_EMOJI_OF_MOUTH = {
    ")": "🙂", "]": "🙂", "D": "😃", "(": "🙁", "[": "🙁", "P": "😛", "p": "😛", "o": "😮", "O": "😮", "|": "😐",
    "*": "😘",
}  # fmt: skip
# No other text has these signs in parentheses without letters or digits.
_EYES = r"\^_°•◕ಠಥ´◉⊙☉◔♥╥ᵔ¬･・｡ﾟ゜≧≦ʘ⌒˘‿□ω▽△﹏ʖ︿ᴗヮ益∀ᴥ≖￣╯＾＿"
_FACE = rf"[ {_EYES}｀`'>\\<;；*=~×Ддε︵◇○●◯☆★┬╭╮╰ಢ˙ˇ﹃⌣∩♡.\-\u0300-\u036foOTtxXvVwWuUQ]"
_ARM = "[づっつノﾉヽლ]?"
_ARM_BEFORE = r"(?:[\\＼ヽヾ╰٩ᕙლ┌└щ¯]_?|(?<!\w)m)?"
_ARMS_AFTER = r"(?:_?[/／ノﾉ╯づっつゞｼ彡ミ۶ᕗლ┘┐☞](?![ぁ-ヿ])|m(?!\w)){0,4}"

EMOTICONS = (
    Rule(
        rf"{_ARM_BEFORE}[(（ʕ]{_ARM}(?={_FACE}{{0,11}}[{_EYES}]){_FACE}{{2,12}}{_ARM}[)）ʔ]{_ARMS_AFTER}",
        " ",
        any=(
            "(╯°□°)╯︵ ┻━┻ => ", "(^_^) Fine (>_<) => Fine", "ʕ•ᴥ•ʔ => ", "(づ｡◕‿‿◕｡)づ => ", "( ͡° ͜ʖ ͡°) => ",
            "(ノಠ益ಠ)ノ彡┻━┻ => ", "(´・ω・`) => ", "\\(^o^)/ => ", "m(_ _)m => ", "(・∀・)つまり => つまり",
            "(°C) (x) (...) => (°C) (x) (...)",
        ),
    ),
    Rule(r"¯\\{0,2}_\(ツ\)_/¯|\(ツ\)", " ", any="¯\\_(ツ)_/¯ => "),
    Rule(
        rf"{_BEGINS}(?:\^[_.\-o]?\^|[>;T][_.]{{1,2}}[<;T]|-[_.]{{1,2}}-|[oO][_.][oO]|[ಠಥ◕][_.‿益]+[ಠಥ◕]|xD){_ENDS}",
        " ",
        any="^_^ T_T >_< o_O ಠ_ಠ xD -_- => ",
    ),
    Rule(rf"{_BEGINS};-?[)(\]DP]{_ENDS}", "😉", any="Fine ;-) thanks => Fine thanks"),
    Rule(rf"{_BEGINS}[:=]['’]-?\({_ENDS}", "😢", any="Lost :'( => Lost"),
    Rule(
        rf"{_BEGINS}(?::-|[:=])([)(\]\[DPpoO|*]){_ENDS}",
        lambda match: _EMOJI_OF_MOUTH[match[1]],
        any=("Fine :-) thanks :D => Fine thanks", "Options:D => Options:D"),
    ),
    Rule(
        r"(?<!\S)(?<!\b(?:is|if|be|at)\s)(?<!\b(?:are|was)\s)<3+(?=\s*(?:$|[.,!?)]|<3))",
        "❤️",
        any="Thanks <3 <3 => Thanks",
        en="It is <3 => It is less than 3",
    ),
    Rule(
        r"(?<=\b[Ii]\s)<3(?=\s[a-z])",
        "❤️",
        en=("I <3 you => I you", "<3 minutes => less than 3 minutes"),
    ),
)  # fmt: skip
