"""The property list and the commands for launchd. These tests do not run on launchd itself."""

from __future__ import annotations

import json
import os
import plistlib
import sys
from pathlib import Path

import pytest

from tests.helpers.service_programs import program
from wyoming_kokoro.cli.service.launchd import launchd, render_plist
from wyoming_kokoro.cli.service.manager import check_available
from wyoming_kokoro.errors import StartupError


@pytest.fixture(autouse=True)
def mac(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pretend that this is a Mac and that user 501 runs sudo."""
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(os, "getuid", lambda: 501)
    monkeypatch.setattr(os, "geteuid", lambda: 501)
    monkeypatch.setenv("HOME", "/Users/me")
    monkeypatch.setenv("SUDO_USER", "me")


@pytest.mark.parametrize("owner", ["", "me"])
def test_property_list(owner: str) -> None:
    keys = plistlib.loads(render_plist(program("unix:///tmp/<&>.sock"), Path("/log"), owner).encode())
    assert keys["ProgramArguments"] == ["/bin/true", "serve"]
    assert keys["KeepAlive"] == {"SuccessfulExit": False}
    assert keys["ExitTimeOut"] == 30
    assert keys.get("UserName", "") == owner
    # launchd knows only the types that JSON has.
    json.dumps(keys)


@pytest.mark.parametrize(
    ("is_user_service", "domain", "file"),
    [
        (True, "gui/501", "/Users/me/Library/LaunchAgents/wyoming-kokoro.plist"),
        (False, "system", "/Library/LaunchDaemons/wyoming-kokoro.plist"),
    ],
)
def test_installation_replaces_an_old_service(is_user_service: bool, domain: str, file: str) -> None:
    manager = launchd(is_user_service)
    install, uninstall = manager.install(program()), manager.uninstall
    (stop,), (start,) = install.before, install.after
    assert (stop.words, stop.may_fail) == (("launchctl", "bootout", f"{domain}/wyoming-kokoro"), True)
    assert start.words == ("launchctl", "bootstrap", domain, file)
    assert tuple(install.files) == tuple(uninstall.files) == (Path(file),)
    assert uninstall.before == (stop,)
    # Only a system service names its user.
    assert ("UserName" in str(install.files[Path(file)])) != is_user_service


def test_system_service_needs_root() -> None:
    check_available(is_user_service=True)
    with pytest.raises(StartupError, match="sudo"):
        check_available(is_user_service=False)
