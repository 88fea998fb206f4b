"""The facade: what the core hears of its questions when plugins answer well, badly or not at all."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING, cast

import pytest

from wyoming_kokoro.api.memory import FreedMemory, MemoryPressure
from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import ConfigError, StartupError
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.testing import FakeServer

if TYPE_CHECKING:
    from tests.helpers.distributions import Site

pytest_plugins = ["tests.helpers.distributions"]

OWN = "wyoming-kokoro"


def provider(name: str, rank: int, unavailable_reason: str | None = None) -> str:
    return f"Provider({name!r}, {rank}, 'float', open, unavailable_reason={unavailable_reason!r})"


def answering(hook: str, *items: str) -> str:
    """Return the body of a plugin that yields `items`, which are written in Python."""
    arguments = {"kokoro_services": "self, server", "kokoro_phonemizer": "self, language"}.get(hook, "self")
    return f"@hookimpl\ndef {hook}({arguments}):\n    yield from [{', '.join(items)}]\n"


def phonemizer(*languages: str, name: str = "") -> str:
    """Return the body of a plugin whose phonemizers for `languages` say `name`."""
    return f"""\
@hookimpl
def kokoro_phonemizer(self, language):
    return type("V", (), {{"phonemize": lambda self, text: {name!r}}})() if language in {languages} else None
"""


def spoken(plugins: PluginManager, language: str) -> str | None:
    found = plugins.phonemizer(language)
    return found.phonemize("hello") if found else None


def services(plugins: PluginManager) -> list[object]:
    return [cast("nullcontext[object]", service).enter_result for service in plugins.services(FakeServer())]


QUESTIONS: dict[str, Callable[[PluginManager], object]] = {
    "kokoro_providers": PluginManager.providers,
    "kokoro_text_filters": PluginManager.text_filters,
    "kokoro_phoneme_filters": PluginManager.phoneme_filters,
    "kokoro_model_sources": PluginManager.model_sources,
    "kokoro_services": lambda plugins: plugins.services(FakeServer()),
    "kokoro_phonemizer": lambda plugins: plugins.phonemizer("eo"),
}
RAISING = "raise RuntimeError('out of ink')"
COLLECTED = [hook for hook in QUESTIONS if hook != "kokoro_phonemizer"]


def test_nobody_answers(site: Site) -> None:
    """Without plugins every question has an empty answer."""
    plugins = PluginManager.load(Config())
    assert {hook: ask(plugins) for hook, ask in QUESTIONS.items()} == {
        **dict.fromkeys(COLLECTED, ()),
        "kokoro_phonemizer": None,
    }


def test_preferred_provider_comes_first_and_the_unusable_last(site: Site) -> None:
    """An unusable provider stays in the list, for `check` tells why, but below every usable one."""
    mac = provider("coreml", 90, "needs a Mac")
    site.add(OWN, {"cpu": answering("kokoro_providers", provider("cpu", 10), mac)})
    site.add("parrot", {"bird": answering("kokoro_providers", provider("npu", 50), provider("old", 5, "old"))})
    found = PluginManager.load(Config()).providers()
    assert [(item.name, item.unavailable_reason) for item in found] == [
        ("npu", None),
        ("cpu", None),
        ("coreml", "needs a Mac"),
        ("old", "old"),
    ]


def test_two_providers_of_one_name_stop_the_start(site: Site) -> None:
    """A provider's name is what the log and the settings call it."""
    site.add(OWN, {"cpu": answering("kokoro_providers", provider("cpu", 10))})
    site.add("parrot", {"bird": answering("kokoro_providers", provider("cpu", 50))})
    plugins = PluginManager.load(Config())
    with pytest.raises(StartupError, match="two plugins bring a provider named cpu; disable one of them"):
        plugins.providers()


def test_text_filters_run_in_their_order(site: Site) -> None:
    """The order is the filters', not the plugins'."""
    site.add(
        OWN,
        {"text": answering("kokoro_text_filters", "TextFilter('two', 30, str)", "TextFilter('zero', 10, str)")},
    )
    site.add("parrot", {"bird": answering("kokoro_text_filters", "TextFilter('one', 20, str)")})
    assert [item.name for item in PluginManager.load(Config()).text_filters()] == ["zero", "one", "two"]


