from __future__ import annotations

import pytest

from wyoming_kokoro.model import adain, features, fingerprint, harmonic_source, manifest
from wyoming_kokoro.model.fingerprint import recipe_digest


@pytest.mark.parametrize(
    ("module", "parameter"),
    [
        (fingerprint, "PREPARATION_REVISION"),
        (manifest, "LOOK_AHEAD_FRAMES"),
        (adain, "EPSILON"),
        (features, "LEAKY_SLOPE"),
        (harmonic_source, "MIN_MAGNITUDE"),
    ],
)
def test_recipe_digest_changes_with_every_parameter(
    module: object, parameter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = recipe_digest()
    monkeypatch.setattr(module, parameter, 17)
    assert recipe_digest() != before


def test_recipe_digest_changes_with_data_files(monkeypatch: pytest.MonkeyPatch) -> None:
    before = recipe_digest()
    monkeypatch.setattr(fingerprint, "DATA_FILES", ("ranges.json",))
    assert recipe_digest() != before
