from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, cast

import pytest

from wyoming_kokoro.api.memory import FreedMemory, MemoryPressure
from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import ConfigError, StartupError
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.speech.phrase_cache import NullPhraseCache, open_phrase_cache
from wyoming_kokoro.testing import FakePhraseCache, FakeServer

if TYPE_CHECKING:
    from tests.helpers.distributions import Site

pytest_plugins = ["tests.helpers.distributions"]

OWN = "wyoming-kokoro"


def provider(name: str, priority: int, unavailable_reason: str | None = None) -> str:
    return f"Provider({name!r}, {priority}, 'float', open, unavailable_reason={unavailable_reason!r})"


def plugin_yielding(hook: str, *items: str) -> str:
    """Return the body of a plugin whose `hook` yields `items`, which are Python expressions."""
    arguments = {"kokoro_services": "self, server", "kokoro_phonemizer": "self, language"}.get(hook, "self")
    return f"@hookimpl\ndef {hook}({arguments}):\n    yield from [{', '.join(items)}]\n"


def phonemizer_plugin(*languages: str, name: str = "") -> str:
    """Return the body of a plugin whose phonemizers for `languages` return `name`."""
    return f"""\
@hookimpl
def kokoro_phonemizer(self, language):
    return type("V", (), {{"phonemize": lambda self, text: {name!r}}})() if language in {languages} else None
"""


def phonemize(plugins: PluginManager, language: str) -> str | None:
    found = plugins.phonemizer(language)
    return found.phonemize("hello") if found else None


def service_names(plugins: PluginManager) -> list[object]:
    return [cast("nullcontext[object]", service).enter_result for service in plugins.services(FakeServer())]


CALLS: dict[str, Callable[[PluginManager], object]] = {
    "kokoro_providers": PluginManager.providers,
    "kokoro_speech_models": PluginManager.speech_models,
    "kokoro_text_filters": PluginManager.text_filters,
    "kokoro_phoneme_filters": PluginManager.phoneme_filters,
    "kokoro_model_sources": PluginManager.model_sources,
    "kokoro_downloads": PluginManager.downloads,
    "kokoro_services": lambda plugins: plugins.services(FakeServer()),
    "kokoro_phonemizer": lambda plugins: plugins.phonemizer("eo"),
}
RAISING = "raise RuntimeError('out of ink')"
COLLECTED = [hook for hook in CALLS if hook != "kokoro_phonemizer"]


def test_without_plugins_every_answer_is_empty(site: Site) -> None:
    plugins = PluginManager.load(Config())
    assert {hook: call(plugins) for hook, call in CALLS.items()} == {
        **dict.fromkeys(COLLECTED, ()),
        "kokoro_phonemizer": None,
    }


def test_providers_are_sorted_by_priority_and_the_unusable_ones_last(site: Site) -> None:
    mac = provider("coreml", 90, "needs a Mac")
    site.add(OWN, {"cpu": plugin_yielding("kokoro_providers", provider("cpu", 10), mac)})
    site.add("parrot", {"bird": plugin_yielding("kokoro_providers", provider("npu", 50), provider("old", 5, "old"))})
    found = PluginManager.load(Config()).providers()
    assert [(item.name, item.unavailable_reason) for item in found] == [
        ("npu", None),
        ("cpu", None),
        ("coreml", "needs a Mac"),
        ("old", "old"),
    ]


def test_hook_is_called_once(site: Site) -> None:
    """The fingerprint of the pronunciation and the text pipeline, for example, both need the text filters."""
    body = "@hookimpl\ndef kokoro_providers(self):\n    self.calls = getattr(self, 'calls', 0) + 1\n    yield "
    site.add("parrot", {"bird": body + "Provider(f'call {self.calls}', 1, 'float', open)\n"})
    plugins = PluginManager.load(Config())
    assert [item.name for _ in range(2) for item in plugins.providers()] == ["call 1", "call 1"]