def sources(*names: str) -> str:
    items = (f"type('S', (), {{'name': {name!r}, 'find': lambda s, request: None}})()" for name in names)
    return answering("kokoro_model_sources", *items)


def test_model_sources_of_third_parties_are_asked_first(site: Site) -> None:
    """Who installs a source wants its model; within a plugin the order is the plugin's."""
    site.add(OWN, {"files": sources("named", "packages")})
    site.add("parrot", {"bird": sources("share", "attic")})
    found = PluginManager.load(Config()).model_sources()
    assert [source.name for source in found] == ["share", "attic", "named", "packages"]


def test_phonemizers_of_third_parties_are_asked_first(site: Site) -> None:
    """A third party may speak a language better than we do; what it passes on is answered by us."""
    site.add(OWN, {"espeak": phonemizer("en-US", "fr-FR", name="ours")})
    site.add("parrot", {"bird": phonemizer("fr-FR", "eo", name="theirs")})
    plugins = PluginManager.load(Config())
    assert {language: spoken(plugins, language) for language in ("en-US", "fr-FR", "eo", "tlh")} == {
        "en-US": "ours",
        "fr-FR": "theirs",
        "eo": "theirs",
        "tlh": None,
    }


def service(name: str) -> str:
    return f"nullcontext({name!r})"


def test_services_are_entered_in_loading_order(site: Site) -> None:
    """Ours are entered first, the others by name."""
    site.add("zebra", {"zoo": answering("kokoro_services", service("zoo"))})
    site.add("parrot", {"bird": answering("kokoro_services", service("bird"))})
    site.add(OWN, {"zeroconf": answering("kokoro_services", service("zeroconf"))})
    assert services(PluginManager.load(Config())) == ["zeroconf", "bird", "zoo"]


def test_services_of_one_plugin_are_entered_in_its_order(site: Site) -> None:
    """The second of a plugin's services may need the first."""
    site.add("parrot", {"bird": answering("kokoro_services", service("bird"), service("nest"))})
    assert services(PluginManager.load(Config())) == ["bird", "nest"]


def test_services_see_the_server(site: Site) -> None:
    """The server is what the hook is about."""
    site.add("parrot", {"bird": answering("kokoro_services", "nullcontext(server.addresses)")})
    assert services(PluginManager.load(Config())) == [()]


def good(hook: str) -> str:
    """Return a plugin with one proper answer to `hook`."""
    if hook == "kokoro_phonemizer":
        return phonemizer("eo", name="good")
    item = {
        "kokoro_providers": provider("good", 1),
        "kokoro_text_filters": "TextFilter('good', 1, str)",
        "kokoro_phoneme_filters": "TextFilter('good', 1, str)",
        "kokoro_model_sources": "type('S', (), {'name': 'good', 'find': lambda s, request: None})()",
        "kokoro_services": service("good"),
    }[hook]
    return answering(hook, item)


def junk(hook: str) -> dict[str, str]:
    """Return plugins that give no proper answer to `hook`."""
    method = answering(hook).split("\n    ")[0]
    if hook == "kokoro_phonemizer":
        return {"raises": f"{method} {RAISING}", "no phonemizer": f"{method} return 'hello'"}
    return {
        "raises": f"{method} {RAISING}",
        "raises after an answer": good(hook) + f"    {RAISING}\n",
        "not iterable": f"{method} return 5",
        "of another kind": good(hook) + "    yield 'junk'\n",
    }


CASES = [pytest.param(hook, body, id=f"{hook} {what}") for hook in QUESTIONS for what, body in junk(hook).items()]


@pytest.mark.parametrize(("hook", "body"), CASES)
def test_bad_answer_of_a_third_party_costs_nobody_elses(
    site: Site, caplog: pytest.LogCaptureFixture, hook: str, body: str
) -> None:
    """The plugin, its distribution and the question are named; all answers of the others stay."""
    site.add(OWN, {"ours": good(hook)})
    alone = QUESTIONS[hook](PluginManager.load(Config()))
    site.add("parrot", {"bird": body})
    asked = QUESTIONS[hook](PluginManager.load(Config()))
    assert len(named(asked)) == 1
    assert named(asked) == named(alone)
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert f"plugin bird (parrot) failed in {hook}: " in record.getMessage()


