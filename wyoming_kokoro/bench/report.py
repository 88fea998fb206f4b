"""The results of `bench`, and their text and JSON form."""

from __future__ import annotations

import statistics
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wyoming_kokoro.terminal import format_table

SHOWN_CHARACTERS = 28
LINE_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class MedianComparison:
    """The medians of a quantity, and ours divided by theirs."""

    ours: float
    theirs: float
    ratio: float

    @classmethod
    def of(cls, ours: Iterable[float], theirs: Iterable[float]) -> MedianComparison:
        """Compare the medians of two series."""
        mine, other = statistics.median(ours), statistics.median(theirs)
        return cls(mine, other, mine / other)


@dataclass(frozen=True, slots=True)
class PhraseResult:
    """The results of one phrase; times in seconds."""

    text: str
    phonemes: int
    ttfa: MedianComparison
    total: MedianComparison
    rtf: MedianComparison


@dataclass(frozen=True, slots=True)
class BenchReport:
    """All results, and the circumstances by name."""

    other: str
    """Name and version of kokoro-onnx, or the address of the other server."""
    circumstances: Mapping[str, str | int]
    phrases: Sequence[PhraseResult]
    peak_bytes: MedianComparison | None
    """Peak resident memory; None for a server that `bench` did not start."""


def format_report(report: BenchReport) -> str:
    """Return the report as text."""
    lines = [
        f"wyoming-kokoro / {report.other} = ratio, medians; below 1 is better",
        textwrap.fill(", ".join(f"{name} {value}" for name, value in report.circumstances.items()), LINE_CHARACTERS),
        "",
        format_table(["phonemes", "text", "TTFA, s", "total, s", "RTF"], [_cells(phrase) for phrase in report.phrases]),
    ]
    if peak := report.peak_bytes:
        lines += ["", f"peak memory: {peak.ours / 1e6:.0f} / {peak.theirs / 1e6:.0f} MB = {peak.ratio:.2f}"]
    return "\n".join(lines)


def _cells(phrase: PhraseResult) -> list[str]:
    comparisons = (phrase.ttfa, phrase.total, phrase.rtf)
    cells = [f"{each.ours:.3f} / {each.theirs:.3f} = {each.ratio:.2f}" for each in comparisons]
    return [str(phrase.phonemes), textwrap.shorten(phrase.text, SHOWN_CHARACTERS, placeholder=" …"), *cells]
