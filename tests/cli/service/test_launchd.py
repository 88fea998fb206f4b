"""The property list and the commands for launchd. These tests do not run on launchd itself."""

from __future__ import annotations

import json
import os
import plistlib
from pathlib import Path

import pytest

from tests.helpers.service_programs import program
from wyoming_kokoro.cli.service.launchd import LaunchdManager
from wyoming_kokoro.errors import StartupError


def launchd(is_user_service: bool) -> LaunchdManager:
    return LaunchdManager(is_user_service, Path("/Users/me"), 501 if is_user_service else 0, "me")


@pytest.mark.parametrize("is_user_service", [False, True])
def test_property_list(is_user_service: bool) -> None:
    keys = plistlib.loads(launchd(is_user_service).plist(program("unix:///tmp/<&>.sock")).encode())
    assert keys["ProgramArguments"] == ["/bin/true", "serve"]
    assert keys["KeepAlive"] == {"SuccessfulExit": False}
    assert keys["ExitTimeOut"] == 30
    assert keys.get("UserName") == (None if is_user_service else "me")
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
    install, uninstall = manager.install(program()), manager.uninstall()
    (stop,), (start,) = install.before, install.after
    assert (stop.words, stop.may_fail) == (("launchctl", "bootout", f"{domain}/wyoming-kokoro"), True)
    assert start.words == ("launchctl", "bootstrap", domain, file)
    assert tuple(install.write) == uninstall.remove == (Path(file),)
    assert uninstall.before == (stop,)


def test_system_service_needs_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 501)
    launchd(is_user_service=True).check_available()
    with pytest.raises(StartupError, match="sudo"):
        launchd(is_user_service=False).check_available()
