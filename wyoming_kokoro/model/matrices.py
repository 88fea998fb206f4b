"""Matrix products without false warnings."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def product(left: npt.NDArray[Any], right: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return `left @ right`."""
    # On arm64, BLAS also computes with registers that hold no numbers of the matrices. numpy then warns of divisions by
    # zero and overflows that no result contains (numpy issue 28687).
    with np.errstate(all="ignore"):
        return np.asarray(left @ right)
