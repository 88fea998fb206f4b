"""Run the vocoder, and what reads the text, on a Mac's Neural Engine or graphics processor, through ONNX Runtime."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from wyoming_kokoro import (
    Placement,
    PluginContext,
    PluginUnavailable,
    Provider,
    Session,
    SessionOptions,
    __version__,
    hookimpl,
)
from wyoming_kokoro_coreml.compilation import load_or_compile
from wyoming_kokoro_coreml.platform_info import PlatformInfo
from wyoming_kokoro_coreml.session import open_session, session_settings
from wyoming_kokoro_coreml.variants import VARIANTS, Variant

STAGES = frozenset({"vocoder", "albert"})
"""What Core ML takes whole."""
DEVICE = "Neural Engine"


@dataclass(frozen=True, slots=True)
class Settings:
    """`[plugins.coreml]` has no keys of its own."""


class CoreMlPlugin:
    """Brings the providers `coreml-ane`, `coreml-all` and `coreml-gpu`."""

    def __init__(self, context: PluginContext, platform: PlatformInfo | None = None) -> None:
        """Raises `PluginUnavailable` on everything but a Mac with Apple silicon."""
        context.settings(Settings)
        self._context = context
        self._platform = platform or PlatformInfo.here()
        if not self._platform.is_apple_silicon:
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
                why_not=self._platform.why_not,
                prompt=False,
                fixed=True,
                stages=STAGES,
                version=self._platform.version,
            )

    def _open(self, variant: Variant, file: Path, options: SessionOptions) -> Session:
        """Open `file`; the first time it is compiled, which may take a minute. Raises what goes wrong."""
        release = f"{variant.name}-{__version__}-{self._platform.release}"
        made = load_or_compile(variant, file, options.cache_dir / release / self._context.sha256(file)[:16])
        placement = None if made.share is None else Placement(DEVICE, made.share)
        note = describe_placement(placement)
        self._context.log.info("%s, %s.onnx: %s", variant.name, file.stem, note)
        session = open_session(made.graph, *session_settings(variant.units, made.cache))
        session.note, session.placement = f"({note})", placement
        return session


def describe_placement(placement: Placement | None) -> str:
    """Return what the owner of the machine is told."""
    if placement is None:
        return "Core ML does not tell where it runs; macOS 14.4 and newer do"
    return f"{placement.share:.0%} of the work is the {placement.device}'s"
