"""Cuts the model file of a distilled voice once, and stores both halves in the cache folder."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from wyoming_kokoro import (
    check_prepared,
    file_lock,
    parse_json,
    prepare_folder,
    remove_unused_folders,
    run_in_child,
    write_atomically,
)
from wyoming_kokoro.onnx.version import onnxruntime_version

# Raise this number when the same model file gives different halves, or when the same phonemes sound different.
REVISION = 3
MANIFEST_FILE, FRONT_FILE, DECODER_FILE = "manifest.json", "front.onnx", "decoder.onnx"
WHOLE_FILE = "whole.onnx"

Form = Literal["spectral", "waveform"]
"""What a graph returns: spectral maps and F0 (hibari), or samples (Paradee)."""


@dataclass(frozen=True, slots=True)
class VoiceManifest:
    """Describes a prepared model."""

    form: Form
    receptive_frames: int
    """How many frames to each side affect a frame of the decoder."""
    uncut_reason: str
    """Why the model must run whole; empty for a cut model."""


@dataclass(frozen=True, slots=True)
class PreparedVoice:
    """The files of a distilled voice."""

    file: Path
    folder: Path
    sha256: str
    manifest: VoiceManifest

    @property
    def is_cut(self) -> bool:
        """Whether the front and the decoder are separate files."""
        return not self.manifest.uncut_reason

    @property
    def whole(self) -> Path:
        """The whole graph, without random numbers if it had any."""
        changed = self.folder / WHOLE_FILE
        return changed if changed.is_file() else self.file

    @property
    def front(self) -> Path:
        """The graph from phonemes to frames."""
        return self.folder / FRONT_FILE

    @property
    def decoder(self) -> Path:
        """The graph from frames to spectral maps."""
        return self.folder / DECODER_FILE


def prepared_path(sha256: str, cache_dir: Path) -> Path:
    """Return the folder for the prepared form of the model file with this SHA-256."""
    return cache_dir / f"{sha256[:16]}-revision{REVISION}-onnxruntime{onnxruntime_version()}"


def fingerprint(sha256: str, cache_dir: Path) -> str:
    """Return a text that changes when the same phonemes may sound different."""
    repair = check_prepared(prepared_path(sha256, cache_dir)).repair
    return f"distilled {sha256} revision {REVISION} {onnxruntime_version()} {repair}".rstrip()


def prepare(file: Path, sha256: str, cache_dir: Path) -> PreparedVoice:
    """Return the prepared form of the model `file` with this SHA-256. Raises `OSError` and `UnknownGraph`.

    The first call takes about half a second and stores its results in `cache_dir`. Later calls read them.
    """
    folder = prepared_path(sha256, cache_dir)
    # A prepared cache can be on a disk that is not writable, where no lock can be made.
    if not check_prepared(folder).files:
        cache_dir.mkdir(parents=True, exist_ok=True)
        with file_lock(cache_dir / ".lock"):
            if not check_prepared(folder).files:
                _fill(folder, file)
    manifest = parse_json((folder / MANIFEST_FILE).read_bytes(), VoiceManifest)
    remove_unused_folders(folder)
    return PreparedVoice(file, folder, sha256, manifest)


def _fill(folder: Path, file: Path) -> None:
    with prepare_folder(folder) as part:
        # onnx takes 40 MB, which this process would keep.
        run_in_child("wyoming_kokoro_distilled.preparation", str(file), str(part))
        # The manifest is written last: without it, the other files may be incomplete.
        if not (part / MANIFEST_FILE).is_file():
            _write_halves(file, part)


def _write_halves(file: Path, folder: Path) -> None:
    manifest = _cut(file, folder)
    write_atomically(folder / MANIFEST_FILE, json.dumps(asdict(manifest)).encode())


def _cut(file: Path, folder: Path) -> VoiceManifest:
    import onnx  # noqa: PLC0415 takes 0.2 s, and only the first start needs it

    from wyoming_kokoro_distilled import graph, noise  # noqa: PLC0415 imports onnx

    model = onnx.load(file)
    form = graph.recognize(model)
    if form == "waveform":
        if noise.fix_noise(model):
            write_atomically(folder / WHOLE_FILE, model.SerializeToString())
        return VoiceManifest(form, 0, "the graph returns samples, not spectral maps")
    try:
        halves = graph.cut(model)
    except graph.DecoderNotFound as error:
        return VoiceManifest(form, 0, str(error))
    write_atomically(folder / FRONT_FILE, halves.front.SerializeToString())
    write_atomically(folder / DECODER_FILE, halves.decoder.SerializeToString())
    return VoiceManifest(form, halves.receptive_frames, "")


if __name__ == "__main__":
    _write_halves(Path(sys.argv[1]), Path(sys.argv[2]))
