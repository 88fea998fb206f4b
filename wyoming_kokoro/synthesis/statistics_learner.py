"""Learns the AdaIN statistics of custom voices and blends in the background, so that they can stream."""

from __future__ import annotations

import hashlib
import logging
import queue
import threading
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from wyoming_kokoro.errors import StartupError
from wyoming_kokoro.model.statistics import Statistics, VoiceMean
from wyoming_kokoro.model.styles import Styles
from wyoming_kokoro.storage import ChildProcesses, check_prepared, prepare_folder

STYLES_FILE, RESULT_FILE = "styles.npy", "statistics.npz"

log = logging.getLogger(__name__)


class StatisticsLearner:
    """Learns the mean statistics of voices, one at a time, once for each prepared model."""

    def __init__(
        self,
        stages: Path,
        styles: Styles,
        languages: Mapping[str, str],
        statistics: Statistics,
        children: ChildProcesses | None = None,
    ) -> None:
        """`stages` is the folder of the prepared model, where results are stored.

        `languages` maps the voices and blends that may be learned to their language. No others are learned.
        """
        self._stages = stages
        self._styles = styles
        self._languages = languages
        self._statistics = statistics
        self._requested: set[str] = set()
        self._queue: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._children = children or ChildProcesses()
        self._is_closed = False
        for voice in languages:
            if not statistics.has_learned(voice):
                self._load_stored(voice)
        self._thread = threading.Thread(target=self._run, name="statistics-learner", daemon=True)
        self._thread.start()

    def request(self, *voices: str) -> None:
        """Queue voices to learn; repeated requests have no effect. From any thread."""
        for voice in voices:
            if voice in self._languages and voice not in self._requested:
                self._requested.add(voice)
                self._queue.put(voice)

    def close(self) -> None:
        """Stop the thread and all child processes; an unfinished voice is dropped."""
        self._is_closed = True
        self._queue.put(None)
        self._children.stop()
        self._thread.join()

    def _run(self) -> None:
        while (voice := self._queue.get()) is not None and not self._is_closed:
            try:
                self._learn(voice)
            except (OSError, ValueError, KeyError, StartupError) as error:
                if not self._is_closed:
                    log.warning("Cannot learn voice %s; it does not stream (%s)", voice, error)

    def _learn(self, voice: str) -> None:
        folder = self._result_folder(voice)
        if not check_prepared(folder).files:
            log.info("Learning voice %s in the background", voice)
            with prepare_folder(folder) as part:
                np.save(part / STYLES_FILE, self._styles.all(voice))
                arguments = map(str, (self._stages, part / STYLES_FILE, self._languages[voice], part / RESULT_FILE))
                # The child has the lowest priority, so it can take any time.
                module = "wyoming_kokoro.synthesis.learn_statistics"
                child = self._children.run(module, *arguments, timeout_seconds=None)
                if child.exit_code:
                    raise ValueError(child.reason)
        self._add(voice, folder)
        log.info("Learned voice %s", voice)

    def _load_stored(self, voice: str) -> None:
        """Add a stored result, if there is one."""
        try:
            folder = self._result_folder(voice)
            if check_prepared(folder).files:
                self._add(voice, folder)
        except (OSError, ValueError, KeyError) as error:
            log.warning("Cannot use voice %s (%s)", voice, error)

    def _result_folder(self, voice: str) -> Path:
        name = hashlib.sha256(self._styles.all(voice).tobytes()).hexdigest()[:16]
        return self._stages / "learned" / name

    def _add(self, voice: str, folder: Path) -> None:
        with np.load(folder / RESULT_FILE) as measured:
            mean = VoiceMean(measured["features"].mean(axis=0), measured["statistics"].mean(axis=0))
        self._statistics.add(voice, mean)
