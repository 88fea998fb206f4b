from __future__ import annotations

import os
import time
from pathlib import Path

import onnx
import pytest

from tests.helpers.distilled_graphs import spectral_graph, waveform_graph
from wyoming_kokoro.storage import sha256_of
from wyoming_kokoro.storage.prepared_folder import DAY_SECONDS, UNUSED_DAYS
from wyoming_kokoro_distilled import preparation
from wyoming_kokoro_distilled.graph import UnknownGraph
from wyoming_kokoro_distilled.preparation import PreparedVoice, fingerprint, prepare


def prepare_file(file: Path, cache_dir: Path) -> PreparedVoice:
    return prepare(file, sha256_of(file), cache_dir)


def test_second_call_uses_the_stored_halves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    onnx.save(spectral_graph(), tmp_path / "voice.onnx")
    first = prepare_file(tmp_path / "voice.onnx", tmp_path / "cache")
    monkeypatch.setattr(preparation, "_fill", None)
    assert prepare_file(tmp_path / "voice.onnx", tmp_path / "cache") == first
    assert first.is_cut
    assert first.front.is_file()
    assert first.decoder.is_file()


@pytest.mark.parametrize("name", [preparation.MANIFEST_FILE, preparation.FRONT_FILE, preparation.DECODER_FILE])
def test_damaged_file_is_replaced_and_changes_the_fingerprint(tmp_path: Path, name: str) -> None:
    onnx.save(spectral_graph(), tmp_path / "voice.onnx")
    first = prepare_file(tmp_path / "voice.onnx", tmp_path)
    before = fingerprint(first.sha256, tmp_path)
    content = (first.folder / name).read_bytes()
    (first.folder / name).write_text("{")
    after = fingerprint(first.sha256, tmp_path)
    assert prepare_file(tmp_path / "voice.onnx", tmp_path) == first
    assert (first.folder / name).read_bytes() == content
    assert before != after == fingerprint(first.sha256, tmp_path)


def test_other_model_and_other_revision_get_their_own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    onnx.save(spectral_graph(), tmp_path / "spectral.onnx")
    onnx.save(waveform_graph(), tmp_path / "waveform.onnx")
    prepared = [prepare_file(tmp_path / name, tmp_path) for name in ("spectral.onnx", "waveform.onnx")]
    fingerprints = {fingerprint(item.sha256, tmp_path) for item in prepared}
    monkeypatch.setattr(preparation, "REVISION", 1000)
    prepared.append(prepare_file(tmp_path / "spectral.onnx", tmp_path))
    assert len({item.folder for item in prepared}) == 3
    assert len({*fingerprints, fingerprint(prepared[2].sha256, tmp_path)}) == 3


def test_other_version_of_onnxruntime_changes_the_fingerprint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint("0123", tmp_path)
    monkeypatch.setattr(preparation, "onnxruntime_version", lambda: "1000.0")
    assert fingerprint("0123", tmp_path) != before


def test_graphs_that_run_whole_give_the_reason(tmp_path: Path) -> None:
    onnx.save(waveform_graph(), tmp_path / "waveform.onnx")
    onnx.save(spectral_graph(extra="Softmax"), tmp_path / "uncut.onnx")
    waveform, uncut = (prepare_file(tmp_path / name, tmp_path) for name in ("waveform.onnx", "uncut.onnx"))
    assert "returns samples" in waveform.manifest.uncut_reason
    assert "Softmax" in uncut.manifest.uncut_reason
    assert not waveform.is_cut
    assert not uncut.is_cut


def test_unknown_graph_is_an_error(tmp_path: Path) -> None:
    model = waveform_graph()
    model.graph.output[0].name = "tenths"
    onnx.save(model, tmp_path / "other.onnx")
    with pytest.raises(UnknownGraph, match="outputs tenths"):
        prepare_file(tmp_path / "other.onnx", tmp_path)


def test_halves_of_a_model_that_was_not_used_for_long_are_removed(tmp_path: Path) -> None:
    onnx.save(spectral_graph(), tmp_path / "old.onnx")
    onnx.save(spectral_graph(extra="Tanh"), tmp_path / "new.onnx")
    old = prepare_file(tmp_path / "old.onnx", tmp_path / "cache")
    long_ago = time.time() - (UNUSED_DAYS + 1) * DAY_SECONDS
    os.utime(old.folder, (long_ago, long_ago))
    new = prepare_file(tmp_path / "new.onnx", tmp_path / "cache")
    assert (old.folder.exists(), new.folder.exists()) == (False, True)
