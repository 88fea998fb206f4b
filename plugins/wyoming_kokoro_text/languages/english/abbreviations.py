"""English rules for abbreviations.

An abbreviation at the end of a sentence keeps its full stop: at the end of the text, and before a word that often
begins a sentence.
"""

from __future__ import annotations

import re

from wyoming_kokoro_text.classes.patterns import any_of, spell
from wyoming_kokoro_text.languages.english.dates import full_month
from wyoming_kokoro_text.rules import Rule

_BEFORE_NAMES = {
    "Adm": "Admiral", "Amb": "Ambassador", "Atty": "Attorney", "Capt": "Captain", "Cmdr": "Commander", "Col": "Colonel",
    "Cpl": "Corporal", "Det": "Detective", "Dr": "Doctor", "Fr": "Father", "Ft": "Fort", "Gen": "General",
    "Gov": "Governor", "Hon": "Honorable", "Lt": "Lieutenant", "Maj": "Major", "Messrs": "Messers", "Mr": "Mister",
    "Mrs": "Missus", "Ms": "Miz", "Msgr": "Monsignor", "Mt": "Mount", "Pres": "President", "Prof": "Professor",
    "Pt": "Point", "Pvt": "Private", "Rep": "Representative", "Rev": "Reverend", "Sen": "Senator", "Sgt": "Sergeant",
    "St": "Saint", "Ste": "Saint", "Supt": "Superintendent",
}  # fmt: skip
"""Titles, and the first words of places. Other words follow some of them too: `Elm Dr. is closed`."""
_STREETS = {
    "Av": "Avenue", "Ave": "Avenue", "Blvd": "Boulevard", "Cir": "Circle", "Ct": "Court", "Dr": "Drive",
    "Expy": "Expressway", "Hwy": "Highway", "Ln": "Lane", "Pkwy": "Parkway", "Pl": "Place", "Rd": "Road",
    "Sq": "Square", "St": "Street", "Ter": "Terrace",
}  # fmt: skip
_DIRECTIONS = {
    "N": "North", "S": "South", "E": "East", "W": "West", "NE": "Northeast", "NW": "Northwest", "SE": "Southeast",
    "SW": "Southwest",
}  # fmt: skip
_BEFORE_NUMBERS = {
    "apt": "apartment", "art": "article", "bldg": "building", "ch": "chapter", "ext": "extension", "fig": "figure",
    "figs": "figures", "fl": "floor", "hwy": "highway", "max": "maximum", "min": "minimum", "no": "number",
    "nos": "numbers", "p": "page", "para": "paragraph", "pg": "page", "pp": "pages", "qty": "quantity",
    "ref": "reference", "rm": "room", "rt": "route", "rte": "route", "sec": "section", "ste": "suite",
    "tel": "telephone", "ver": "version", "vol": "volume",
}  # fmt: skip
_ANYWHERE = {
    "approx": "approximately", "assn": "association", "attn": "attention", "avg": "average", "bldg": "building",
    "blvd": "boulevard", "bros": "brothers", "co": "company", "corp": "corporation", "dept": "department",
    "excl": "excluding", "govt": "government", "hwy": "highway", "inc": "incorporated", "incl": "including",
    "intl": "international", "jr": "junior", "ltd": "limited", "max": "maximum", "misc": "miscellaneous",
    "mtg": "meeting", "mts": "mountains", "natl": "national", "pkwy": "parkway", "sr": "senior", "temp": "temperature",
    "univ": "university",
}  # fmt: skip
_STATES = {
    "Ala": "Alabama", "Ariz": "Arizona", "Calif": "California", "Colo": "Colorado", "Conn": "Connecticut",
    "Fla": "Florida", "Ind": "Indiana", "Kan": "Kansas", "Mass": "Massachusetts", "Mich": "Michigan",
    "Minn": "Minnesota", "Neb": "Nebraska", "Nev": "Nevada", "Okla": "Oklahoma", "Ore": "Oregon",
    "Penn": "Pennsylvania", "Tenn": "Tennessee", "Tex": "Texas", "Wash": "Washington", "Wis": "Wisconsin",
    "Wyo": "Wyoming",
}  # fmt: skip
"""States of the USA after the name of a town, as newspapers write them."""
_MONTHS = "Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec"
_STARTERS = (
    "A|An|And|At|But|He|Her|His|How|I|If|In|It|My|On|Our|Please|She|So|That|The|Then|There|These|They|This|We|What"
    "|When|Who|You|Your"
)
_ENDS_SENTENCE = rf"(?P<end>(?=\s*$|\s+(?:{_STARTERS})\b))?"
_NAME = r"(?:[A-Z][a-z’']{1,20}|\d{1,3}(?:st|nd|rd|th))"
_BEFORE_STREETS = r"\d{1,5}[A-Z]?|[Aa]long|[Aa]nd|[Aa]t|[Dd]own|[Ff]rom|[Nn]ear|[Oo]ff|[Oo]n|[Oo]nto|[Tt]o|[Uu]p"
_STREET, _FULL_STREET = any_of(_STREETS), any_of((*_STREETS.values(), "Way"))
_REGIONS = "African?|American?|Carolina|Coast|Dakota|Ireland|Korean?|Side|Virginia|Yorkshire"


