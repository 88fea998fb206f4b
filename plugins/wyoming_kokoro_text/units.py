"""The units that Home Assistant prints, and how a language says them.

A language has words for the plain units; prefixes, powers and quotients are composed: `μg/m³` is `microgram` and
`cubic meter`, joined by `per`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property


def listed(text: str) -> tuple[str, ...]:
    """Return the words of `text`."""
    return tuple(text.split())


UNIT_SYMBOLS = listed(
    # power, energy, current, voltage
    "mW W kW MW GW TW VA mVA kVA var mvar kvar varh kvarh BTU BTU/h J kJ MJ GJ mWh Wh kWh MWh GWh TWh cal kcal Mcal"
    " Gcal thm Ω kΩ μA mA A Ah mAh μV mV V kV MV Wh/km kWh/100km mi/kWh km/kWh"
    # temperature, time, angle
    " °C °F ° K μs ms s min h d w y"
    # length, area, volume, mass
    " mm cm m km in ft yd mi nmi mm² cm² m² km² in² ft² yd² mi² ac ha ft³ CCF MCF m³ L l mL ml cL dL gal floz μg mg g"
    " kg oz lb lbs st mg/dL mmol/L"
    # flow, speed, rain, turning
    " m³/h m³/min m³/s ft³/min L/h L/min L/s mL/s gal/h gal/min gal/d m/s m/min km/h mm/s ft/s in/s mph kn Beaufort"
    " mm mm/h mm/d in/h in/d rpm"
    # frequency, pressure, sound, light, radiation
    " mHz Hz kHz MHz GHz mPa Pa hPa kPa bar cbar mbar mmHg inHg inH₂O psi atm dB dBA dBm lx lm W/m² BTU/(h⋅ft²) Bq/m³"
    " pCi/L"
    # concentration, conductivity
    " % ppm ppb g/m³ mg/m³ μg/m³ μg/ft³ S/cm mS/cm μS/cm"
    # data
    " bit kbit Mbit Gbit B kB MB GB TB PB EB ZB YB KiB MiB GiB TiB PiB EiB ZiB YiB bit/s kbit/s Mbit/s Gbit/s B/s kB/s"
    " MB/s GB/s KiB/s MiB/s GiB/s Mbps kbps Gbps fps"
)
"""Those of Home Assistant 2026.11, but for months (`m`), and what language models write besides."""

NEEDS_SPACE = frozenset(listed("A B K L ac bar cal d g h ha in kn l lb lbs m mi min oz s st var w y yd ft atm thm"))
"""Units that count behind a space only, since `5s`, `4K` and `1st` mean other things."""
NEEDS_CLAUSE_END = frozenset(listed("in st"))
"""Units that count at the end of a clause only: `3 in` is a length, `3 in the kitchen` is not."""
UNIT_PATTERN = r"[°%A-Za-zμµΩ](?:[\w°%⋅·²³₂]|/(?=[\w(])|(?<=/)\(h[⋅·]ft[²2]\))*"
"""What a unit may look like. Whether it is one is looked up: a pattern of all units takes long to compile."""
_VARIANTS = (("μ", "µ"), ("³", "3"), ("²", "2"), ("⋅", "·"))


@dataclass(frozen=True)
class UnitNames:
    """How one language says units."""

    names: Mapping[str, str]
    """By unit, `one|many`, or one word for both; composed units only where they are irregular."""
    prefixes: Mapping[str, str]
    square: str
    """`square {}`, or `{} cuadrado|{} cuadrados`."""
    cubic: str
    per: str
    """` per {}`, with the word for one."""
    irregular_per: Mapping[str, str] = field(default_factory=dict)
    """By denominator: `h` is said `all'ora` in Italian."""
    one: str = "1"
    """A pattern of the numbers that go with the singular."""
    words: frozenset[str] = frozenset()
    """Units that are words of the language, and never units: `y` is `and` in Spanish."""

    @cached_property
    def spoken_forms(self) -> Mapping[str, tuple[str, str]]:
        """Return one and many of each unit in `UNIT_SYMBOLS`, by every way to write it."""
        return {variant: self._name(unit) for unit in UNIT_SYMBOLS for variant in _variants(unit)}

    def find_after_number(self, written: str, *, spaced: bool, last: bool) -> tuple[str, str] | None:
        """Return one and many of the unit `written` behind a number, or None where it is none.

        `spaced`: with a space between; `last`: with nothing more to come in the clause.
        """
        if (
            written in self.words
            or (written in NEEDS_SPACE and not spaced)
            or (written in NEEDS_CLAUSE_END and not last)
        ):
            return None
        if written in self.spoken_forms:
            return self.spoken_forms[written]
        above, slash, below = written.rpartition("/")
        if not slash or above not in self.spoken_forms or not below.isalpha() or len(below) < 3:
            return None
        one, many = self.spoken_forms[above]
        per = self.per.format(below)  # kWh/day
        return one + per, many + per

    def find_alone(self, written: str) -> str | None:
        """Return many of the unit `written` without a number, if it can be nothing else: `kWh`, but not `bar`."""
        plain = len(written) < 3 or (written.isalpha() and written.islower()) or written.isupper()
        return None if plain or written not in self.spoken_forms else self.spoken_forms[written][1]

    def _name(self, unit: str) -> tuple[str, str]:
        if unit in self.names:
            return _pair(self.names[unit])
        above, slash, below = unit.partition("/")
        if slash:
            per = self.irregular_per.get(below) or self.per.format(self._name(below)[0])
            one, many = self._name(above)
            return one + per, many + per
        if unit[-1] in "²³":
            return self._power(unit)
        prefix = next(prefix for prefix in self.prefixes if unit.startswith(prefix) and self._known(unit, prefix))
        one, many = self._name(unit[len(prefix) :])
        return self.prefixes[prefix] + one, self.prefixes[prefix] + many

    def _known(self, unit: str, prefix: str) -> bool:
        return unit[len(prefix) :] in self.names

    def _power(self, unit: str) -> tuple[str, str]:
        forms = _pair(self.square if unit[-1] == "²" else self.cubic)
        one, many = (form.format(name) for form, name in zip(forms, self._name(unit[:-1]), strict=True))
        return one, many


def _pair(words: str) -> tuple[str, str]:
    one, _, many = words.partition("|")
    return one, many or one


def _variants(unit: str) -> set[str]:
    """Return the ways to write `unit`: there are two letters for micro, and not everybody has a raised 3."""
    found = {unit}
    for right, other in _VARIANTS:
        found |= {written.replace(right, other) for written in found}
    return found | {written.replace("μ", "u") for written in found if "/" in written}
