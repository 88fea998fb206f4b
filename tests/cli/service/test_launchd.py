"""The service of a Mac: what is written and told, not what a Mac makes of it."""

from __future__ import annotations

import json
import plistlib
from pathlib import Path

import pytest

from tests.helpers.service_programs import program
from wyoming_kokoro.errors import StartupError
from wyoming_kokoro.service.launchd import LaunchdManager


def launchd(is_user_service: bool) -> LaunchdManager:
    return LaunchdManager(is_user_service, Path("/Users/me"), 501 if is_user_service else 0, "me")


@pytest.mark.parametrize("is_user_service", [False, True])
def test_the_property_list(is_user_service: bool) -> None:
    keys = plistlib.loads(launchd(is_user_service).plist(program("unix:///tmp/<&>.sock")).encode())
    assert keys["ProgramArguments"] == ["/bin/true", "serve"]
    assert keys["KeepAlive"] == {"SuccessfulExit": False}
    assert keys["ExitTimeOut"] == 30
    assert keys.get("UserName") == (None if is_user_service else "me")
    json.dumps(keys)  # nothing in it is of a kind that launchd does not know


@pytest.mark.parametrize(
    ("is_user_service", "domain", "file"),
    [
        (True, "gui/501", "/Users/me/Library/LaunchAgents/wyoming-kokoro.plist"),
        (False, "system", "/Library/LaunchDaemons/wyoming-kokoro.plist"),
    ],
)
def test_what_launchctl_is_told(is_user_service: bool, domain: str, file: str) -> None:
    """An old one is taken away first, if there is one."""
    there = launchd(is_user_service)
    install, uninstall = there.install(program()), there.uninstall()
    (stop,), (start,) = install.before, install.after
    assert (stop.words, stop.may_fail) == (("launchctl", "bootout", f"{domain}/wyoming-kokoro"), True)
    assert start.words == ("launchctl", "bootstrap", domain, file)
    assert tuple(install.write) == uninstall.remove == (Path(file),)
    assert uninstall.before == (stop,)


def test_a_service_of_the_system_wants_root() -> None:
    with pytest.raises(StartupError, match="sudo"):
        LaunchdManager(False, Path("/Users/me"), 501, "").check_available()
