"""Voices that did not ship with us, and blends, become known: they are listened to once, in the background."""

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
    """Learns the centres of voices, one after the other, each once for a prepared model."""

    def __init__(self, stages: Path, styles: Styles, languages: Mapping[str, str], statistics: Statistics) -> None:
        """`languages` are those of the voices and blends that are worth learning, by name: no others are.

        What was learned is kept beside `stages`, and known from now on.
        """
        self._stages = stages
        self._styles = styles
        self._languages = languages
        self._statistics = statistics
        self._wanted: set[str] = set()
        self._queue: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._child: subprocess.Popen[bytes] | None = None
        self._closed = False
        for voice in languages:
            if not statistics.has_learned(voice):
                self._recall(voice)
        self._thread = threading.Thread(target=self._work, name="kokoro-learner", daemon=True)
        self._thread.start()

    def request(self, *voices: str) -> None:
        """Ask for voices; may be called from any thread, and again."""
        for voice in voices:
            if voice in self._languages and voice not in self._wanted:
                self._wanted.add(voice)
                self._queue.put(voice)

    def close(self) -> None:
        """Stop; what is half learned is dropped."""
        self._closed = True
        self._queue.put(None)
        if self._child is not None:
            self._child.kill()
        self._thread.join()

    def _work(self) -> None:
        while (voice := self._queue.get()) is not None and not self._closed:
            try:
                self._learn(voice)
            except (OSError, ValueError) as error:
                log.warning("The voice %s cannot be learned and stays as it is: %s", voice, error)

    def _learn(self, voice: str) -> None:
        result = self._result(voice)
        if not result.is_file():
            log.info("Learning how the voice %s sounds, once, in the background", voice)
            result.parent.mkdir(exist_ok=True)
            file = result.with_suffix(".npy")
            np.save(file, self._styles.all(voice))
            if not self._listen(file, self._languages[voice], result):
                return
        self._take(voice, result)
        log.info("The voice %s is known now", voice)

    def _recall(self, voice: str) -> None:
        """Know what was learned before; what cannot be read is learned anew."""
        try:
            result = self._result(voice)
        except ValueError as error:
            log.warning("The voice %s cannot be used: %s", voice, error)
            return
        try:
            self._take(voice, result)
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            log.info("What was learned of the voice %s cannot be read (%s) and is learned anew", voice, error)
            result.unlink(missing_ok=True)

    def _result(self, voice: str) -> Path:
        name = hashlib.sha256(self._styles.all(voice).tobytes()).hexdigest()[:16]
        return self._stages / "learned" / f"{name}.npz"

    def _take(self, voice: str, result: Path) -> None:
        with np.load(result) as heard:
            centre = VoiceMean(heard["features"].mean(axis=0), heard["statistics"].mean(axis=0))
        self._statistics.add(voice, centre)

    def _listen(self, styles: Path, language: str, result: Path) -> bool:
        command = [sys.executable, "-m", "wyoming_kokoro.synthesis.learn_statistics"]
        arguments = [str(self._stages), str(styles), language, str(result)]
        self._child = subprocess.Popen([*command, *arguments], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        if self._closed:
            self._child.kill()
        _, reason = self._child.communicate()
        if self._child.returncode and not self._closed:
            raise ValueError(reason.decode(errors="replace").strip().splitlines()[-1])
        return self._child.returncode == 0