def test_two_providers_with_one_name_stop_the_start(site: Site) -> None:
    site.add(OWN, {"cpu": plugin_yielding("kokoro_providers", provider("cpu", 10))})
    site.add("parrot", {"bird": plugin_yielding("kokoro_providers", provider("cpu", 50))})
    plugins = PluginManager.load(Config())
    with pytest.raises(StartupError, match="two plugins have a provider named cpu; disable one of them"):
        plugins.providers()


def test_text_filters_are_sorted_by_their_order(site: Site) -> None:
    site.add(
        OWN,
        {"text": plugin_yielding("kokoro_text_filters", "TextFilter('two', 30, str)", "TextFilter('zero', 10, str)")},
    )
    site.add("parrot", {"bird": plugin_yielding("kokoro_text_filters", "TextFilter('one', 20, str)")})
    assert [item.name for item in PluginManager.load(Config()).text_filters()] == ["zero", "one", "two"]


def source_plugin(*names: str) -> str:
    items = (f"type('S', (), {{'name': {name!r}, 'find': lambda s, request: None}})()" for name in names)
    return plugin_yielding("kokoro_model_sources", *items)


def test_model_sources_of_third_parties_come_first(site: Site) -> None:
    """The sources of one plugin keep their order."""
    site.add(OWN, {"files": source_plugin("named", "packages")})
    site.add("parrot", {"bird": source_plugin("share", "attic")})
    found = PluginManager.load(Config()).model_sources()
    assert [source.name for source in found] == ["share", "attic", "named", "packages"]


def test_phonemizer_of_a_third_party_replaces_the_builtin_one(site: Site) -> None:
    site.add(OWN, {"espeak": phonemizer_plugin("en-US", "fr-FR", name="builtin")})
    site.add("parrot", {"bird": phonemizer_plugin("fr-FR", "eo", name="third party")})
    plugins = PluginManager.load(Config())
    assert {language: phonemize(plugins, language) for language in ("en-US", "fr-FR", "eo", "tlh")} == {
        "en-US": "builtin",
        "fr-FR": "third party",
        "eo": "third party",
        "tlh": None,
    }


@pytest.mark.parametrize(("third_party", "languages"), [((), ["en-GB", "en-US"]), (("en-US",), ["en-GB"])])
def test_filter_applies_only_with_the_phonemizer_that_it_names(
    site: Site, third_party: Sequence[str], languages: Sequence[str]
) -> None:
    item = "TextFilter('english', 30, str, frozenset({'en-US', 'en-GB'}), phonemizer='espeak')"
    filters = plugin_yielding("kokoro_text_filters", item)
    site.add(OWN, {"espeak": phonemizer_plugin("en-US", "en-GB", name="espeak"), "english": filters})
    site.add("parrot", {"bird": phonemizer_plugin(*third_party, name="third party")})
    (found,) = PluginManager.load(Config()).text_filters()
    assert sorted(found.languages) == languages


def test_filter_without_its_phonemizer_is_left_out(site: Site) -> None:
    item = "TextFilter('english', 30, str, frozenset({'en-US'}), phonemizer='espeak')"
    site.add(OWN, {"english": plugin_yielding("kokoro_text_filters", item)})
    site.add("parrot", {"bird": phonemizer_plugin("en-US", name="third party")})
    assert PluginManager.load(Config()).text_filters() == ()


def service(name: str) -> str:
    return f"nullcontext({name!r})"


def test_services_have_the_order_of_loading(site: Site) -> None:
    site.add("zebra", {"zoo": plugin_yielding("kokoro_services", service("zoo"))})
    site.add("parrot", {"bird": plugin_yielding("kokoro_services", service("bird"))})
    site.add(OWN, {"zeroconf": plugin_yielding("kokoro_services", service("zeroconf"))})
    assert service_names(PluginManager.load(Config())) == ["zeroconf", "bird", "zoo"]


