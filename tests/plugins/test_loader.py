"""The loader is tested with real distributions on a real `sys.path`."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from wyoming_kokoro.config import Config, Directories
from wyoming_kokoro.errors import ConfigError, StartupError
from wyoming_kokoro.plugins.loader import LoadedPlugin, load_plugins

if TYPE_CHECKING:
    from tests.helpers.distributions import Site

pytest_plugins = ["tests.helpers.distributions"]

OWN = "wyoming-kokoro"
FILTER = """\
@hookimpl
def kokoro_text_filters(self):
    yield TextFilter(self.context.name, 10, str.upper)
"""
BROKEN = "raise RuntimeError('out of\\nink')"
UNAVAILABLE = """\
from wyoming_kokoro import PluginUnavailable

def Plugin(context):
    raise PluginUnavailable("needs a Mac; disable it")
"""


def load(config: Config | None = None) -> dict[str, LoadedPlugin]:
    _, loaded = load_plugins(config or Config(source="here.toml"))
    return {plugin.name: plugin for plugin in loaded}


def load_error(config: Config | None = None) -> str:
    """Return the message of the error that stops the start."""
    with pytest.raises((StartupError, ConfigError)) as caught:
        load(config)
    return str(caught.value)


def test_builtin_plugins_load_first_and_the_others_by_name(site: Site) -> None:
    site.add("zebra", {"apple": FILTER})
    site.add("aardvark", {"zoo": FILTER, "ant": FILTER})
    site.add(OWN, {"text": FILTER, "cpu": FILTER})
    assert list(load()) == ["cpu", "text", "ant", "apple", "zoo"]


def test_loaded_plugin_has_distribution_status_and_hooks(site: Site) -> None:
    site.add(OWN, {"text": FILTER})
    site.add("parrot", {"bird": "@hookimpl\ndef kokoro_providers(self): return []\n" + FILTER})
    bird = LoadedPlugin(
        "bird",
        "parrot",
        "1.2",
        "active",
        is_builtin=False,
        is_required=False,
        hooks=("kokoro_providers", "kokoro_text_filters"),
    )
    text = LoadedPlugin("text", OWN, "1.2", "active", is_builtin=True, is_required=True, hooks=("kokoro_text_filters",))
    assert load() == {"text": text, "bird": bird}


def test_distribution_that_is_installed_twice_is_loaded_once(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An editable install and a wheel of the same project are not two plugins of one name."""
    site.add("parrot", {"bird": FILTER})
    copy = type(site)(tmp_path / "copy")
    copy.folder.mkdir()
    copy.add("parrot", {"bird": BROKEN})
    monkeypatch.setattr(sys, "path", [*sys.path, str(copy.folder)])
    assert load()["bird"].status == "active"


def test_context_has_name_folders_logger_and_table_without_enabled(site: Site, tmp_path: Path) -> None:
    site.add("parrot", {"bird": FILTER})
    directories = Directories(str(tmp_path / "cache"), str(tmp_path / "state"))
    tables = {"bird": {"enabled": True, "colour": "green"}}
    manager, _ = load_plugins(Config(directories=directories, plugins=tables, source="here.toml"))
    context = cast("Any", manager.get_plugin("bird")).context
    assert (context.name, context.config_source, context.table) == ("bird", "here.toml", {"colour": "green"})
    assert (context.cache_dir, context.state_dir) == (tmp_path / "cache", tmp_path / "state")
    assert context.log.name == "wyoming_kokoro.plugins.bird"
    assert tables == {"bird": {"enabled": True, "colour": "green"}}


@pytest.mark.parametrize(
    "source",
    [
        BROKEN,
        "import nowhere_to_be_found",
        "def Plugin(context): raise KeyError('colour')",
        "def Plugin(): pass",
        "",
    ],
    ids=["import", "missing dependency", "constructor", "no argument", "no such name"],
)
def test_broken_third_party_plugin_is_logged_and_skipped(
    site: Site, caplog: pytest.LogCaptureFixture, source: str
) -> None:
    site.add_modules("parrot", {"bird": source})
    site.add("zebra", {"zoo": FILTER})
    loaded = load()
    assert (loaded["bird"].status, loaded["bird"].hooks) == ("failed", ())
    assert loaded["bird"].reason
    assert loaded["zoo"].status == "active"
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert "plugin bird (parrot 1.2) cannot be loaded" in record.getMessage()
    assert loaded["bird"].reason in record.getMessage()


def test_broken_builtin_plugin_stops_the_start(site: Site) -> None:
    site.add_modules(OWN, {"text": "raise RuntimeError('out of ink')"})
    assert load_error() == "plugin text (wyoming-kokoro 1.2) cannot be loaded: RuntimeError: out of ink"


def test_broken_required_plugin_stops_the_start(site: Site) -> None:
    site.add_modules("parrot", {"bird": "raise RuntimeError('out of ink')"})
    message = load_error(Config(required_plugins=("bird",)))
    assert message == "plugin bird (parrot 1.2) cannot be loaded: RuntimeError: out of ink"


