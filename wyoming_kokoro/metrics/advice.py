"""What the owner of the machine could do better, each with its evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from wyoming_kokoro.api.metrics import Advice, Histogram, Metrics, StageStatus
from wyoming_kokoro.api.phrase_cache import CacheStats
from wyoming_kokoro.metrics.sentence_patterns import SentencePattern

MIN_SEGMENTS = 30
"""With fewer nothing can be said of rates."""
MIN_HIT_RATE = 0.6
MIN_PATTERN_SHARE = 0.2
"""Of what the model had to make: a template that made less would not help much."""
MAX_NAMES = 8
MIN_SPEEDUP_RATIO = 1.15
SLOW_RTF = 0.9
LATE_SECONDS = 0.5
FULL_CACHE_RATIO = 0.95
SLOW_START_SECONDS = 10.0
MANY_LEVEL_CHANGES = 6


@dataclass(frozen=True, slots=True)
class AdviceInput:
    """What advice stands on."""

    metrics: Metrics
    cache: CacheStats | None = None
    """None when nothing is kept at all."""
    stages: tuple[StageStatus, ...] = ()
    plugins: Mapping[str, str] = field(default_factory=dict)
    """Each plugin with what became of it, such as `active` or `unavailable: why`."""
    timeline: Mapping[str, float] = field(default_factory=dict)
    pattern: SentencePattern | None = None
    """The template that made most of what the phrase cache did not have."""
    missed_sentences: int = 0
    """How many sentences `pattern` was found in."""


def recommend(facts: AdviceInput) -> tuple[Advice, ...]:
    """Return everything that is worth being told, what matters most first."""
    return tuple(found for rule in RULES for found in rule(facts))


def _failures(facts: AdviceInput) -> Iterator[Advice]:
    ended = facts.metrics.requests
    failed = sum(row.count for row in ended if row.outcome == "failed" and row.code == "internal-error")
    if failed:
        yield Advice(
            "failures",
            f"{failed} of {sum(row.count for row in ended)} requests failed inside the server.",
            "Look for ERROR in the log, and report what it says.",
        )


def _overload(facts: AdviceInput) -> Iterator[Advice]:
    refused = sum(row.count for row in facts.metrics.requests if row.code == "overloaded")
    if refused:
        yield Advice(
            "overload",
            f"{refused} requests were refused because the machine was speaking to as many as it can.",
            "Write what several satellites announce into phrases in [plugins.warmup], or use a faster machine.",
        )


def _hit_rate(facts: AdviceInput) -> Iterator[Advice]:
    spoken = facts.metrics.speech
    if facts.cache is None:
        yield Advice(
            "cache",
            "Nothing that is said is kept, so that everything is made anew each time.",
            "Take enabled = false out of [plugins.phrase_cache].",
        )
    elif spoken.segments >= MIN_SEGMENTS and (spoken.hit_rate or 0.0) < MIN_HIT_RATE:
        yield _rarely_kept(facts)


def _rarely_kept(facts: AdviceInput) -> Advice:
    what = f"{facts.metrics.speech.hit_rate:.0%} of what was said was ready when it was asked for"
    pattern = facts.pattern
    if pattern and pattern.count >= MIN_PATTERN_SHARE * facts.missed_sentences:
        template = f": “{pattern.text}”" if pattern.text else "; the dashboard shows it"
        names = f": {', '.join(pattern.fillers[:MAX_NAMES])}" if pattern.fillers else ""
        share = pattern.count / facts.missed_sentences
        return Advice(
            "hit-rate",
            f"{what}, because {share:.0%} of the rest is one changing template{template}.",
            f"Add the names to [plugins.warmup.devices], or the sentences to phrases in [plugins.warmup]{names}.",
        )
    if facts.plugins.get("warmup", "active") != "active":
        return Advice("hit-rate", f"{what}.", "Take enabled = false out of [plugins.warmup].")
    return Advice(
        "hit-rate",
        f"{what}; the rest is never the same.",
        "Tell [plugins.warmup] your devices' names and what you announce; free answers cannot be made in advance.",
    )


def _full_cache(facts: AdviceInput) -> Iterator[Advice]:
    cache = facts.cache
    if cache and cache.disk_limit_bytes and cache.disk_bytes >= FULL_CACHE_RATIO * cache.disk_limit_bytes:
        yield Advice(
            "cache-size",
            f"The phrase cache is full: {cache.disk_bytes / 1e6:.0f} of {cache.disk_limit_bytes / 1e6:.0f} MB.",
            f"Raise size_mb in [plugins.phrase_cache] to {2 * cache.disk_limit_bytes / 1e6:.0f} if the disk has room.",
        )


def _provider(facts: AdviceInput) -> Iterator[Advice]:
    for stage in facts.stages:
        used = set(stage.in_use.values())
        known = {one.provider: one.seconds for one in stage.trials if one.seconds}
        best = min(known, key=lambda name: known[name], default="")
        slower = max((known[name] / known[best] for name in used & known.keys()), default=1.0)
        if best and best not in used and slower >= MIN_SPEEDUP_RATIO:
            yield Advice(
                "provider",
                f"{best} was measured {slower:.1f} times faster than what runs the {stage.stage} now.",
                "Leave provider in [inference] empty, so that the fastest is taken.",
            )
        for one in stage.trials:
            if one.problem:
                action = f"Set enabled = false in [plugins.{one.provider.split('-')[0]}], or update what it needs."
                yield Advice("provider", f"{one.provider} cannot be used: {one.problem}.", action)


def _slow_model(facts: AdviceInput) -> Iterator[Advice]:
    rtf = _median(facts.metrics.rtf)
    if facts.metrics.rtf.count < MIN_SEGMENTS or rtf < SLOW_RTF:
        return
    missing = facts.plugins.get("openvino", "")
    action = "Use a faster machine, or announce what can be made in advance."
    if "pip install" in missing:
        action = f"Try OpenVINO, which is faster on most x86-64 processors: {missing.partition(': ')[2]}."
    yield Advice("speed", f"Half of all speech takes {rtf:.1f} s a second or more to make.", action)


def _late(facts: AdviceInput) -> Iterator[Advice]:
    first = facts.metrics.first_audio_uncached
    if first.count >= MIN_SEGMENTS and _median(first) >= LATE_SECONDS:
        yield Advice(
            "first-audio",
            f"Half of what is made begins {_median(first):.1f} s after it is asked for, or later.",
            "Look at what else runs on this machine; `wyoming-kokoro bench` tells what it can do undisturbed.",
        )


def _memory(facts: AdviceInput) -> Iterator[Advice]:
    figures = facts.metrics
    if figures.memory_level in ("high", "critical") or figures.memory_level_changes >= MANY_LEVEL_CHANGES:
        reason = f": {figures.memory_level_reason}" if figures.memory_level_reason else ""
        yield Advice(
            "memory",
            f"Memory was short {max(1, figures.memory_level_changes // 2)} times{reason}.",
            "Lower memory_mb in [plugins.phrase_cache], or give the machine or the container more memory.",
        )


def _slow_start(facts: AdviceInput) -> Iterator[Advice]:
    moments = sorted(facts.timeline.items(), key=lambda moment: moment[1])
    ready = facts.timeline.get("ready", 0.0)
    if ready < SLOW_START_SECONDS:
        return
    steps = [(later[0], later[1] - earlier[1]) for earlier, later in pairwise(moments)]
    name, seconds = max(steps, key=lambda step: step[1], default=("ready", ready))
    yield Advice(
        "start",
        f"The last start took {ready:.0f} s, {seconds:.0f} of them until “{name}”.",
        "The first start of a version prepares the model; if later ones are slow, too, give cache a faster disk.",
    )


RULES: tuple[Callable[[AdviceInput], Iterator[Advice]], ...] = (
    _failures,
    _overload,
    _memory,
    _hit_rate,
    _full_cache,
    _provider,
    _slow_model,
    _late,
    _slow_start,
)
"""What matters most first."""


def _median(histogram: Histogram) -> float:
    """Return the lower bound of the bucket that the median is in."""
    seen = 0
    for bound, count in zip((0.0, *histogram.bounds), histogram.counts, strict=True):
        seen += count
        if seen * 2 > histogram.count:
            return bound
    return 0.0
