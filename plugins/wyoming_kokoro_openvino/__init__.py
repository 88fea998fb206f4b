"""Run the vocoder on OpenVINO, which on an x86-64 processor is faster than ONNX Runtime."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from wyoming_kokoro import PluginContext, PluginUnavailable, Provider, Session, SessionOptions, hookimpl
from wyoming_kokoro_openvino.processor import best_precision
from wyoming_kokoro_openvino.session import OpenVinoSession


@dataclass(frozen=True, slots=True)
class Settings:
    """`[plugins.openvino]`."""

    precision: Literal["auto", "mixed", "int8", "bfloat16", "float"] = "auto"
    """`mixed` is int8 with bfloat16 for what int8 would spoil; `auto` takes what the processor is good at."""


class OpenVino:
    """Brings the provider `openvino`."""

    def __init__(self, context: PluginContext) -> None:
        precision = context.settings(Settings).precision
        try:
            self._version = metadata.version("openvino")
        except metadata.PackageNotFoundError:
            raise PluginUnavailable("install it with pip install 'wyoming-kokoro[openvino]'") from None
        self._precision = best_precision() if precision == "auto" else precision

    @hookimpl
    def kokoro_providers(self) -> Iterator[Provider]:
        """Return OpenVINO's CPU device."""
        yield Provider(
            "openvino",
            priority=50,
            precision=self._precision,
            open=_open,
            opens_quickly=False,  # it compiles for some seconds
            fixed_shapes=True,  # with shapes that change, a window takes 1.2 times as long
            version=self._version,
        )


def _open(file: Path, options: SessionOptions) -> Session:
    return OpenVinoSession(file, options.threads)
