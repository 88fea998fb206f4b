"""Run the vocoder on a GPU, if the installed ONNX Runtime supports one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial

from wyoming_kokoro import PluginContext, Provider, hookimpl
from wyoming_kokoro_onnxruntime.accelerators import ACCELERATORS
from wyoming_kokoro_onnxruntime.session import open_session


class OnnxRuntimePlugin:
    """Provides the providers `cuda`, `rocm` and `migraphx`, which need another build of ONNX Runtime."""

    def __init__(self, context: PluginContext) -> None:
        context.expect_no_settings()

    @hookimpl
    def kokoro_providers(self) -> Iterator[Provider]:
        """Return the accelerators for Linux. No build for another system has one of them."""
        if sys.platform != "linux":
            return
        for item in ACCELERATORS:
            reason = "the installed onnxruntime does not support it;"
            reason += f" install {item.distribution} instead of onnxruntime"
            yield Provider(
                item.name,
                priority=item.priority,
                precision="float",
                open=partial(open_session, item),
                unavailable_reason=None if item.is_installed else reason,
                opens_quickly=False,
                fixed_shapes=item.fixed_shapes,
                process=True,  # the drivers of GPUs can end their process
                version=item.version if item.is_installed else "",
            )
