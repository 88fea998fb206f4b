from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.release_server import (
    CONTENT,
    FILE,
    OTHER,
    QUICK,
    Fault,
    Mirror,
    checksum,
    failure,
    names,
    put_record,
)
from wyoming_kokoro import download
from wyoming_kokoro.config import Config, Directories
from wyoming_kokoro.download import run_download
from wyoming_kokoro.errors import ConfigError
from wyoming_kokoro.releases import RELEASES, RELEASES_VARIABLE, Release, downloads
from wyoming_kokoro_files.configured_file import DOWNLOAD_FILES
from wyoming_kokoro_files.packages import SHA256


def test_the_first_download_is_trusted_and_recorded(
    mirror: Mirror, config: Config, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_download(config, "fp32", QUICK)
    assert (folder / FILE).read_bytes() == CONTENT
    assert json.loads((folder / "checksums.json").read_text()) == {FILE: checksum(CONTENT)}
    assert names(folder) == {FILE, "checksums.json"}
    said = capsys.readouterr().out
    assert f"{folder / FILE} is there and trusted from now on (sha256 {checksum(CONTENT)})." in said
    assert "wyoming-kokoro --model fp32" in said


def test_a_file_with_a_known_checksum_needs_no_record(
    mirror: Mirror,
    config: Config,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(download, "RELEASES", {"voices": Release("v.bin", checksum(CONTENT))})
    run_download(config, "voices", QUICK)
    assert (folder / "v.bin").read_bytes() == CONTENT
    assert names(folder) == {"v.bin"}
    assert 'verified.\nNext: set [model] voices = "voices"' in capsys.readouterr().out


def test_the_folder_is_made_and_redirects_are_followed(
    mirror: Mirror, config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RELEASES_VARIABLE, f"{mirror.url}/moved/")
    run_download(config, "fp32", QUICK)
    assert (downloads(tmp_path) / FILE).read_bytes() == CONTENT


def test_a_verified_file_is_not_fetched_again(
    mirror: Mirror, config: Config, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / FILE).write_bytes(CONTENT)
    put_record(folder, CONTENT)
    run_download(config, "fp32", QUICK)
    assert mirror.asked == []
    assert "is already there and verified." in capsys.readouterr().out


@pytest.mark.parametrize("recorded", [True, False])
def test_a_file_that_cannot_be_verified_is_fetched_again(
    mirror: Mirror, config: Config, folder: Path, recorded: bool
) -> None:
    (folder / FILE).write_bytes(CONTENT[:-1])
    if recorded:
        put_record(folder, CONTENT)
    run_download(config, "fp32", QUICK)
    assert (folder / FILE).read_bytes() == CONTENT


def test_progress_is_logged_by_tenths(mirror: Mirror, config: Config, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    run_download(config, "fp32", QUICK)
    assert caplog.messages[0] == f"Downloading {FILE} (512kB)"
    assert caplog.messages[-1] == f"{FILE}: 100 % of 512kB"
    assert len(caplog.messages) <= 11  # and nothing of httpx


@pytest.mark.parametrize(("status", "answer"), [(404, "404 Not Found"), (403, "403 Forbidden")])
def test_a_refusal_is_not_tried_again(mirror: Mirror, config: Config, folder: Path, status: int, answer: str) -> None:
    mirror.faults = [Fault(status=status)]
    said = failure(config)
    assert answer in said
    assert RELEASES_VARIABLE in said
    assert len(mirror.asked) == 1
    assert names(folder) == set()


def test_a_server_that_stays_busy_is_given_up(mirror: Mirror, config: Config) -> None:
    mirror.faults = [Fault(status=503)] * 9
    assert "503 Service Unavailable" in failure(config)
    assert len(mirror.asked) == 1 + len(QUICK.pauses)


def test_a_wrong_checksum_leaves_nothing(mirror: Mirror, config: Config, folder: Path) -> None:
    said = failure(config, "fp16")
    assert "wrong checksum and was removed" in said
    assert checksum(CONTENT) in said
    assert RELEASES["fp16"].sha256 in said
    assert names(folder) == set()


def test_a_changed_file_is_accepted_when_its_record_is_deleted(mirror: Mirror, config: Config, folder: Path) -> None:
    record = put_record(folder, CONTENT)
    mirror.content = OTHER
    said = failure(config)
    assert f"to accept a new file, delete the entry '{FILE}' from {record}" in said
    assert names(folder) == {"checksums.json"}
    record.write_text("{}")
    run_download(config, "fp32", QUICK)
    assert (folder / FILE).read_bytes() == OTHER
    assert json.loads(record.read_text()) == {FILE: checksum(OTHER)}


@pytest.mark.parametrize("text", ["{", "[]", '{"a": 1}', '"\udcff"'])
def test_a_damaged_record_is_named(mirror: Mirror, config: Config, folder: Path, text: str) -> None:
    (folder / "checksums.json").write_text(text, "utf-8", "surrogateescape")
    assert f"{folder / 'checksums.json'} is not a record of checksums" in failure(config)


def test_a_login_page_is_not_a_model(mirror: Mirror, config: Config, folder: Path) -> None:
    mirror.headers["Content-Type"] = "text/html; charset=utf-8"
    assert "web page" in failure(config)
    assert names(folder) == set()


def test_a_file_of_unknown_length_is_not_trusted(mirror: Mirror, config: Config, folder: Path) -> None:
    mirror.says_length = False
    assert "does not say how long" in failure(config)
    assert FILE not in names(folder)


def test_a_full_disk_is_one_line(mirror: Mirror, config: Config, folder: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    (folder / f"{FILE}.part").symlink_to("/dev/full")
    said = failure(config)
    assert f"{folder} cannot be used (No space left on device)" in said
    assert FILE not in names(folder)


def test_a_folder_that_cannot_be_made_is_one_line(mirror: Mirror, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    config = Config(directories=Directories(cache=str(tmp_path / "file")))
    assert "choose another place with --cache" in failure(config)
    assert mirror.asked == []


@pytest.mark.parametrize("address", ["ftp://example.org", "example.org/x", "http://", "http://x:port", "/x"])
def test_an_address_that_is_none_is_a_configuration_error(
    config: Config, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv(RELEASES_VARIABLE, address)
    with pytest.raises(ConfigError, match=RELEASES_VARIABLE):
        run_download(config, "fp32", QUICK)


def test_a_wrong_proxy_is_a_configuration_error(
    mirror: Mirror, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "gopher://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "gopher://127.0.0.1:1")
    with pytest.raises(ConfigError, match="proxy"):
        run_download(config, "fp32", QUICK)


def test_a_password_in_the_address_is_not_shown(
    mirror: Mirror, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RELEASES_VARIABLE, mirror.url.replace("//", "//me:secret@"))
    mirror.faults = [Fault(status=403)]
    assert "secret" not in failure(config)


def test_the_plugin_for_files_knows_every_file_by_the_same_name() -> None:
    assert {variant: release.file for variant, release in RELEASES.items()} == DOWNLOAD_FILES


def test_the_table_needs_no_http_client() -> None:
    code = "import sys, wyoming_kokoro.releases; sys.exit('httpx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_packages_are_the_int8_release() -> None:
    assert RELEASES["int8"].sha256 == SHA256