def test_services_of_one_plugin_keep_their_order(site: Site) -> None:
    site.add("parrot", {"bird": plugin_yielding("kokoro_services", service("bird"), service("nest"))})
    assert service_names(PluginManager.load(Config())) == ["bird", "nest"]


def test_services_get_the_server(site: Site) -> None:
    site.add("parrot", {"bird": plugin_yielding("kokoro_services", "nullcontext(server.addresses)")})
    assert service_names(PluginManager.load(Config())) == [()]


def good_plugin(hook: str) -> str:
    """Return the body of a plugin with one valid answer to `hook`."""
    if hook == "kokoro_phonemizer":
        return phonemizer_plugin("eo", name="good")
    item = {
        "kokoro_providers": provider("good", 1),
        "kokoro_speech_models": "__import__('wyoming_kokoro.testing', fromlist=['x']).FakeSpeechModel('good')",
        "kokoro_text_filters": "TextFilter('good', 1, str)",
        "kokoro_phoneme_filters": "TextFilter('good', 1, str)",
        "kokoro_model_sources": "type('S', (), {'name': 'good', 'find': lambda s, request: None})()",
        "kokoro_downloads": "Download('good', '', '', '', None, '')",
        "kokoro_services": service("good"),
    }[hook]
    return plugin_yielding(hook, item)


def broken_plugins(hook: str) -> dict[str, str]:
    """Return bodies of plugins with an invalid answer to `hook`."""
    method = plugin_yielding(hook).split("\n    ")[0]
    if hook == "kokoro_phonemizer":
        return {"raises": f"{method} {RAISING}", "not a phonemizer": f"{method} return 'hello'"}
    return {
        "raises": f"{method} {RAISING}",
        "raises after an answer": good_plugin(hook) + f"    {RAISING}\n",
        "not iterable": f"{method} return 5",
        "wrong type": good_plugin(hook) + "    yield 'junk'\n",
    }


CASES = [pytest.param(hook, body, id=f"{hook} {what}") for hook in CALLS for what, body in broken_plugins(hook).items()]


@pytest.mark.parametrize(("hook", "body"), CASES)
def test_invalid_answer_of_a_third_party_is_logged_and_skipped(
    site: Site, caplog: pytest.LogCaptureFixture, hook: str, body: str
) -> None:
    site.add(OWN, {"builtin": good_plugin(hook)})
    expected = CALLS[hook](PluginManager.load(Config()))
    site.add("parrot", {"bird": body})
    answer = CALLS[hook](PluginManager.load(Config()))
    assert len(names(answer)) == 1
    assert names(answer) == names(expected)
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert f"plugin bird (parrot) failed in {hook}: " in record.getMessage()


def names(answer: object) -> list[str]:
    items = answer if isinstance(answer, tuple) else (answer,)
    return [getattr(item, "name", type(item).__name__) for item in items]


@pytest.mark.parametrize(("hook", "body"), CASES)
@pytest.mark.parametrize("distribution", [OWN, "parrot"])
def test_invalid_answer_of_a_required_plugin_stops_the_start(
    site: Site, distribution: str, hook: str, body: str
) -> None:
    site.add(distribution, {"bird": body})
    plugins = PluginManager.load(Config(required_plugins=("bird",) if distribution == "parrot" else ()))
    with pytest.raises(StartupError, match=rf"^plugin bird \({distribution}\) failed in {hook}: .+"):
        CALLS[hook](plugins)


@pytest.mark.parametrize("hook", COLLECTED)
def test_hook_may_return_none(site: Site, caplog: pytest.LogCaptureFixture, hook: str) -> None:
    site.add("parrot", {"bird": plugin_yielding(hook).split("\n    ")[0] + " return None"})
    assert CALLS[hook](PluginManager.load(Config())) == ()
    assert not caplog.records


def test_configuration_error_of_a_hook_stops_the_start(site: Site) -> None:
    raising = "raise ConfigError('here.toml', 'plugins.bird.colour', 'no such colour')"
    site.add("parrot", {"bird": f"@hookimpl\ndef kokoro_providers(self): {raising}"})
    plugins = PluginManager.load(Config())
    with pytest.raises(ConfigError, match=r"^here.toml: plugins\.bird\.colour: no such colour$"):
        plugins.providers()


