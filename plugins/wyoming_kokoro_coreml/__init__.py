"""Run the vocoder on the Neural Engine or the graphics processor of a Mac, through ONNX Runtime's Core ML provider."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from wyoming_kokoro import PluginContext, PluginUnavailable, Provider, Session, SessionOptions, __version__, hookimpl
from wyoming_kokoro_coreml.compilation import compiled
from wyoming_kokoro_coreml.machine import Machine
from wyoming_kokoro_coreml.opening import opened, session_settings
from wyoming_kokoro_coreml.variants import VARIANTS, Variant


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
                rank=variant.rank,
                precision="float16" if variant.in_float16 else "float",
                open=partial(self._open, variant),
                why_not=self._machine.why_not,
                prompt=False,
                fixed=True,
                version=self._machine.version,
            )

    def _open(self, variant: Variant, file: Path, options: SessionOptions) -> Session:
        """Open `file`; the first time it is compiled, which may take a minute. Raises what goes wrong."""
        release = f"{variant.name}-{__version__}-{self._machine.release}"
        made = compiled(variant, file, options.cache_dir / release / self._context.sha256(file)[:16])
        note = "Core ML does not tell where it runs; macOS 14.4 and newer do"
        if made.share is not None:
            note = f"{made.share:.0%} of the work is the Neural Engine's"
        self._context.log.info("%s, %s.onnx: %s", variant.name, file.stem, note)
        return opened(made.graph, *session_settings(variant.units, made.cache), f"({note})")