def _expand(words: dict[str, str]) -> dict[str, str]:
    """Return `words`, and each of them with a capital."""
    return words | {short.capitalize(): word.capitalize() for short, word in words.items()}


_NUMBER_WORDS, _OTHER_WORDS = _expand(_BEFORE_NUMBERS), _expand(_ANYWHERE)


def _stop(match: re.Match[str]) -> str:
    return "" if match["end"] is None else "."


def _verbalize_street(match: re.Match[str]) -> str:
    """Return the name of a street. `5 Main St.` becomes `5 Main Street`."""
    stop = "." if match["dot"] and match["end"] is not None else ""
    return f"{match['before']} {match['name']}{_STREETS[match['street']]}{stop}"


ABBREVIATIONS = (
    Rule(
        rf"(?<![\w.'’&-])(?<![A-Z]\.\s)(?<!\b[Vv]itamin )"
        rf"(?P<direction>[NS][EW]?|[EW])\.?(?=\s(?:{_NAME}\s){{1,3}}(?:{_STREET}|{_FULL_STREET})\b)",
        lambda match: _DIRECTIONS[match["direction"]],
        en=(
            "N. Elm Blvd. is closed, E 42nd Street is open => North Elm Boulevard is closed, East 42nd Street is open",
            "Vitamin E Oak Lane => Vitamin E Oak Lane",
        ),
    ),
    Rule(
        rf"(?<![\w.])(?P<direction>[NSEW])\.(?=\s(?:{_REGIONS})\b)",
        lambda match: _DIRECTIONS[match["direction"]],
        en="N. Carolina and S. Korea => North Carolina and South Korea",
    ),
    Rule(
        rf"\b(?P<before>{_BEFORE_STREETS})\s(?P<name>(?:{_NAME}\s){{1,4}})"
        rf"(?P<street>{_STREET})\b(?P<dot>\.?)(?!['’-])(?!\s(?!{_STARTERS})[A-Z][a-z]){_ENDS_SENTENCE}",
        _verbalize_street,
        en=(
            "We lived on Elm Dr. last year. => We lived on Elm Drive last year.",
            "at 5 N. Oak Ave. and 200 W 57th St. => at 5 North Oak Avenue and 2 hundred West 57th Street.",
        ),
    ),
    Rule(
        rf"(?<=[a-z\d]\s)(?P<street>Dr|St|Ct|Pl|Sq)\.(?=,|\s+[a-z\d(]|$){_ENDS_SENTENCE}",
        lambda match: _STREETS[match["street"]] + _stop(match),
        en="Main St. is near St. John, Oak Ct. is closed => Main Street is near Saint John, Oak Court is closed",
    ),
    Rule(
        rf"\b(?P<street>Ave|Blvd|Cir|Expy|Ln|Rd)\.{_ENDS_SENTENCE}",
        lambda match: _STREETS[match["street"]] + _stop(match),
        en="5th Ave. and Elm Blvd. off Mill Rd. => 5th Avenue and Elm Boulevard off Mill Road.",
    ),
    Rule(
        r"(?<=[a-z’'] )(Blvd|Ln|Pkwy|Rd)\b(?!\.)|(?<=(?:St|Rd|ve|et|ad|ue)\s)(NW|NE|SW|SE)\b",
        lambda match: _STREETS[match[1]] if match[1] else _DIRECTIONS[match[2]],
        en="Mill Rd, 16 Oak Avenue NW => Mill Road, 16 Oak Avenue Northwest",
    ),
    Rule(
        rf"\b({any_of(_BEFORE_NAMES)})\.(?=\s+(?:[A-Z]|(?:and|&|or)\s))",
        lambda match: _BEFORE_NAMES[match[1]],
        en=(
            "Dr. Smith, Mrs. Jones, Ms. Lee and Prof. Gray => Doctor Smith, Missus Jones, Miz Lee and Professor Gray",
            "Lt. Col. Dean, Sen. Hall and Rep. King => Lieutenant Colonel Dean, Senator Hall and Representative King",
            "Ft. Worth, Mt. Fuji and St. Louis => Fort Worth, Mount Fuji and Saint Louis",
        ),
    ),
    Rule(
        r"\b(Mt|Ft)(?=\s[A-Z][a-z])",
        lambda match: _BEFORE_NAMES[match[1]],
        en="Mt Rainier and Ft Lauderdale => Mount Rainier and Fort Lauderdale",
    ),
    Rule(r"\bSt(?=\s[A-Z][a-z])", "Saint", en="St Albans => Saint Albans"),
    Rule(r"\b[Rr]ef\.?\s[Nn]o\.", "reference number", en="Ref. no. 42 => reference number 42"),
    # Before numbers, the capital of `No.` distinguishes it from an answer.
    Rule(
        rf"\b(?!no\b|(?<=\d[\s-])(?:fl|min|p|pt|sec)\b)({any_of(_NUMBER_WORDS)})\.\s?(?=[\d(+])",
        lambda match: f"{_NUMBER_WORDS[match[1]]} ",
        en=(
            "vol. 2, fig. 3, p. 4 and pp. 5–6 => volume 2, figure 3, page 4 and pages 5 to 6",
            "Hwy. 61, Apt. 4B and Ext. 204 => Highway 61, Apartment 4B and Extension 2 0 4",
            "No. 5, but no. I did => Number 5, but no. I did",
        ),
    ),
    Rule(
        rf"\b({any_of(_OTHER_WORDS)})\.(?![\w/]){_ENDS_SENTENCE}",
        lambda match: _OTHER_WORDS[match[1]] + _stop(match),
        en=(
            "Acme Inc. is => Acme Incorporated is",
            "Martin Luther King Jr. and Sr. => Martin Luther King Junior and Senior.",
            "the Dept. of Sound at Acme Ltd. The => the Department of Sound at Acme Limited. The",
            "approx. 5, max. 7 and avg. temp. 4 => approximately 5, maximum 7 and average temperature 4",
        ),
    ),
    Rule(
        rf"(?:(?<=[a-z], )|(?<=\b[Ii]n )|(?<=\b[Nn]ear ))({any_of(_STATES)})\.{_ENDS_SENTENCE}",
        lambda match: _STATES[match[1]] + _stop(match),
        en="Portland, Ore., is wet, and Mesa, Ariz. => Portland, Oregon, is wet, and Mesa, Arizona.",
    ),
    Rule(rf"\b({_MONTHS})\.(?=\s+[a-z])", lambda match: full_month(match[1]), en="Jan. was cold => January was cold"),
    Rule(r"\b[Ee]\.g\.,?", "for example,", en="fruit, e.g. apples => fruit, for example, apples"),
    Rule(r"\b[Ii]\.e\.,?", "that is,", en="red, i.e., on => red, that is, on"),
    Rule(r"\betc\.(?=,?\s+[a-z]|,)", "et cetera", en="apples, etc., and pears => apples, et cetera, and pears"),
    Rule(r"\betc\.", "et cetera.", en="apples, pears, etc. => apples, pears, et cetera."),
    Rule(r"\bet al\.(?!$)", "et al", en="Smith et al. found it => Smith et al found it"),
    Rule(r"\b(?:vs|VS)\.?(?=\s)", "versus", en="home vs. away => home versus away"),
    Rule(r"\b[Ee]st\.(?=\s+\d)", "established", en="est. 1901 => established 19 oh 1"),
    Rule(r"\b[Ee]st\.(?=\s+[a-z])", "estimated", en="est. arrival => estimated arrival"),
    Rule(r"(?<=\d) doz\.(?=\s+[a-z])", " dozen", en="2 doz. eggs => 2 dozen eggs"),
    Rule(r"(?<=\d) c\.(?=\s+[a-z])", " cups", en="3 c. milk => 3 cups milk"),
    Rule(r"\b(a|p)\.\s?m\.(?=,|\s+[a-z\d(])", r"\1m", en="at 6 p.m. today => at 6 PM today"),
    Rule(r"\b(a|p)\.\s?m\.", r"\1m.", en="at 6 p.m. => at 6 PM."),
    Rule(r"\bPh\.?D\.?", "P H D", en="a Ph.D. in music => a P H D in music"),
    Rule(r"\b[Aa]\.?[Kk]\.?[Aa]\.(?=\s)|\baka\b", "eh K eh", en="Bob, a.k.a. Bo => Bob, eh K eh Bo"),
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
    Rule(
        r"(?<!\d\s)\b([A-Z])\.(?=\s+[A-Z])",
        r"\1",
        en="J. R. Smith has 5 V. Batteries are full => J R Smith has 5 volts. Batteries are full",
    ),
    Rule(r"\bw/o\b", "without", en="w/o milk and w/ sugar => without milk and with sugar"),
    Rule(r"(?<!\w)w/(?=\s?\w)", "with ", en="tea w/ sugar => tea with sugar"),
    Rule(r"\bb/c\b", "because", en="b/c it rains => because it rains"),
    Rule(r"\b([Gg])ov[’']t\b", r"\1overnment", en="gov't offices => government offices"),
    Rule(r"\bcont[’']d\b\.?", "continued", en="cont'd on page 3 => continued on page 3"),
    Rule(r"(?<=\d) in\.(?=\s+[a-z])", " inches", en="5 in. and 5 in => 5 inches and 5 inches"),
)
