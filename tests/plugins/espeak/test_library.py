from __future__ import annotations

import pytest

from wyoming_kokoro import PluginUnavailable
from wyoming_kokoro_espeak.library import EspeakLibrary, find_loadable

MISSING = EspeakLibrary("/nowhere/libespeak-ng.so", None)


def test_no_loadable_library_makes_plugin_unavailable_with_next_step() -> None:
    with pytest.raises(PluginUnavailable, match="install the system's espeak-ng"):
        find_loadable([MISSING], lambda _: "")


def test_first_loadable_library_is_used() -> None:
    espeakng_loader = pytest.importorskip("espeakng_loader")
    loadable = EspeakLibrary(espeakng_loader.get_library_path(), espeakng_loader.get_data_path())
    assert find_loadable([MISSING, loadable], lambda _: "") == loadable
