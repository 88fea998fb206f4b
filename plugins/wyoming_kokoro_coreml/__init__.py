"""Run the vocoder and ALBERT on a Mac's Neural Engine or GPU, with Core ML through ONNX Runtime."""

from __future__ import annotations

from collections.abc import Iterator
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
from wyoming_kokoro_coreml.compilation import load_or_compile
from wyoming_kokoro_coreml.platform_info import PlatformInfo
from wyoming_kokoro_coreml.session import open_session, session_settings
from wyoming_kokoro_coreml.variants import VARIANTS, Variant

# The stages that Core ML runs as one program each.
STAGES = frozenset({"vocoder", "albert"})
DEVICE = "Neural Engine"


class CoreMlPlugin:
    """Provides the providers `coreml-ane`, `coreml-all` and `coreml-gpu`."""

    def __init__(self, context: PluginContext, platform: PlatformInfo | None = None) -> None:
        """Raises `PluginUnavailable` except on a Mac with Apple silicon."""
        context.expect_no_settings()
        self._context = context
        self._platform = platform or PlatformInfo.here()
        if not self._platform.is_apple_silicon:
            raise PluginUnavailable("it needs a Mac with Apple silicon")

    @hookimpl
    def kokoro_providers(self) -> Iterator[Provider]:
        """Return Core ML with each choice of compute units. Trials find which of them is accurate and fast."""
        for variant in VARIANTS.values():
            yield Provider(
                variant.name,
                priority=variant.priority,
                precision="float16" if variant.in_float16 else "float",
                open=partial(self._open, variant),
                unavailable_reason=self._platform.unavailable_reason,
                opens_quickly=False,
                fixed_shapes=True,
                stages=STAGES,
                process=True,  # Core ML crashes with some graphs on macOS 26.4 and newer
                version=self._platform.version,
            )

    def _open(self, variant: Variant, file: Path, options: SessionOptions) -> Session:
        """Open `file`. The first time compiles it, which may take a minute. Raises the errors of Core ML."""
        release = f"{variant.name}-{__version__}-{self._platform.release}"
        compiled = load_or_compile(variant, file, options.cache_dir / release / self._context.sha256(file)[:16])
        placement = None if compiled.share is None else DevicePlacement(DEVICE, compiled.share)
        note = describe_placement(placement)
        session = open_session(compiled.graph, *session_settings(variant.units, compiled.cache))
        session.note, session.placement = f"({note})", placement
        self._context.log.info("Opened %s.onnx with %s (%s)", file.stem, variant.name, note)
        return session


def describe_placement(placement: DevicePlacement | None) -> str:
    """Return `placement` as text for the operator."""
    if placement is None:
        return "Core ML reports the device only on macOS 14.4 or newer"
    return f"{placement.share:.0%} of the work on the {placement.device}"
