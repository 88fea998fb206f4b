"""Which processors of a Mac Core ML may use, and in what precision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Units = Literal["CPUAndNeuralEngine", "ALL", "CPUAndGPU"]


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to run the vocoder with Core ML."""

    name: str
    rank: int
    units: Units
    """ONNX Runtime's name for the processors that may be used."""
    in_float16: bool
    """The Neural Engine knows nothing else: of an ML program in float it is given nothing. A graphics processor is
    nearly as fast in float, and stays right where float16 does not."""


VARIANTS: Mapping[str, Variant] = {
    variant.name: variant
    for variant in (
        Variant("coreml-ane", 90, "CPUAndNeuralEngine", in_float16=True),
        Variant("coreml-all", 80, "ALL", in_float16=True),
        Variant("coreml-gpu", 70, "CPUAndGPU", in_float16=False),
    )
}
