"""Models are prepared once, in child processes, completely or not at all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import onnx
import pytest

from wyoming_kokoro.errors import GraphMismatch, StartupError
from wyoming_kokoro.model.manifest import MANIFEST_FILE, Manifest
from wyoming_kokoro.preparation.store import fix_shapes, prepare_stages, stages_path
from wyoming_kokoro.storage import prepare_folder


@pytest.fixture
def model(model_cache: Path, stages_folder: Path) -> Path:
    return model_cache / "models" / "kokoro-v1.0.int8.onnx"


def test_generation_is_named_after_model_recipe_and_runtime() -> None:
    paths = {stages_path(sha, recipe, Path("cache")) for sha in ("a" * 64, "b" * 64) for recipe in ("one", "other")}
    assert len(paths) == 4
    assert all("-ort1." in path.name for path in paths)


@pytest.mark.model
def test_prepared_stages_are_used_again(model: Path, stages_folder: Path) -> None:
    before = {file.name: file.stat().st_mtime_ns for file in stages_folder.iterdir()}
    assert {"prosody.onnx", "decoder.onnx", "vocoder.onnx", "whole.onnx", "affine.npz", MANIFEST_FILE} <= set(before)
    cache = stages_folder.parent.parent
    sha256, recipe = stages_folder.name.split("-")[:2]
    assert prepare_stages(model, sha256 + "0" * 48, recipe, cache) == stages_folder
    assert {file.name: file.stat().st_mtime_ns for file in stages_folder.iterdir()} == before
    assert Manifest.read(stages_folder).look_ahead > 0


@pytest.mark.model
def test_preparation_sends_no_telemetry(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With telemetry, ONNX Runtime writes an identity and a store of events into the home directory."""
    for variable in ("CI", "GITHUB_ACTIONS", "PYTEST_CURRENT_TEST", "ORT_DISABLE_TELEMETRY"):
        monkeypatch.delenv(variable, raising=False)
    for variable in ("HOME", "XDG_CACHE_HOME", "TMPDIR"):
        monkeypatch.setenv(variable, str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    folder = prepare_stages(model, "f" * 64, "recipe", tmp_path / "cache")
    assert (folder / "affine.npz").is_file()
    assert list((tmp_path / "home").rglob("*")) == []


@pytest.mark.model
def test_two_servers_prepare_the_same_model_once(model: Path, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from wyoming_kokoro.preparation.store import prepare_stages;"
        "print(prepare_stages(Path(sys.argv[1]), 'f' * 64, 'recipe', Path(sys.argv[2])))"
    )
    command = [sys.executable, "-c", program, str(model), str(tmp_path)]
    servers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    (folder,) = {server.communicate(timeout=120)[0].strip() for server in servers}
    assert Manifest.read(Path(folder)).lag > 0
    assert {item.name for item in Path(folder).parent.iterdir()} == {Path(folder).name, ".lock"}


@pytest.mark.model
@pytest.mark.parametrize(
    "name",
    # The slow ones take 3 s each, and the digests of all files are checked alike.
    [MANIFEST_FILE, *(pytest.param(name, marks=pytest.mark.slow) for name in ("affine.npz", "vocoder.int8.onnx"))],
)
def test_damaged_stages_are_prepared_again(
    model: Path, tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder = stages_path("a" * 64, "recipe", tmp_path)
    # Damage is found before any file is read, so this folder needs only one file.
    with prepare_folder(folder) as part:
        (part / name).write_bytes(b"[" * 100_000)
    (folder / name).write_bytes(b"")
    assert prepare_stages(model, "a" * 64, "recipe", tmp_path) == folder
    assert Manifest.read(folder).lag > 0
    assert (folder / name).stat().st_size
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_another_model_is_a_mismatch_and_leaves_no_files(tmp_path: Path) -> None:
    other = tmp_path / "other.onnx"
    graph = onnx.helper.make_graph([], "other", [], [])
    onnx.save(onnx.helper.make_model(graph), other)
    with pytest.raises(GraphMismatch, match="no harmonic source"):
        prepare_stages(other, "e" * 64, "recipe", tmp_path)
    assert {item.name for item in (tmp_path / "stages").iterdir()} == {".lock"}


def test_file_that_is_not_onnx_is_a_mismatch(tmp_path: Path) -> None:
    other = tmp_path / "text.onnx"
    other.write_text("no model")
    with pytest.raises(GraphMismatch, match="is not an ONNX file"):
        prepare_stages(other, "e" * 64, "recipe", tmp_path)


@pytest.mark.parametrize(("precision", "reason"), [("float8", "choose float, float16"), ("int8", "is missing")])
def test_vocoder_that_cannot_be_fixed_is_a_mismatch(tmp_path: Path, precision: str, reason: str) -> None:
    with pytest.raises(GraphMismatch, match=reason):
        fix_shapes(tmp_path, precision)


def test_unwritable_cache_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "stages").write_text("a file in the place of the folder")
    with pytest.raises(StartupError, match="--cache"):
        prepare_stages(tmp_path / "model.onnx", "e" * 64, "recipe", tmp_path)
