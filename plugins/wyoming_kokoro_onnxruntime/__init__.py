"""Run the vocoder on a graphics processor, where the installed ONNX Runtime is one that can."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from wyoming_kokoro import PluginContext, Provider, hookimpl
from wyoming_kokoro_onnxruntime.accelerators import ACCELERATORS
from wyoming_kokoro_onnxruntime.package_info import distribution_version, package_folder
from wyoming_kokoro_onnxruntime.session import open_session


@dataclass(frozen=True, slots=True)
class Settings:
    """`[plugins.onnxruntime]` has no keys of its own."""


class OnnxRuntimePlugin:
    """Brings the providers of ONNX Runtime that need another build of it: `cuda`, `rocm` and `migraphx`."""

    def __init__(self, context: PluginContext) -> None:
        context.settings(Settings)

    @hookimpl
    def kokoro_providers(self) -> Iterator[Provider]:
        """Return what there is for Linux; the builds for other systems have none of these."""
        if sys.platform != "linux":
            return
        folder = package_folder()
        for item in ACCELERATORS:
            brought = folder is not None and (folder / item.library).is_file()
            yield Provider(
                item.name,
                rank=item.rank,
                precision="float",
                open=partial(open_session, item),
                why_not=None if brought else item.unavailable_reason,
                prompt=False,
                fixed=item.fixed,
                version=distribution_version(item.distribution) if brought else "",
            )
