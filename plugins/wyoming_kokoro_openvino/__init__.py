"""Run the vocoder with OpenVINO, which is faster than ONNX Runtime on an x86-64 CPU."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from wyoming_kokoro import PluginContext, PluginUnavailable, Provider, Session, SessionOptions, hookimpl
from wyoming_kokoro.onnx import instruction_sets
from wyoming_kokoro_openvino.session import OpenVinoSession

# Instruction sets that multiply bfloat16. OpenVINO uses bfloat16 on x86-64 only.
BFLOAT16_INSTRUCTIONS = frozenset({"avx512_bf16", "amx_bf16"})
# The oldest instruction set that multiplies bytes faster than floats. OpenVINO runs int8 graphs in float on Arm.
INT8_INSTRUCTIONS = frozenset({"avx2"})


@dataclass(frozen=True, slots=True)
class Settings:
    """`[plugins.openvino]`."""

    precision: Literal["auto", "mixed", "int8", "bfloat16", "float"] = "auto"
    """`mixed` is int8, with bfloat16 for the layers that int8 would distort. `auto` is the fastest for this CPU."""


class OpenVinoPlugin:
    """Provides the provider `openvino`."""

    def __init__(self, context: PluginContext) -> None:
        precision = context.settings(Settings).precision
        try:
            self._version = metadata.version("openvino")
        except metadata.PackageNotFoundError:
            raise PluginUnavailable("install it with pip install 'wyoming-kokoro[openvino]'") from None
        self._precision = fastest_precision(instruction_sets()) if precision == "auto" else precision

    @hookimpl
    def kokoro_providers(self) -> Iterator[Provider]:
        """Return OpenVINO's CPU device."""
        yield Provider(
            "openvino",
            priority=50,
            precision=self._precision,
            open=_open,
            opens_quickly=False,  # compiling takes some seconds
            fixed_shapes=True,  # dynamic shapes make a window take 1.2 times as long
            version=self._version,
        )


def fastest_precision(instructions: frozenset[str]) -> Literal["mixed", "int8", "float"]:
    """Return the precision that is fastest on a CPU with these instruction sets."""
    if not INT8_INSTRUCTIONS & instructions:
        return "float"
    return "mixed" if BFLOAT16_INSTRUCTIONS & instructions else "int8"


def _open(file: Path, options: SessionOptions) -> Session:
    return OpenVinoSession(file, options.threads)
