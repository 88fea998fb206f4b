from __future__ import annotations

import hashlib
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.servers.release_server import Answer, ReleaseServer, running_release_server
from tests.helpers.waiting import block_until
from wyoming_kokoro.cli.download import MAX_RETRIES
from wyoming_kokoro.cli.main import main
from wyoming_kokoro.config import Config, Directories
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro_distilled.published import HibariVoices
from wyoming_kokoro_files import releases
from wyoming_kokoro_files.releases import ReleaseFile

CONTENT = bytes(range(256)) * 2000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
FILES = {"fp32": ReleaseFile("model.onnx", SHA256, "a model"), "voices": ReleaseFile("voices.bin", SHA256, "voices")}
VOICES = {
    "heart": {"kokoro": "af_heart", "file": "hibari.onnx", "bundled": True, "bytes": 1, "sha256": ""},
    "emma": {"kokoro": "bf_emma", "file": "bf_emma.onnx", "bundled": False, "bytes": 512_000, "sha256": SHA256},
}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ReleaseServer]:
    for variable in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(variable)
    monkeypatch.setattr(releases, "RELEASE_FILES", FILES)
    monkeypatch.setattr(HibariVoices, "_entries", lambda _: list(VOICES.values()))
    monkeypatch.setattr("pooch.core.time.sleep", lambda _: None)  # between retries
    with running_release_server(CONTENT) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "downloads"


def arguments(folder: Path, name: str, url: str) -> list[str]:
    config = folder.parents[1] / "config.toml"
    config.write_text(f'[plugins.files]\ndownload_url = "{url}"\n[plugins.distilled]\ndownload_url = "{url}/"\n')
    return ["download", name, "--config", str(config), "--cache", str(folder.parent)]


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_file_is_downloaded_and_the_next_step_is_printed(
    server: ReleaseServer, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(folder, "fp32", server.url)) == 0
    assert (folder / "model.onnx").read_bytes() == CONTENT
    assert names(folder) == ["model.onnx"]
    assert server.paths == ["/model.onnx"]
    first, second = capsys.readouterr().out.splitlines()
    assert first == f"{folder / 'model.onnx'} is verified."
    assert second == 'Next: run wyoming-kokoro --model fp32, or set [model] path = "fp32" in config.toml'


def test_voices_have_their_own_setting(server: ReleaseServer, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments(folder, "voices", server.url)) == 0
    assert (folder / "voices.bin").read_bytes() == CONTENT
    assert '[model] voices = "voices"' in capsys.readouterr().out


