"""The chooser: every stage, in windows of every size, is a post of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from wyoming_kokoro import Provider, ProviderTiming, RunResult
from wyoming_kokoro_choose.post import Post


class ByTime:
    """Chooses the configured provider, else the fastest."""

    def __init__(self, preferred: str, clock: Callable[[], float], log: logging.Logger) -> None:
        """`preferred` is the configured provider, or nothing; `clock` tells seconds and is never set."""
        self._preferred = preferred
        self._clock = clock
        self._log = log
        self._posts: dict[tuple[str, int], Post] = {}
        self._has_missed = False

    def choose(self, stage: str, window: int, measurements: Sequence[ProviderTiming]) -> Provider:
        """Return one of the providers in `measurements`."""
        providers = {item.provider.name: item.provider for item in measurements}
        name = self._post(stage, window).choose({item.provider.name: item.seconds for item in measurements})
        if self._preferred and self._preferred not in providers:
            self._miss(stage, name)
        return providers[name]

    def observe(self, run: RunResult) -> None:
        """Take note of what became of a run."""
        post = self._post(run.stage, run.window)
        if run.seconds is None:
            post.failed(run.provider)
        else:
            post.ran(run.provider, run.seconds if run.window else None)

    def _post(self, stage: str, window: int) -> Post:
        key = stage, window
        if key not in self._posts:
            self._posts[key] = Post(self._preferred, self._clock)
        return self._posts[key]

    def _miss(self, stage: str, name: str) -> None:
        """Say once that another has to do what the configuration wants of a provider."""
        if not self._has_missed:
            self._log.info(
                "%s, which [plugins.choose] names, is not open for %s, or not yet: %s runs it;"
                " `wyoming-kokoro check` lists the providers",
                self._preferred,
                stage,
                name,
            )
        self._has_missed = True
