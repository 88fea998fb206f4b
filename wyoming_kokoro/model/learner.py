"""Voices that did not ship with us become known: they are listened to once, in the background."""

from __future__ import annotations

import hashlib
import logging
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from wyoming_kokoro.model.statistics import Centre, Statistics
from wyoming_kokoro.model.voices import Styles

log = logging.getLogger(__name__)


class Learner:
    """Learns the centres of voices, one after the other, each once for a prepared model."""

    def __init__(self, stages: Path, styles: Styles, languages: Mapping[str, str], statistics: Statistics) -> None:
        """`languages` are those of the voices, by name. What was learned is kept beside `stages`."""
        self._stages = stages
        self._styles = styles
        self._languages = languages
        self._statistics = statistics
        self._wanted: set[str] = set()
        self._queue: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._child: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="kokoro-learner", daemon=True)
        self._thread.start()

    def want(self, voice: str) -> None:
        """Ask for a voice; may be called from any thread, and again."""
        if voice not in self._wanted:
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
                log.warning("The voice %s cannot be learned and stays slow to begin: %s", voice, error)

    def _learn(self, voice: str) -> None:
        styles = self._styles.all(voice)
        name = hashlib.sha256(styles.tobytes()).hexdigest()[:16]
        result = self._stages / "learned" / f"{name}.npz"
        if not result.is_file():
            log.info("Learning how the voice %s sounds; until then it is slow to begin", voice)
            result.parent.mkdir(exist_ok=True)
            file = result.with_suffix(".npy")
            np.save(file, styles)
            if not self._listen(file, self._languages[voice], result):
                return
        with np.load(result) as heard:
            centre = Centre(heard["features"].mean(axis=0), heard["statistics"].mean(axis=0))
        self._statistics.learn(voice, centre)
        log.info("The voice %s is known now", voice)

    def _listen(self, styles: Path, language: str, result: Path) -> bool:
        command = [sys.executable, "-m", "wyoming_kokoro.speech.learn"]
        arguments = [str(self._stages), str(styles), language, str(result)]
        self._child = subprocess.Popen([*command, *arguments], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        if self._closed:
            self._child.kill()
        _, reason = self._child.communicate()
        if self._child.returncode and not self._closed:
            raise ValueError(reason.decode(errors="replace").strip().splitlines()[-1])
        return self._child.returncode == 0