@pytest.mark.parametrize("other", [OWN, "zebra"])
@pytest.mark.parametrize("tables", [{}, {"bird": {"enabled": False}}], ids=["enabled", "disabled"])
def test_two_plugins_with_one_name_stop_the_start(site: Site, other: str, tables: dict[str, dict[str, object]]) -> None:
    site.add("parrot", {"bird": FILTER})
    site.add(other, {"bird": FILTER})
    message = load_error(Config(plugins=tables))
    assert "named bird" in message
    assert "parrot" in message
    assert other in message
    assert "uninstall one of them" in message


@pytest.mark.parametrize("distribution", [OWN, "parrot"])
def test_unavailable_plugin_is_listed_with_its_reason(
    site: Site, caplog: pytest.LogCaptureFixture, distribution: str
) -> None:
    site.add_modules(distribution, {"bird": UNAVAILABLE})
    with caplog.at_level(logging.DEBUG, logger="wyoming_kokoro"):
        bird = load()["bird"]
    assert (bird.status, bird.reason, bird.hooks) == ("unavailable", "needs a Mac; disable it", ())
    assert [record.levelno for record in caplog.records] == [logging.DEBUG if distribution == OWN else logging.INFO]


def test_unavailable_required_plugin_stops_the_start(site: Site) -> None:
    site.add_modules("parrot", {"bird": UNAVAILABLE})
    message = load_error(Config(required_plugins=("bird",)))
    assert message == "the required plugin bird is unavailable: needs a Mac; disable it"


def test_disabled_plugin_is_not_imported(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    site.add_modules(OWN, {"text": BROKEN})
    text = load(Config(plugins={"text": {"enabled": False}}))["text"]
    assert (text.status, text.reason, text.hooks) == ("disabled", "enabled = false in the configuration", ())
    assert not caplog.records


def test_disabled_required_plugin_stops_the_start(site: Site) -> None:
    site.add("parrot", {"bird": FILTER})
    config = Config(plugins={"bird": {"enabled": False}}, required_plugins=("bird",))
    assert load_error(config) == "the required plugin bird is disabled: enabled = false in the configuration"


def test_enabled_that_is_not_boolean_stops_the_start(site: Site) -> None:
    """The string "no" would be true."""
    site.add("parrot", {"bird": FILTER})
    config = Config(plugins={"bird": {"enabled": "no"}}, source="here.toml")
    assert load_error(config) == "here.toml: plugins.bird.enabled: must be true or false"


WRONG_HOOKS = {
    "argument": "@hookimpl\ndef kokoro_phonemizer(self, tongue): return 'wrong'",
    "name": "@hookimpl\ndef kokoro_phonemiser(self, language): return 'wrong'",
    "second hook": FILTER + "@hookimpl\ndef kokoro_phonemizer(self, tongue): return 'wrong'",
}


@pytest.mark.parametrize("body", WRONG_HOOKS.values(), ids=WRONG_HOOKS.keys())
def test_plugin_with_one_wrong_hook_is_skipped_as_a_whole(site: Site, body: str) -> None:
    site.add("parrot", {"bird": body})
    site.add("zebra", {"zoo": FILTER})
    manager, loaded = load_plugins(Config())
    assert [(plugin.name, plugin.status) for plugin in loaded] == [("bird", "failed"), ("zoo", "active")]
    assert not manager.has_plugin("bird")
    assert [text_filter.name for [text_filter] in manager.hook.kokoro_text_filters()] == ["zoo"]
    assert manager.hook.kokoro_phonemizer(language="en") is None


@pytest.mark.parametrize("body", WRONG_HOOKS.values(), ids=WRONG_HOOKS.keys())
def test_wrong_hook_of_a_builtin_plugin_stops_the_start(site: Site, body: str) -> None:
    site.add(OWN, {"text": body})
    assert load_error().startswith("plugin text (wyoming-kokoro 1.2) cannot be loaded: PluginValidationError")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            Config(plugins={"brid": {}}, source="here.toml"),
            "here.toml: plugins.brid: not installed; did you mean bird?",
        ),
        (
            Config(required_plugins=("coreml",), source="here.toml"),
            "here.toml: required_plugins.coreml: not installed; known: bird",
        ),
    ],
)
def test_configured_plugin_that_is_not_installed_stops_the_start(site: Site, config: Config, message: str) -> None:
    site.add("parrot", {"bird": FILTER})
    assert load_error(config) == message


def test_unknown_key_of_a_third_party_plugin_stops_the_start(site: Site) -> None:
    source = """\
from dataclasses import dataclass
@dataclass(frozen=True)
class Settings:
    colour: str = "green"

def Plugin(context):
    context.settings(Settings)
"""
    site.add_modules("parrot", {"bird": source})
    config = Config(plugins={"bird": {"color": "red"}}, source="here.toml")
    assert load_error(config) == "here.toml: plugins.bird.color: unknown key; did you mean colour?"


def test_second_plugin_with_the_same_object_is_skipped(site: Site) -> None:
    shared = "ONE = object.__new__(type('Shared', (), {}))\ndef Plugin(context): return ONE"
    site.add_modules("parrot", {"ant": shared, "bird": "from parrot_plugin_ant import Plugin"})
    loaded = load()
    assert loaded["ant"].status == "active"
    assert loaded["bird"].status == "failed"
    assert "already registered" in loaded["bird"].reason
