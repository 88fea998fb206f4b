"""Recommendations for the operator, each with the metrics behind it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from wyoming_kokoro.api.metrics import Advice, Histogram, Metrics, StageStatus
from wyoming_kokoro.api.phrase_cache import CacheStats
from wyoming_kokoro.metrics.sentence_patterns import SentencePattern
from wyoming_kokoro.types import QualitySetting

# Rates of fewer segments are too uncertain.
MIN_SEGMENTS = 30
MIN_HIT_RATE = 0.6
# The share of missed sentences that a template must match to be worth warming.
MIN_PATTERN_SHARE = 0.2
MAX_NAMES = 8
MIN_SPEEDUP_RATIO = 1.15
SLOW_RTF = 0.9
# Two streams of the full model stay in real time, with the margin of admission.
MAX_FULL_RTF = 0.38
# The full model takes at most about this many times the work of a distilled one: 30 on x86-64 with AVX2, 15 to 40 with
# VNNI (`docs/hardware.md`).
FULL_TO_DISTILLED_RATIO = 35
LATE_SECONDS = 0.5
FULL_CACHE_RATIO = 0.95
SLOW_START_SECONDS = 10.0
MANY_LEVEL_CHANGES = 6
# A store of phrases with one of these never removes one: phrases have no expiry, and a policy needs a limit.
KEEPS_ALL = re.compile("noeviction|volatile-|without a limit")


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What is known about the models that can speak."""

    quality: QualitySetting = "auto"
    """`[voice] quality`."""
    default_voice: str = ""
    distilled_voices: tuple[str, ...] = ()
    """The model voices that have a distilled model."""
    full_rtf: float = 0.0
    """The measured RTF of the full model; 0 if it is unknown."""

    @property
    def ignores_distilled(self) -> bool:
        """Whether the default voice has a distilled model that never speaks."""
        return self.quality == "full" and self.default_voice in self.distilled_voices


@dataclass(frozen=True, slots=True)
class AdviceInput:
    """Everything that recommendations depend on."""

    metrics: Metrics
    cache: CacheStats | None = None
    """None without a phrase cache."""
    stages: tuple[StageStatus, ...] = ()
    plugins: Mapping[str, str] = field(default_factory=dict)
    """The status of each plugin, such as `active` or `unavailable: needs a Mac`."""
    timeline: Mapping[str, float] = field(default_factory=dict)
    pattern: SentencePattern | None = None
    """The most frequent template of sentences that were not cached."""
    missed_sentences: int = 0
    """The number of sentences in which `pattern` was searched."""
    models: ModelFacts = field(default_factory=ModelFacts)
    problems: tuple[str, ...] = ()
    """What does not work."""


def recommend(facts: AdviceInput) -> tuple[Advice, ...]:
    """Return all recommendations, the most important first."""
    return tuple(advice for rule in RULES for advice in rule(facts))


def _failures(facts: AdviceInput) -> Iterator[Advice]:
    counts = facts.metrics.requests
    failed = sum(row.count for row in counts if row.outcome == "failed" and row.code == "internal-error")
    if failed:
        yield Advice(
            "failures",
            f"{failed} of {sum(row.count for row in counts)} requests failed inside the server.",
            "Report the ERROR lines of the log.",
        )


def _overload(facts: AdviceInput) -> Iterator[Advice]:
    rejected = sum(row.count for row in facts.metrics.requests if row.code == "overloaded")
    if rejected:
        yield Advice(
            "overload",
            f"{rejected} requests were rejected because they would have waited for too long.",
            'Set quality = "auto" in [voice], so that the distilled model helps out.'
            if facts.models.ignores_distilled
            else "Add what several satellites announce to phrases in [plugins.warmup], or use a faster machine.",
        )


def _hit_rate(facts: AdviceInput) -> Iterator[Advice]:
    speech = facts.metrics.speech
    if facts.cache is None:
        yield Advice(
            "cache",
            "There is no phrase cache, so that every sentence is synthesized again each time.",
            "Remove enabled = false from [plugins.phrase_cache].",
        )
    elif speech.segments >= MIN_SEGMENTS and (speech.hit_rate or 0.0) < MIN_HIT_RATE:
        yield _low_hit_rate(facts)


