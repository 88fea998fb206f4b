from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from wyoming_kokoro.storage import sha256_of
from wyoming_kokoro_distilled.voice import DistilledVoice, load_voice


@pytest.fixture(scope="session")
def heart_file() -> Path:
    """The model of af_heart."""
    return Path(str(resources.files("hibari") / "assets" / "hibari.onnx"))


@pytest.fixture(scope="session")
def heart(heart_file: Path, tmp_path_factory: pytest.TempPathFactory) -> DistilledVoice:
    return load_voice(heart_file, sha256_of(heart_file), tmp_path_factory.mktemp("distilled"))