def test_distilled_voice_is_found_by_its_plugin(
    server: ReleaseServer, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def voices() -> set[str]:
        plugins = PluginManager.load(Config(directories=Directories(cache=str(folder.parent))))
        return {voice for model in plugins.speech_models() for voice in model.voices}

    assert "bf_emma" not in voices()
    assert main(arguments(folder, "bf_emma", server.url)) == 0
    assert server.paths == ["/bf_emma.onnx"]
    assert "restart the server; with the quality auto or distilled" in capsys.readouterr().out
    assert "bf_emma" in voices()


def test_list_shows_what_is_stored(server: ReleaseServer, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments(folder, "bf_emma", server.url)) == 0
    capsys.readouterr()
    assert main([*arguments(folder, "bf_emma", server.url), "--list"]) == 0
    output = capsys.readouterr().out
    _, fp32, voices, emma = (" ".join(line.split()) for line in output.splitlines())
    assert fp32 == "fp32 a model no"
    assert voices == "voices voices no"
    assert emma == f"bf_emma the distilled model of the voice bf_emma (1 MB) {folder / 'bf_emma.onnx'}"
    assert server.url not in output


def test_verified_file_is_not_downloaded_again(server: ReleaseServer, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(CONTENT)
    assert main(arguments(folder, "fp32", server.url)) == 0
    assert server.paths == []


def test_damaged_file_is_downloaded_again(server: ReleaseServer, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(CONTENT[:-1])
    assert main(arguments(folder, "fp32", server.url)) == 0
    assert (folder / "model.onnx").read_bytes() == CONTENT


def test_redirect_is_followed(server: ReleaseServer, folder: Path) -> None:
    server.answers = [Answer(302, {"Location": f"{server.url}/elsewhere"})]
    assert main(arguments(folder, "fp32", server.url)) == 0
    assert server.paths == ["/model.onnx", "/elsewhere"]


@pytest.mark.parametrize("first", [Answer(cut=200_000), Answer(503), Answer(500)])
def test_failed_download_is_retried_from_the_start(server: ReleaseServer, folder: Path, first: Answer) -> None:
    server.answers = [first]
    assert main(arguments(folder, "fp32", server.url)) == 0
    assert (folder / "model.onnx").read_bytes() == CONTENT


def test_progress_is_logged_by_tenths(
    server: ReleaseServer, folder: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    assert main(arguments(folder, "fp32", server.url)) == 0
    messages = [message for message in caplog.messages if message.startswith("Downloading")]
    assert messages[0] == "Downloading model.onnx (1 MB)"
    assert messages[-1] == "Downloading model.onnx: 100%"
    assert 3 < len(messages) <= 11
    assert server.url not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(404), "the server answers 404 Not Found"),
        (Answer(503), "the server answers 503 Service Unavailable"),
        (Answer(cut=1000), "IncompleteRead"),
    ],
)
def test_failure_is_one_line_and_leaves_nothing(
    server: ReleaseServer, folder: Path, capsys: pytest.CaptureFixture[str], answer: Answer, reason: str
) -> None:
    server.answers = [answer] * (1 + MAX_RETRIES)
    assert main(arguments(folder, "fp32", server.url.replace("//", "//me:secret@"))) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "model.onnx cannot be downloaded" in line
    assert reason in line
    assert f"copy the file to {folder / 'model.onnx'}" in line
    assert "secret" not in line
    assert len(server.paths) == 1 + MAX_RETRIES
    assert names(folder) == []


def test_missing_connection_is_one_line(
    server: ReleaseServer, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(folder, "fp32", "http://127.0.0.1:1")) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "check the connection" in line


def test_wrong_content_is_refused_and_the_old_file_stays(
    server: ReleaseServer, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(b"old")
    server.content = b"not the published file"
    assert main(arguments(folder, "fp32", server.url)) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "model.onnx is not the published file" in line
    assert SHA256 in line
    assert (folder / "model.onnx").read_bytes() == b"old"
    assert names(folder) == ["model.onnx"]


def test_unwritable_cache_is_one_line(server: ReleaseServer, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder.parent.write_text("a file in the place of the directory")
    assert main(arguments(folder, "fp32", server.url)) == 1
    assert "cannot be written: Not a directory; check that directory, or choose another" in capsys.readouterr().err
    assert server.paths == []


def test_unknown_name_lists_the_downloads(
    server: ReleaseServer, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(folder, "fp9", server.url)) == 1
    assert "no download is named 'fp9'; choose one of: fp32, voices, bf_emma" in capsys.readouterr().err


@pytest.mark.parametrize("url", ["ftp://example.org", "example.org/x", "", "http://"])
def test_wrong_address_is_a_configuration_error(folder: Path, capsys: pytest.CaptureFixture[str], url: str) -> None:
    assert main(arguments(folder, "fp32", url)) == 2
    assert ".download_url" in capsys.readouterr().err


def test_interrupt_leaves_nothing(server: ReleaseServer, folder: Path) -> None:
    server.answers = [Answer(cut=200_000, stalls=True)]
    command = [sys.executable, "-m", "wyoming_kokoro", *arguments(folder, "fp16", server.url)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    block_until(lambda: server.paths and names(folder))
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
    assert names(folder) == []
