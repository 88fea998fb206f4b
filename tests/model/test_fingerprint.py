from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from wyoming_kokoro.api.providers import Provider, Session, SessionOptions
from wyoming_kokoro.config import Config, InferenceConfig, ModelConfig
from wyoming_kokoro.model import adain, features, fingerprint, harmonic_source, manifest
from wyoming_kokoro.model.fingerprint import machine_fingerprint, recipe_digest


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


def open_nothing(_: object, __: SessionOptions) -> Session:
    raise OSError


CPU = Provider("cpu", 10, "int8", open_nothing)
MISSING = Provider("coreml", 50, "float16", open_nothing, unavailable_reason="needs a Mac")


@pytest.mark.parametrize(
    ("target", "name", "value"),
    [
        (fingerprint, "arithmetic_identity", lambda: "another CPU"),
        (fingerprint, "onnxruntime_version", lambda: "another version"),
        (fingerprint, "threadpool_info", lambda: [{"user_api": "blas", "architecture": "another kernel"}]),
        (np, "__version__", "another version"),
    ],
)
def test_machine_fingerprint_changes_with_whatever_changes_samples(
    monkeypatch: pytest.MonkeyPatch, target: object, name: str, value: object
) -> None:
    before = machine_fingerprint(Config(), [CPU])
    monkeypatch.setattr(target, name, value)
    assert machine_fingerprint(Config(), [CPU]) != before


@pytest.mark.parametrize("change", [{"name": "npu"}, {"precision": "float"}, {"version": "driver 2"}])
def test_machine_fingerprint_changes_with_usable_providers(change: Mapping[str, str]) -> None:
    before = machine_fingerprint(Config(), [CPU])
    assert machine_fingerprint(Config(), [replace(CPU, **change)]) != before  # type: ignore[arg-type]
    assert machine_fingerprint(Config(inference=InferenceConfig("cpu")), [CPU]) != before


def test_machine_fingerprint_ignores_what_changes_no_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    before = machine_fingerprint(Config(), [CPU])
    openmp = {"user_api": "openmp", "architecture": None}
    blas = threadpool_info()
    # Libraries are loaded in any order, and some only later.
    monkeypatch.setattr(fingerprint, "threadpool_info", lambda: [openmp, *blas, *blas])
    assert machine_fingerprint(Config(model=ModelConfig(threads=1)), [CPU, MISSING]) == before
