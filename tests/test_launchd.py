"""The service of a Mac: what is written and told, not what a Mac makes of it."""

from __future__ import annotations

import json
import plistlib
from pathlib import Path

import pytest

from tests.helpers.programs import program
from wyoming_kokoro.cli.service.launchd import Launchd
from wyoming_kokoro.errors import StartupError


def launchd(of_user: bool) -> Launchd:
    return Launchd(of_user, Path("/Users/me"), 501 if of_user else 0, "me")


@pytest.mark.parametrize("of_user", [False, True])
def test_the_property_list(of_user: bool) -> None:
    keys = plistlib.loads(launchd(of_user).plist(program("unix:///tmp/<&>.sock")).encode())
    assert keys["ProgramArguments"] == ["/bin/true", "serve"]
    assert keys["KeepAlive"] == {"SuccessfulExit": False}
    assert keys["ExitTimeOut"] == 30
    assert keys.get("UserName") == (None if of_user else "me")
    json.dumps(keys)  # nothing in it is of a kind that launchd does not know


@pytest.mark.parametrize(
    ("of_user", "domain", "file"),
    [
        (True, "gui/501", "/Users/me/Library/LaunchAgents/wyoming-kokoro.plist"),
        (False, "system", "/Library/LaunchDaemons/wyoming-kokoro.plist"),
    ],
)
def test_what_launchctl_is_told(of_user: bool, domain: str, file: str) -> None:
    """An old one is taken away first, if there is one."""
    there = launchd(of_user)
    install, uninstall = there.install(program()), there.uninstall()
    (stop,), (start,) = install.before, install.after
    assert (stop.words, stop.may_fail) == (("launchctl", "bootout", f"{domain}/wyoming-kokoro"), True)
    assert start.words == ("launchctl", "bootstrap", domain, file)
    assert tuple(install.write) == uninstall.remove == (Path(file),)
    assert uninstall.before == (stop,)


def test_a_service_of_the_system_wants_root() -> None:
    with pytest.raises(StartupError, match="sudo"):
        Launchd(False, Path("/Users/me"), 501, "").must_be_there()