def _low_hit_rate(facts: AdviceInput) -> Advice:
    rate = f"{facts.metrics.speech.hit_rate:.0%} of all segments were cached"
    pattern = facts.pattern
    if pattern and pattern.count >= MIN_PATTERN_SHARE * facts.missed_sentences:
        template = f": “{pattern.text}”" if pattern.text else "; see the dashboard"
        names = f": {', '.join(pattern.fillers[:MAX_NAMES])}" if pattern.fillers else ""
        share = pattern.count / facts.missed_sentences
        return Advice(
            "hit-rate",
            f"{rate}, because {share:.0%} of the others have the same template{template}.",
            f"Add the names to [plugins.warmup.devices], or the sentences to phrases in [plugins.warmup]{names}.",
        )
    if facts.plugins.get("warmup", "active") != "active":
        return Advice("hit-rate", f"{rate}.", "Remove enabled = false from [plugins.warmup].")
    return Advice(
        "hit-rate",
        f"{rate}; the others have no common template.",
        "Add your devices and announcements to [plugins.warmup]. Free answers cannot be synthesized in advance.",
    )


def _full_cache(facts: AdviceInput) -> Iterator[Advice]:
    cache = facts.cache
    if cache and cache.disk_limit_bytes and cache.disk_bytes >= FULL_CACHE_RATIO * cache.disk_limit_bytes:
        yield Advice(
            "cache-size",
            f"The phrase cache is full: {cache.disk_bytes / 1e6:.0f} of {cache.disk_limit_bytes / 1e6:.0f} MB.",
            f"Raise size_mb in [plugins.phrase_cache] to {2 * cache.disk_limit_bytes / 1e6:.0f} if the disk has room.",
        )


def _shared_cache(facts: AdviceInput) -> Iterator[Advice]:
    shared = facts.cache.shared if facts.cache else None
    if shared is None:
        return
    if shared.problem:
        yield Advice(
            "shared-cache",
            f"The shared phrase cache {shared.location} is not usable: {shared.problem}.",
            "Correct url in [plugins.redis], or the store. Until then, each server synthesizes all phrases itself.",
        )
    elif shared.write_problem:
        yield Advice(
            "shared-cache",
            f"The shared phrase cache {shared.location} accepts no phrases: {shared.write_problem}.",
            "Correct the store or the permissions of its user. Until then, it has only the phrases of other servers.",
        )
    if KEEPS_ALL.search(shared.server):
        yield Advice(
            "shared-cache",
            f"The shared phrase cache {shared.location} never removes old phrases: {shared.server}.",
            "Set maxmemory and maxmemory-policy allkeys-lfu in the configuration of the store.",
        )


def _provider(facts: AdviceInput) -> Iterator[Advice]:
    for stage in facts.stages:
        used = set(stage.in_use.values())
        measured = {trial.provider: trial.seconds for trial in stage.trials if trial.seconds}
        best = min(measured, key=lambda name: measured[name], default="")
        speedup = max((measured[name] / measured[best] for name in used & measured.keys()), default=1.0)
        if best and best not in used and speedup >= MIN_SPEEDUP_RATIO:
            yield Advice(
                "provider",
                f"{best} was {speedup:.1f} times faster in its trial than the current provider of the {stage.stage}.",
                "Leave provider in [inference] empty, so that the fastest provider is selected.",
            )
        for trial in stage.trials:
            if trial.problem:
                action = f"Set enabled = false in [plugins.{trial.provider.split('-')[0]}], or update its packages."
                yield Advice("provider", f"{trial.provider} cannot be used: {trial.problem}.", action)


def _slow_model(facts: AdviceInput) -> Iterator[Advice]:
    models = facts.models
    rtf = _median(facts.metrics.rtf)
    if models.distilled_voices and models.full_rtf >= SLOW_RTF:
        yield from _slow_full_model(models)
        return
    if facts.metrics.rtf.count < MIN_SEGMENTS or rtf < SLOW_RTF:
        return
    openvino = facts.plugins.get("openvino", "")
    action = "Use a faster machine, or add frequent sentences to phrases in [plugins.warmup]."
    if "pip install" in openvino:
        action = f"Try OpenVINO, which is faster on most x86-64 CPUs: {openvino.partition(': ')[2]}."
    yield Advice("speed", f"Half of all segments take {rtf:.1f} s or more per second of speech.", action)


