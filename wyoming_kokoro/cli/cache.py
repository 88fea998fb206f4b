"""`cache stats`, `list`, `clear` and `warm`: show and change the phrase cache."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, TypeVar

from wyoming_kokoro.cli.parsers import Commands
from wyoming_kokoro.cli.resource_limits import require_resources
from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import SpeechError, StartupError
from wyoming_kokoro.terminal import format_table

if TYPE_CHECKING:
    from wyoming_kokoro.api.phrase_cache import CachedPhrase, CacheStats, PhraseCache, SharedCacheStats
    from wyoming_kokoro.backend import Backend

T = TypeVar("T")
MEGABYTE = 1_000_000
PROGRESS_INTERVAL_SECONDS = 10.0

log = logging.getLogger(__name__)


def add_parser(commands: Commands) -> None:
    """Add the command and its actions."""
    actions = commands.add_group("cache", "show or change the phrase cache")
    actions.add("stats", "show cache size and hit rate", run_stats, has_json=True)
    actions.add("list", "list the cached phrases, most recently used first", run_list, has_json=True)
    clear = actions.add("clear", "remove every cached phrase, also from a shared cache", run_clear)
    clear.add_argument("--learned", action="store_true", help="also forget the phrases that warmup has learned")
    actions.add("warm", "synthesize now what the server would prepare while it is idle", run_warm)


def run_stats(config: Config, options: argparse.Namespace) -> int:
    """Print the size of the cache and its hit rate."""
    stats = use_cache(config, lambda cache: cache.stats())
    print(json.dumps(asdict(stats), indent=2) if options.json else format_stats(stats))
    return 0


def run_list(config: Config, options: argparse.Namespace) -> int:
    """Print the cached phrases; their texts are not known."""
    phrases = use_cache(config, lambda cache: cache.phrases())
    print(json.dumps([asdict(phrase) for phrase in phrases], indent=2) if options.json else _format_phrases(phrases))
    return 0


def run_clear(config: Config, options: argparse.Namespace) -> int:
    """Remove every phrase, and with `--learned` what warmup has learned."""
    from wyoming_kokoro.plugins.manager import PluginManager

    count = use_cache(config, lambda cache: cache.clear())
    if not options.learned:
        print(f"Removed {count} phrases.")
        return 0
    for strategy in PluginManager.load(config).warmup_strategies():
        strategy.forget()
    print(f"Removed {count} phrases and what warmup had learned.")
    return 0


def run_warm(config: Config, _: argparse.Namespace) -> int:
    """Synthesize every phrase that the warmup strategies predict. Raises `StartupError`."""
    require_resources()
    print(asyncio.run(_warm(config)))
    return 0


def use_cache(config: Config, use: Callable[[PhraseCache], Awaitable[T]]) -> T:
    """Return the result of `use` on the cache, which is open meanwhile."""
    from wyoming_kokoro.plugins.manager import PluginManager
    from wyoming_kokoro.speech.phrase_cache import open_phrase_cache

    async def open_and_use() -> T:
        async with open_phrase_cache(config, await asyncio.to_thread(PluginManager.load, config)) as cache:
            return await use(cache)

    return asyncio.run(open_and_use())


def format_stats(stats: CacheStats) -> str:
    """Return `stats` as a sentence."""
    lookups = stats.hits + stats.misses
    hit_rate = f"hit rate {stats.hits / lookups:.0%} of {lookups} lookups" if lookups else "no lookups yet"
    local = (
        f"{stats.phrases} phrases, {stats.speech_seconds:.0f} s of speech, {stats.disk_bytes / MEGABYTE:.1f} of"
        f" {stats.disk_limit_bytes / MEGABYTE:.0f} MB {stats.location}; {hit_rate}"
    )
    return f"{local}; {describe_shared_cache(stats.shared)}" if stats.shared else local


def describe_shared_cache(shared: SharedCacheStats) -> str:
    """Return where the shared cache is, and whether it works."""
    if shared.problem:
        state = f"is not usable ({shared.problem})"
    elif shared.write_problem:
        state = f"accepts no phrases ({shared.write_problem}; {shared.server})"
    else:
        state = f"works ({shared.server})"
    return f"the shared cache {shared.location} {state}"


async def count_warm_phrases(backend: Backend) -> dict[str, str]:
    """Return how many phrases of each warmup strategy are cached."""
    counts, voice = {}, backend.tts.default_voice
    for strategy in backend.warmup_strategies:
        phrases = await asyncio.to_thread(lambda each: list(each.phrases(voice)), strategy)
        cached = 0
        for phrase in phrases:
            # The phrase may name a voice that the configuration has no more.
            with suppress(SpeechError):
                cached += await backend.tts.is_warm(phrase)
        counts[strategy.name] = f"{cached} of {len(phrases)} phrases are cached"
    return counts


async def _warm(config: Config) -> str:
    from wyoming_kokoro.api.warmup import PhraseQueue, WarmupResult
    from wyoming_kokoro.backend import open_backend
    from wyoming_kokoro.plugins.manager import PluginManager
    from wyoming_kokoro.speech.phrase_cache import NullPhraseCache

    async with open_backend(config, await asyncio.to_thread(PluginManager.load, config)) as backend:
        if isinstance(backend.cache, NullPhraseCache):
            raise StartupError("there is no phrase cache to warm; enable the plugin phrase_cache")
        await backend.models.ready()
        queue = PhraseQueue(backend.warmup_strategies, backend.tts.default_voice, log)
        phrases = await asyncio.to_thread(queue.read)
        result, logged_at = WarmupResult(), time.monotonic()
        for number, phrase in enumerate(phrases):
            if time.monotonic() - logged_at > PROGRESS_INTERVAL_SECONDS:
                log.info("%d of %d phrases are cached", number, len(phrases))
                logged_at = time.monotonic()
            try:
                result += await backend.tts.warm(phrase)
            except SpeechError as error:
                log.debug("A phrase is skipped: %s", error)
        await backend.cache.flush()
        stats = await backend.cache.stats()
    return f"Synthesized {result.speech_seconds:.0f} s of speech in {result.work_seconds:.0f} s. {format_stats(stats)}"


def _format_phrases(phrases: Sequence[CachedPhrase]) -> str:
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
    return format_table(["phrase", "voice", "speed", "seconds", "kB", "uses", "last used"], rows)
