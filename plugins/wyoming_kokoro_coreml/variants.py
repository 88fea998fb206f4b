"""The compute units and precisions with which Core ML can run a graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Units = Literal["CPUAndNeuralEngine", "ALL", "CPUAndGPU"]


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to run a graph with Core ML."""

    name: str
    priority: int
    units: Units
    """The processors that Core ML may use, by ONNX Runtime's name."""
    in_float16: bool
    """The Neural Engine supports nothing else. The GPU is nearly as fast in float, and more accurate."""


VARIANTS: Mapping[str, Variant] = {
    variant.name: variant
    for variant in (
        Variant("coreml-ane", 90, "CPUAndNeuralEngine", in_float16=True),
        Variant("coreml-all", 80, "ALL", in_float16=True),
        Variant("coreml-gpu", 70, "CPUAndGPU", in_float16=False),
    )
}
