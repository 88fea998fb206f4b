from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from wyoming_kokoro import Array, Provider, Session, SessionOptions, StartupError
from wyoming_kokoro.speech.stage import Stage


class Answering:
    """A session that answers with a number."""

    def __init__(self, number: int) -> None:
        self._number = number

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        return {"out": np.array([self._number])}

    def close(self) -> None:
        pass


class Failing(Answering):
    """A session that works once and then fails."""

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        self._number -= 1
        if self._number < 0:
            raise RuntimeError("error code -1")
        return super().run(feeds)


def provider(name: str, open_: Callable[[Path, SessionOptions], Session], why_not: str | None = None) -> Provider:
    return Provider(name, 1, "float", open_, why_not)


def broken(file: Path, options: SessionOptions) -> Session:
    raise RuntimeError("no such device")


def stage(tmp_path: Path, *providers: Provider) -> Stage:
    return Stage(tmp_path / "whole.onnx", providers, SessionOptions(1, tmp_path))


def test_the_first_usable_provider_is_used(tmp_path: Path) -> None:
    """A provider that cannot be used here, or cannot open the file, is passed over."""
    opened = stage(
        tmp_path,
        provider("ane", lambda *_: Answering(1), why_not="needs macOS"),
        provider("gpu", broken),
        provider("cpu", lambda *_: Answering(3)),
    )
    assert opened.run({})["out"] == [3]
    assert opened.provider == "cpu"


def test_a_provider_that_fails_at_run_time_is_replaced_without_losing_the_run(tmp_path: Path) -> None:
    """The run in which a provider fails is answered by the next one."""
    opened = stage(tmp_path, provider("gpu", lambda *_: Failing(2)), provider("cpu", lambda *_: Answering(9)))
    answers = [int(opened.run({})["out"][0]) for _ in range(4)]
    assert answers == [1, 0, 9, 9]
    assert opened.provider == "cpu"


def test_no_provider_left_is_one_clear_error(tmp_path: Path) -> None:
    """When no provider can open the stage, the error names each and its reason."""
    with pytest.raises(StartupError, match="gpu: no such device"):
        stage(tmp_path, provider("gpu", broken))


def test_the_last_provider_s_own_error_is_told(tmp_path: Path) -> None:
    """When the only provider fails at run time, its error comes through."""
    opened = stage(tmp_path, provider("cpu", lambda *_: Failing(0)))
    with pytest.raises(RuntimeError, match="error code -1"):
        opened.run({})
