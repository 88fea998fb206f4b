"""`cache stats`, `list`, `clear` and `warm`: what is kept, and what to do about it."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from wyoming_kokoro.api.phrase_cache import CachedPhrase, CacheStats
from wyoming_kokoro.api.warmup import Phrase, WarmupResult
from wyoming_kokoro.backend import Backend, open_backend, open_cache
from wyoming_kokoro.cli.table import table
from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import SpeechError, StartupError
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.speech.phrase_cache import NullPhraseCache

MEGABYTE = 1_000_000
PROGRESS_INTERVAL_SECONDS = 10.0

log = logging.getLogger(__name__)


async def stats(config: Config, as_json: bool) -> str:
    """Return how the phrase cache does."""
    async with open_cache(await asyncio.to_thread(PluginManager.load, config)) as cache:
        found = await cache.stats()
    return json.dumps(asdict(found), indent=2) if as_json else format_stats(found)


def format_stats(stats: CacheStats) -> str:
    """Return `stats` as a sentence."""
    asked = stats.hits + stats.misses
    rate = f"{stats.hits / asked:.0%} of {asked} were there" if asked else "nothing was asked for yet"
    return (
        f"{stats.phrases} phrases, {stats.seconds:.0f} s of speech, {stats.bytes / MEGABYTE:.1f} of"
        f" {stats.limit_bytes / MEGABYTE:.0f} MB {stats.where}; {rate}"
    )


async def format_phrases(config: Config, as_json: bool) -> str:
    """Return the phrases that are kept, what was used last first."""
    async with open_cache(await asyncio.to_thread(PluginManager.load, config)) as cache:
        phrases = await cache.phrases()
    return json.dumps([asdict(phrase) for phrase in phrases], indent=2) if as_json else _page(phrases)


async def clear(config: Config, learned: bool) -> str:
    """Forget every phrase, and with `learned` what was learned about the house; tell what was done."""
    plugins = await asyncio.to_thread(PluginManager.load, config)
    async with open_cache(plugins) as cache:
        count = await cache.clear()
    said = f"Forgot {count} phrases."
    if learned:
        for strategy in plugins.warmup_strategies():
            await asyncio.to_thread(strategy.forget)
        said += " Forgot what was learned about this house."
    return said


async def warm(config: Config) -> str:
    """Make every phrase that the warmup strategies know, now, and tell what it took. Raises `StartupError`."""
    async with open_backend(config, await asyncio.to_thread(PluginManager.load, config)) as backend:
        if isinstance(backend.cache, NullPhraseCache):
            raise StartupError("there is no phrase cache to warm; enable the plugin phrase_cache")
        await backend.opening
        phrases = await known_phrases(backend)
        warmth = await _warmed(backend, phrases)
        await backend.cache.flush()
        found = await backend.cache.stats()
    return f"Made {warmth.speech_seconds:.0f} s of speech in {warmth.work_seconds:.0f} s. {format_stats(found)}"


async def known_phrases(backend: Backend) -> list[Phrase]:
    """Return the phrases of all warmup strategies, those that win most first."""
    default = backend.tts.default
    found: dict[tuple[str, str | None], Phrase] = {}
    for strategy in backend.warmup_strategies:
        for phrase in await asyncio.to_thread(list, strategy.phrases(default)):
            found.setdefault((phrase.text, phrase.voice), phrase)
    return sorted(found.values(), key=lambda phrase: -phrase.benefit)


async def warm_share(backend: Backend) -> dict[str, str]:
    """Return how many of the phrases of each warmup strategy are ready."""
    shares = {}
    for strategy in backend.warmup_strategies:
        phrases = await asyncio.to_thread(list, strategy.phrases(backend.tts.default))
        ready = sum([await _is_warm(backend, phrase) for phrase in phrases])
        shares[strategy.name] = f"{ready} of {len(phrases)} phrases are ready"
    return shares


async def _is_warm(backend: Backend, phrase: Phrase) -> bool:
    try:
        return await backend.tts.is_warm(phrase)
    except SpeechError:  # a voice that is gone
        return False


async def _warmed(backend: Backend, phrases: Sequence[Phrase]) -> WarmupResult:
    warmth = WarmupResult()
    for phrase in _progress(phrases):
        try:
            warmth += await backend.tts.warm(phrase)
        except SpeechError as error:
            log.debug("A phrase is left out: %s", error)
    return warmth


def _progress(phrases: Sequence[Phrase]) -> Iterator[Phrase]:
    """Yield `phrases`, and log the progress every `PROGRESS_INTERVAL_SECONDS`."""
    told_at = time.monotonic()
    for number, phrase in enumerate(phrases):
        if time.monotonic() - told_at > PROGRESS_INTERVAL_SECONDS:
            log.info("%d of %d phrases are ready", number, len(phrases))
            told_at = time.monotonic()
        yield phrase


def _page(phrases: Sequence[CachedPhrase]) -> str:
    rows = [
        [
            phrase.digest,
            phrase.voice,
            f"{phrase.speed:g}",
            f"{phrase.seconds:.1f}",
            f"{phrase.bytes / 1000:.0f}",
            str(phrase.uses),
            time.strftime("%Y-%m-%d %H:%M", time.localtime(phrase.used_at)),
        ]
        for phrase in phrases
    ]
    return table(["phrase", "voice", "speed", "seconds", "kB", "uses", "last used"], rows)
