"""Run the vocoder, and what reads the text, on a Mac's Neural Engine or graphics processor, through ONNX Runtime."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from wyoming_kokoro import (
    DevicePlacement,
    PluginContext,
    PluginUnavailable,
    Provider,
    Session,
    SessionOptions,
    __version__,
    hookimpl,
)
from wyoming_kokoro_coreml.compilation import compiled
from wyoming_kokoro_coreml.machine import Machine
from wyoming_kokoro_coreml.opening import opened, session_settings
from wyoming_kokoro_coreml.variants import VARIANTS, Variant

STAGES = frozenset({"vocoder", "albert"})
"""What Core ML takes whole."""
DEVICE = "Neural Engine"


@dataclass(frozen=True, slots=True)
class NoSettings:
    """`[plugins.coreml]` has no keys of its own."""


class CoreMl:
    """Brings the providers `coreml-ane`, `coreml-all` and `coreml-gpu`."""

    def __init__(self, context: PluginContext, machine: Machine | None = None) -> None:
        """Raises `PluginUnavailable` on everything but a Mac with Apple silicon."""
        context.settings(NoSettings)
        self._context = context
        self._machine = machine or Machine.here()
        if not self._machine.is_apple_silicon:
            raise PluginUnavailable("it needs a Mac with Apple silicon")

    @hookimpl
    def kokoro_providers(self) -> Iterator[Provider]:
        """Return Core ML with each choice of processors: whichever is right and fastest speaks."""
        for variant in VARIANTS.values():
            yield Provider(
                variant.name,
                priority=variant.rank,
                precision="float16" if variant.in_float16 else "float",
                open=partial(self._open, variant),
                unavailable_reason=self._machine.why_not,
                opens_quickly=False,
                fixed_shapes=True,
                stages=STAGES,
                version=self._machine.version,
            )

    def _open(self, variant: Variant, file: Path, options: SessionOptions) -> Session:
        """Open `file`; the first time it is compiled, which may take a minute. Raises what goes wrong."""
        release = f"{variant.name}-{__version__}-{self._machine.release}"
        made = compiled(variant, file, options.cache_dir / release / self._context.sha256(file)[:16])
        placement = None if made.share is None else DevicePlacement(DEVICE, made.share)
        note = told(placement)
        self._context.log.info("%s, %s.onnx: %s", variant.name, file.stem, note)
        session = opened(made.graph, *session_settings(variant.units, made.cache))
        session.note, session.placement = f"({note})", placement
        return session


def told(placement: DevicePlacement | None) -> str:
    """Return what the owner of the machine is told."""
    if placement is None:
        return "Core ML does not tell where it runs; macOS 14.4 and newer do"
    return f"{placement.share:.0%} of the work is the {placement.device}'s"