def named(answer: object) -> list[str]:
    """Return what tells an answer from another's."""
    items = answer if isinstance(answer, tuple) else (answer,)
    return [getattr(item, "name", type(item).__name__) for item in items]


@pytest.mark.parametrize(("hook", "body"), CASES)
@pytest.mark.parametrize("distribution", [OWN, "parrot"])
def test_bad_answer_of_a_plugin_that_must_work_stops_the_start(
    site: Site, distribution: str, hook: str, body: str
) -> None:
    """What is ours or required must answer."""
    site.add(distribution, {"bird": body})
    plugins = PluginManager.load(Config(required_plugins=("bird",) if distribution == "parrot" else ()))
    with pytest.raises(StartupError, match=rf"^plugin bird \({distribution}\) failed in {hook}: .+"):
        QUESTIONS[hook](plugins)


@pytest.mark.parametrize("hook", COLLECTED)
def test_no_answer_is_an_answer(site: Site, caplog: pytest.LogCaptureFixture, hook: str) -> None:
    """A hook may return nothing at all."""
    site.add("parrot", {"bird": answering(hook).split("\n    ")[0] + " return None"})
    assert QUESTIONS[hook](PluginManager.load(Config())) == ()
    assert not caplog.records


def test_configuration_error_of_a_hook_stops_the_start(site: Site) -> None:
    """A value that turns out wrong only later is the configuration's fault, not the plugin's."""
    raising = "raise ConfigError('here.toml', 'plugins.bird.colour', 'no such colour')"
    site.add("parrot", {"bird": f"@hookimpl\ndef kokoro_providers(self): {raising}"})
    plugins = PluginManager.load(Config())
    with pytest.raises(ConfigError, match=r"^here.toml: plugins\.bird\.colour: no such colour$"):
        plugins.providers()


def test_reason_of_junk_names_what_was_expected(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """A plugin's author reads in the log what the question wants."""
    site.add("parrot", {"bird": answering("kokoro_providers", "'junk'")})
    PluginManager.load(Config()).providers()
    assert "returned 'junk', which is no Provider" in caplog.text


# Memory


def giving(answer: str) -> str:
    """Return the body of a plugin that gives back memory."""
    return f"@hookimpl\ndef kokoro_memory_pressure(self, pressure):\n    {answer}\n"


def test_every_plugin_is_told_how_short_memory_is_and_ours_first(site: Site) -> None:
    site.add(OWN, {"phrase_cache": giving("return 5 if pressure.is_at_least('high') else 1"), "warmup": giving("pass")})
    site.add("parrot", {"bird": giving("return 7")})
    plugins = PluginManager.load(Config())
    told = [FreedMemory("phrase_cache", 5), FreedMemory("warmup", 0), FreedMemory("bird", 7)]
    assert plugins.free_memory(MemoryPressure("critical", "a test")) == told
    assert plugins.free_memory(MemoryPressure("raised", "a test"))[0] == FreedMemory("phrase_cache", 1)


@pytest.mark.parametrize("junk", [RAISING, "return 'much'"])
def test_one_that_cannot_give_memory_back_is_blamed_once_and_told_again(
    site: Site, caplog: pytest.LogCaptureFixture, junk: str
) -> None:
    """The others still give; whoever failed may hold more than they do."""
    body = f"asked = []\n@hookimpl\ndef kokoro_memory_pressure(self, pressure):\n    self.asked.append(1)\n    {junk}\n"
    site.add(OWN, {"phrase_cache": body})
    site.add("parrot", {"bird": giving("return 7")})
    plugins = PluginManager.load(Config())
    for _ in range(3):
        assert plugins.free_memory(MemoryPressure("high", "a test")) == [FreedMemory("bird", 7)]
    (record,) = [record for record in caplog.records if record.levelno >= logging.INFO]
    assert record.getMessage() == "The plugin phrase_cache failed in kokoro_memory_pressure"