def _slow_full_model(models: ModelFacts) -> Iterator[Advice]:
    """Recommend the distilled models, unless they speak already."""
    finding = f"The full model takes {models.full_rtf:.1f} s per second of speech."
    if models.default_voice not in models.distilled_voices:
        names = ", ".join(models.distilled_voices)
        action = f"Use a voice that has a distilled model, which is many times faster: {names}."
    elif models.quality == "full":
        action = 'Set quality = "auto" in [voice]. Then the distilled model of the default voice speaks in time.'
    elif models.quality == "auto":
        action = 'Set quality = "distilled" in [voice] for a faster start and less memory.'
    else:
        return
    yield Advice("speed", finding, action)


def _fast_machine(facts: AdviceInput) -> Iterator[Advice]:
    """Recommend `auto` where the full model would be fast enough, but never speaks."""
    models, metrics = facts.models, facts.metrics
    distilled = [row for row in metrics.selections if row.quality == "distilled" and row.work_seconds]
    count, seconds = sum(row.segments for row in distilled), sum(row.seconds for row in distilled)
    if models.quality != "distilled" or metrics.memory_level != "normal" or metrics.memory_level_changes:
        return
    rtf, source = models.full_rtf, "was measured to take"
    if not rtf and count >= MIN_SEGMENTS and seconds:
        rtf = FULL_TO_DISTILLED_RATIO * sum(row.work_seconds for row in distilled) / seconds
        source = "would take about"
    if 0 < rtf <= MAX_FULL_RTF:
        yield Advice(
            "speed",
            f"The full model, which sounds a little better, {source} {rtf:.1f} s per second of speech on this machine.",
            'Set quality = "auto" in [voice]. This takes about 300 MB more memory.',
        )


def _problems(facts: AdviceInput) -> Iterator[Advice]:
    for problem in facts.problems:
        yield Advice("problem", f"{problem[:1].upper()}{problem[1:]}.", "Correct the cause and restart the server.")


def _late(facts: AdviceInput) -> Iterator[Advice]:
    first = facts.metrics.first_audio_uncached
    if first.count >= MIN_SEGMENTS and _median(first) >= LATE_SECONDS:
        yield Advice(
            "first-audio",
            f"Half of the synthesized requests start to play {_median(first):.1f} s after the request, or later.",
            'Set quality = "auto" in [voice]. Then the distilled model speaks when the full one is too slow.'
            if facts.models.ignores_distilled
            else "Check what else runs on this machine. `wyoming-kokoro bench` measures its speed.",
        )


def _memory(facts: AdviceInput) -> Iterator[Advice]:
    metrics = facts.metrics
    if metrics.memory_level in ("high", "critical") or metrics.memory_level_changes >= MANY_LEVEL_CHANGES:
        reason = f": {metrics.memory_level_reason}" if metrics.memory_level_reason else ""
        yield Advice(
            "memory",
            f"Memory was short {max(1, metrics.memory_level_changes // 2)} times{reason}.",
            "Lower memory_mb in [plugins.phrase_cache], or give the machine or the container more memory.",
        )


def _slow_start(facts: AdviceInput) -> Iterator[Advice]:
    milestones = sorted(facts.timeline.items(), key=lambda milestone: milestone[1])
    ready = facts.timeline.get("ready", 0.0)
    if ready < SLOW_START_SECONDS:
        return
    steps = [(later[0], later[1] - earlier[1]) for earlier, later in pairwise(milestones)]
    name, seconds = max(steps, key=lambda step: step[1], default=("ready", ready))
    yield Advice(
        "start",
        f"The last start took {ready:.0f} s. The longest step took {seconds:.0f} s, until “{name}”.",
        "The first start of a version prepares the model. If later starts are slow too, move cache to a faster disk.",
    )


RULES: tuple[Callable[[AdviceInput], Iterator[Advice]], ...] = (
    _problems,
    _failures,
    _overload,
    _memory,
    _hit_rate,
    _full_cache,
    _shared_cache,
    _provider,
    _slow_model,
    _fast_machine,
    _late,
    _slow_start,
)
"""The most important first."""


def _median(histogram: Histogram) -> float:
    """Return the lower bound of the bucket that contains the median."""
    below = 0
    for bound, count in zip((0.0, *histogram.bounds), histogram.counts, strict=True):
        below += count
        if below * 2 > histogram.count:
            return bound
    return 0.0
