"""The service that notices when another process changes the taught words."""

from __future__ import annotations

import asyncio
import logging

from wyoming_kokoro import BackgroundService, Server
from wyoming_kokoro.api.observations import LexiconChanged
from wyoming_kokoro_lexicon.teachable_lexicon import TeachableLexicon

# `wyoming-kokoro words add` is used from the next sentence on, unless the sentence follows at once.
CHECK_INTERVAL_SECONDS = 1.0


class LexiconWatcher(BackgroundService):
    """Reads the file of taught words when it has changed, and emits `LexiconChanged`."""

    def __init__(self, server: Server, lexicon: TeachableLexicon, log: logging.Logger) -> None:
        self._server = server
        self._lexicon = lexicon
        self._log = log
        self._versions = self._read_versions()

    async def run(self) -> None:
        """Watch until the server stops."""
        await self.repeat(self._check, self._log)

    async def _check(self) -> float:
        await asyncio.to_thread(self._lexicon.refresh)
        versions = self._read_versions()
        if versions != self._versions:
            self._versions = versions
            self._server.emit(LexiconChanged())
            taught = sum(not entry.origin for entry in self._lexicon.entries())
            self._log.info("Lexicon changed (taught words: %d)", taught)
        return CHECK_INTERVAL_SECONDS

    def _read_versions(self) -> list[str]:
        return [self._lexicon.version(language) for language in self._lexicon.languages]
