"""Run the vocoder on a graphics processor, where the installed ONNX Runtime is one that can."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from wyoming_kokoro import PluginContext, Provider, hookimpl
from wyoming_kokoro_onnxruntime.accelerators import ACCELERATORS
from wyoming_kokoro_onnxruntime.installed import package, version
from wyoming_kokoro_onnxruntime.opening import open_on


@dataclass(frozen=True, slots=True)
class NoSettings:
    """`[plugins.onnxruntime]` has no keys of its own."""


class OnnxRuntime:
    """Brings the providers of ONNX Runtime that need another build of it: `cuda`, `rocm` and `migraphx`."""

    def __init__(self, context: PluginContext) -> None:
        context.settings(NoSettings)

    @hookimpl
    def kokoro_providers(self) -> Iterator[Provider]:
        """Return what there is for Linux; the builds for other systems have none of these."""
        if sys.platform != "linux":
            return
        folder = package()
        for item in ACCELERATORS:
            brought = folder is not None and (folder / item.library).is_file()
            yield Provider(
                item.name,
                priority=item.rank,
                precision="float",
                open=partial(open_on, item),
                unavailable_reason=None if brought else item.missing,
                opens_quickly=False,
                fixed_shapes=item.fixed,
                version=version(item.distribution) if brought else "",
            )
