"""Learns the AdaIN statistics of custom voices and blends in the background, so that they can stream."""

from __future__ import annotations

import hashlib
import logging
import queue
import subprocess
import sys
import threading
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from wyoming_kokoro.model.statistics import Statistics, VoiceMean
from wyoming_kokoro.model.styles import Styles

log = logging.getLogger(__name__)


class StatisticsLearner:
    """Learns the mean statistics of voices, one at a time, once for each prepared model."""

    def __init__(self, stages: Path, styles: Styles, languages: Mapping[str, str], statistics: Statistics) -> None:
        """`stages` is the folder of the prepared model, where results are stored.

        `languages` maps the voices and blends that may be learned to their language. No others are learned.
        """
        self._stages = stages
        self._styles = styles
        self._languages = languages
        self._statistics = statistics
        self._requested: set[str] = set()
        self._queue: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._child: subprocess.Popen[bytes] | None = None
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
        """Stop the thread and its child process; an unfinished voice is dropped."""
        self._is_closed = True
        self._queue.put(None)
        if self._child is not None:
            self._child.kill()
        self._thread.join()

    def _run(self) -> None:
        while (voice := self._queue.get()) is not None and not self._is_closed:
            try:
                self._learn(voice)
            except (OSError, ValueError, KeyError) as error:
                log.warning("Cannot learn voice %s; it does not stream (%s)", voice, error)

    def _learn(self, voice: str) -> None:
        result = self._result_file(voice)
        if not result.is_file():
            log.info("Learning voice %s in the background", voice)
            result.parent.mkdir(exist_ok=True)
            file = result.with_suffix(".npy")
            np.save(file, self._styles.all(voice))
            if not self._run_child(file, self._languages[voice], result):
                return
        self._add(voice, result)
        log.info("Learned voice %s", voice)

    def _load_stored(self, voice: str) -> None:
        """Add a stored result. One that cannot be read is deleted, so that the voice is learned again."""
        try:
            result = self._result_file(voice)
        except (ValueError, KeyError) as error:
            log.warning("Cannot use voice %s (%s)", voice, error)
            return
        try:
            self._add(voice, result)
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            log.info("Cannot read %s; will learn voice %s again (%s)", result, voice, error)
            result.unlink(missing_ok=True)

    def _result_file(self, voice: str) -> Path:
        name = hashlib.sha256(self._styles.all(voice).tobytes()).hexdigest()[:16]
        return self._stages / "learned" / f"{name}.npz"

    def _add(self, voice: str, result: Path) -> None:
        with np.load(result) as measured:
            mean = VoiceMean(measured["features"].mean(axis=0), measured["statistics"].mean(axis=0))
        self._statistics.add(voice, mean)

    def _run_child(self, styles: Path, language: str, result: Path) -> bool:
        command = [sys.executable, "-m", "wyoming_kokoro.synthesis.learn_statistics"]
        arguments = [str(self._stages), str(styles), language, str(result)]
        self._child = subprocess.Popen([*command, *arguments], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        if self._is_closed:
            self._child.kill()
        _, stderr = self._child.communicate()
        if self._child.returncode and not self._is_closed:
            raise ValueError(stderr.decode(errors="replace").strip().splitlines()[-1])
        return self._child.returncode == 0