def test_log_of_an_invalid_answer_names_the_expected_type(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    site.add("parrot", {"bird": plugin_yielding("kokoro_providers", "'junk'")})
    PluginManager.load(Config()).providers()
    assert "returned 'junk', which is not a Provider" in caplog.text


# Memory


def memory_plugin(answer: str) -> str:
    """Return the body of a plugin that implements `kokoro_memory_pressure`."""
    return f"@hookimpl\ndef kokoro_memory_pressure(self, pressure):\n    {answer}\n"


def test_all_plugins_free_memory_and_the_builtin_ones_first(site: Site) -> None:
    site.add(
        OWN,
        {
            "phrase_cache": memory_plugin("return 5 if pressure.is_at_least('high') else 1"),
            "warmup": memory_plugin("pass"),
        },
    )
    site.add("parrot", {"bird": memory_plugin("return 7")})
    plugins = PluginManager.load(Config())
    freed = [FreedMemory("phrase_cache", 5), FreedMemory("warmup", 0), FreedMemory("bird", 7)]
    assert plugins.free_memory(MemoryPressure("critical", "a test")) == freed
    assert plugins.free_memory(MemoryPressure("raised", "a test"))[0] == FreedMemory("phrase_cache", 1)


@pytest.mark.parametrize("junk", [RAISING, "return 'much'"])
def test_failing_memory_hook_is_logged_once_and_called_again(
    site: Site, caplog: pytest.LogCaptureFixture, junk: str
) -> None:
    body = f"asked = []\n@hookimpl\ndef kokoro_memory_pressure(self, pressure):\n    self.asked.append(1)\n    {junk}\n"
    site.add(OWN, {"phrase_cache": body})
    site.add("parrot", {"bird": memory_plugin("return 7")})
    plugins = PluginManager.load(Config())
    for _ in range(3):
        assert plugins.free_memory(MemoryPressure("high", "a test")) == [FreedMemory("bird", 7)]
    (record,) = [record for record in caplog.records if record.levelno >= logging.INFO]
    assert record.getMessage() == "Plugin phrase_cache failed in kokoro_memory_pressure; it is called again next time"


SHARED = """\
@hookimpl
def kokoro_shared_phrase_cache(self, local, machine):
    from wyoming_kokoro.testing import FakePhraseCache
    cache = FakePhraseCache()
    cache.local, cache.machine = local, machine
    return cache
"""
LOCAL = """\
@hookimpl
def kokoro_phrase_cache(self):
    from wyoming_kokoro.testing import FakePhraseCache
    return FakePhraseCache()
"""


async def open_found(config: Config) -> Any:
    """Return the cache that the server opens."""
    async with open_phrase_cache(config, await asyncio.to_thread(PluginManager.load, config)) as cache:
        return getattr(cache, "_cache", None)


async def test_shared_cache_lies_over_the_local_one(site: Site) -> None:
    site.add(OWN, {"phrase_cache": LOCAL})
    site.add("parrot", {"bird": SHARED})
    shared = await open_found(Config())
    assert isinstance(shared.local, FakePhraseCache)
    assert len(shared.machine) == 16


async def test_shared_cache_works_without_a_local_one(site: Site) -> None:
    site.add(OWN, {"redis": SHARED})
    assert isinstance((await open_found(Config())).local, NullPhraseCache)


async def test_local_cache_is_used_when_the_shared_one_fails(site: Site) -> None:
    site.add(OWN, {"phrase_cache": LOCAL})
    site.add("parrot", {"bird": f"@hookimpl\ndef kokoro_shared_phrase_cache(self):\n    {RAISING}\n"})
    found = await open_found(Config())
    assert isinstance(found, FakePhraseCache)
    assert not hasattr(found, "local")
