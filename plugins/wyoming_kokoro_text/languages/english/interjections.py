"""English rules for interjections, which people write with any number of letters."""

from __future__ import annotations

from wyoming_kokoro_text.rules import Rule

INTERJECTIONS = (
    Rule(r"\b([Ss])+h{2,9}\b", r"\1hush", en="Shh, the baby sleeps => Shush, the baby sleeps"),
    Rule(r"\b[Mm]{1,9}[ -]?[Hh][Mm]{1,9}\b", "mhm", en="Mm-hmm, got it => mhm, got it"),
    Rule(r"\b([Uu])h-huh\b", r"\1h huh", en="Uh-huh, sure => Uh huh, sure"),
    Rule(r"\b([AaUu])[AaUu]{0,9}h{2,9}\b", r"\1h", en="Ahh, uhh => Ah, uh"),
    Rule(r"\b([Aa])a{0,9}w{2,9}\b", r"\1w", en="Aww, thanks => Aw, thanks"),
    Rule(r"\b([EeOo])(?:h{2,9}|e{0,9}w{2,9})\b", lambda match: match[1] + match[0][-1], en="Ohh, eww => Oh, ew"),
    Rule(r"\b([Oo])o{2,9}h{1,9}\b", r"\1oh", en="Ooooh, nice => Ooh, nice"),
    Rule(r"\b([Uu])m{2,9}\b", r"\1m", en="Umm, okay => Um, okay"),
    Rule(r"\b([Hh])m{3,9}\b", r"\1mm", en="Hmmm. => Hmm."),
    Rule(r"\b([Bb])r{2,9}\b", r"\1urr", en="Brrr, it is cold => Burr, it is cold"),
    Rule(r"\b([Gg])r{2,9}\b", r"\1ur", en="Grr! => Gur!"),
    Rule(r"\b([Tt])sk\b", r"\1isk", en="Tsk, tsk. => Tisk, tisk."),
    Rule(r"\b([Tt])a-da{1,9}\b", r"\1ah dah", en="Ta-da! => Tah dah!"),
    Rule(
        r"\b([Hh]a)((?:ha){1,9})h?\b",
        lambda match: match[1] + " ha" * (len(match[2]) // 2),
        en="Haha, hahaha => Ha ha, ha ha ha",
    ),
)
