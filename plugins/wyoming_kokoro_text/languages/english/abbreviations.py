"""English rules for abbreviations."""

from __future__ import annotations

from wyoming_kokoro_text.classes.patterns import spell
from wyoming_kokoro_text.rules import Rule

ABBREVIATIONS = (
    Rule(r"\bMr\.", "Mister", en="Mr. and Ms. Lee, Prof. Gray => Mister and Miz Lee, Professor Gray"),
    Rule(r"\bMrs\.", "Missus", en="Dr. Smith and Mrs. Jones => Doctor Smith and Missus Jones"),
    Rule(r"\bMs\.", "Miz", en="Ms. Lee => Miz Lee"),
    Rule(r"\bDr\.(?=\s+[A-Z])", "Doctor", en="Dr. Smith => Doctor Smith"),
    Rule(r"\bProf\.", "Professor", en="Prof. Gray => Professor Gray"),
    Rule(r"\bSt\.(?=\s+[A-Z])", "Saint", en="12 Main St. is near St. John => 12 Main Street is near Saint John"),
    Rule(r"\bSt\.", "Street", en="12 Main St. is near => 12 Main Street is near"),
    Rule(r"\bAve\.", "Avenue", en="5th Ave. and Elm Blvd. off Mill Rd. => 5th Avenue and Elm Boulevard off Mill Road"),
    Rule(r"\bBlvd\.", "Boulevard", en="Elm Blvd. and => Elm Boulevard and"),
    Rule(r"\bRd\.", "Road", en="Mill Rd. and => Mill Road and"),
    Rule(r"\bMt\.(?=\s+[A-Z])", "Mount", en="Mt. Fuji => Mount Fuji"),
    Rule(r"\bJr\.", "Junior", en="Martin Luther King Jr. and Sr. => Martin Luther King Junior and Senior"),
    Rule(r"\bSr\.", "Senior", en="Sr. and => Senior and"),
    Rule(
        r"\bGov\.",
        "Governor",
        en="Gov. Dean => Governor Dean",
    ),
    Rule(r"\bSgt\.", "Sergeant", en="Sgt. Pepper => Sergeant Pepper"),
    Rule(r"\bCapt\.", "Captain", en="Capt. Hook => Captain Hook"),
    Rule(r"\bLt\.", "Lieutenant", en="Lt. Dan => Lieutenant Dan"),
    Rule(
        r"\bDept\.",
        "Department",
        en="the Dept. of Sound => the Department of Sound",
    ),
    Rule(r"\bInc\.", "Incorporated", en="Acme Inc. is => Acme Incorporated is"),
    Rule(r"\bLtd\.", "Limited", en="Acme Ltd. is => Acme Limited is"),
    Rule(r"\bCorp\.", "Corporation", en="Acme Corp. is => Acme Corporation is"),
    Rule(r"\b[Ee]\.g\.,?", "for example,", en="fruit, e.g. apples => fruit, for example, apples"),
    Rule(r"\b[Ii]\.e\.,?", "that is,", en="red, i.e., on => red, that is, on"),
    Rule(r"\betc\.(?=,?\s+[a-z]|,)", "et cetera", en="apples, etc., and pears => apples, et cetera, and pears"),
    Rule(r"\betc\.", "et cetera.", en="apples, pears, etc. => apples, pears, et cetera."),
    Rule(r"\b(?:vs|VS)\.?(?=\s)", "versus", en="home vs. away => home versus away"),
    Rule(r"\b[Aa]pprox\.", "approximately", en="approx. 5 and max. 7 => approximately 5 and maximum 7"),
    Rule(r"\b[Ee]st\.(?=\s+\d)", "established", en="est. 1901 => established 1901"),
    Rule(r"\b[Mm]ax\.", "maximum", en="max. 7 => maximum 7"),
    Rule(r"\b[Mm]in\.(?=\s+\d)", "minimum", en="min. 3 and temp. 4 => minimum 3 and temperature 4"),
    Rule(r"\b[Tt]emp\.", "temperature", en="temp. 4 => temperature 4"),
    Rule(
        r"\b[Vv]ol\.(?=\s?\d)",
        "volume",
        en="vol. 2, fig. 3, p. 4 and pp. 5–6 => volume 2, figure 3, page 4 and pages 5 to 6",
    ),
    Rule(r"\b[Ff]igs?\.(?=\s?\d)", "figure", en="fig. 3 => figure 3"),
    Rule(r"\bpp\.\s?(?=\d)", "pages ", en="pp. 5–6 => pages 5 to 6"),
    Rule(r"\bp\.\s?(?=\d)", "page ", en="p. 4 => page 4"),
    Rule(r"\bNo\.\s?(?=\d)", "number ", en="No. 5, but no. I did => number 5, but no. I did"),
    Rule(r"\b(a|p)\.\s?m\.(?=,|\s+[a-z\d(])", r"\1m", en="at 6 p.m. today => at 6 PM today"),
    Rule(r"\b(a|p)\.\s?m\.", r"\1m.", en="at 6 p.m. => at 6 PM."),
    Rule(r"\bPh\.?D\.?", "P H D", en="a Ph.D. in music => a P H D in music"),
    Rule(
        r"\b(?<!\.)((?:[A-Z]\.){2,12})(?=,|\s+\S)",
        lambda match: spell(match[1].replace(".", "")),
        en="in the U.S. today => in the U S today",
    ),
    Rule(
        r"\b(?<!\.)((?:[A-Z]\.){2,12})$",
        lambda match: spell(match[1].replace(".", "")) + ".",
        en="in the U.K. => in the U K.",
    ),
    Rule(r"\b([A-Z])\.(?=\s+[A-Z])", r"\1", en="J. R. Smith => J R Smith"),
    Rule(r"\bw/o\b", "without", en="w/o milk and w/ sugar => without milk and with sugar"),
    Rule(r"(?<!\w)w/(?=\s?\w)", "with ", en="tea w/ sugar => tea with sugar"),
    Rule(r"(?<=\d) in\.(?=\s+[a-z])", " inches", en="5 in. and 5 in => 5 inches and 5 inches"),
)
