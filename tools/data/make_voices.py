"""Make wyoming_kokoro/data/voices.npz: the 54 voices of Kokoro v1.0 as thin factors.

    python -m tools.data.make_voices

Needs npm: the voices are those of the npm package kokoro-js (Apache-2.0, hexgrad), which holds every voice as
510 x 256 float32 numbers. Along the length axis a voice is so smooth that rank 12 keeps it to 1.1e-5.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import numpy as np

PACKAGE = "kokoro-js@1.2.1"
RANK = 12
WORST_ERROR = 2e-5
TARGET = Path(__file__).parents[2] / "wyoming_kokoro" / "data" / "voices.npz"

Matrix = np.ndarray[tuple[int, int], np.dtype[np.float32]]


def main() -> None:
    """Fetch the voices, factor them, refuse a bad fit, write the file."""
    with tempfile.TemporaryDirectory() as folder:
        voices = fetched(Path(folder))
    factors = {name: factored(voice) for name, voice in voices.items()}
    errors = {name: error(voices[name], *factors[name]) for name in voices}
    worst = max(errors, key=lambda name: errors[name])
    print(f"{len(voices)} voices, worst relative error {errors[worst]:.1e} ({worst})")
    if errors[worst] > WORST_ERROR:
        sys.exit(f"more than {WORST_ERROR:.0e}: raise RANK")
    lengths, widths = (np.stack(part) for part in zip(*factors.values(), strict=True))
    np.savez(TARGET, names=np.array(list(voices)), lengths=lengths, widths=widths)
    print(f"{TARGET.stat().st_size / 1e6:.2f} MB in {TARGET}")


def fetched(folder: Path) -> dict[str, Matrix]:
    """Return the voices by name, each of shape (510, 256)."""
    packed = subprocess.run(
        ["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, text=True, stdout=subprocess.PIPE
    ).stdout.strip()
    with tarfile.open(folder / packed) as archive:
        archive.extractall(folder, filter="data")
    files = sorted(folder.glob("package/voices/*.bin"))
    return {file.stem: np.fromfile(file, dtype=np.float32).reshape(-1, 256) for file in files}


def factored(voice: Matrix) -> tuple[Matrix, Matrix]:
    """Return two factors of `voice`, of shapes (510, RANK) and (RANK, 256)."""
    left, scale, right = np.linalg.svd(voice.astype(np.float64), full_matrices=False)
    root = np.sqrt(scale[:RANK])
    return (left[:, :RANK] * root).astype(np.float32), (root[:, None] * right[:RANK]).astype(np.float32)


def error(voice: Matrix, left: Matrix, right: Matrix) -> float:
    """Return the relative error of the product."""
    return float(np.linalg.norm(left @ right - voice) / np.linalg.norm(voice))


if __name__ == "__main__":
    main()
