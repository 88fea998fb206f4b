from __future__ import annotations

import json
import random
from pathlib import Path

import hibari.g2p
import pytest
from hibari.g2p import G2P

from wyoming_kokoro.model.vocabulary import VOCABULARY
from wyoming_kokoro_english.front_end import DictionaryTable, FrontEnds, read_cmudict, read_dictionary, read_file
from wyoming_kokoro_english.table import Table, make_table


@pytest.mark.parametrize("is_british", [False, True])
def test_front_end_reads_as_hibari_does(tmp_path: Path, is_british: bool) -> None:
    ours, hibaris = FrontEnds(tmp_path).load(is_british), G2P(oov=False, british=is_british)
    words = random.Random(1).sample(sorted(hibaris.lexicon.golds.d) + sorted(hibaris.lexicon.silvers.d), 2000)
    for index in range(0, len(words), 8):
        text = " ".join(words[index : index + 8])
        if not any(word in text for word in ("mm", "eh", "IKEA", "HVAC")):
            assert ours(text, normalize_text=False) == hibaris(text, normalize_text=False)


def test_work_for_a_word_of_many_parts_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """hibari tries 80,000 runs of 400 parts. All other texts wait meanwhile, because one thread reads them."""
    merges: list[int] = []

    def count(tokens: list[object], unk: str | None = None) -> object:
        merges.append(len(tokens))
        return merge_tokens(tokens, unk)

    merge_tokens = hibari.g2p.merge_tokens
    monkeypatch.setattr(hibari.g2p, "merge_tokens", count)
    front_end = FrontEnds(tmp_path).load(False)
    for text in ("a-" * 200, "/a" * 200, "@a." * 130, "1/" * 200, "%" * 400):
        merges.clear()
        front_end(text, normalize_text=False)
        assert sum(merges) < 100 * len(text)


def test_table_has_the_words_of_its_file_and_the_added_ones() -> None:
    name = "lexicon_us_gold.json.gz"
    table = DictionaryTable(Table(make_table(dict(read_dictionary(name)))), {"lamp": "x"})
    words = json.loads(read_file(name)) | {"lamp": "x"}
    assert all(table.get(word) == phonemes for word, phonemes in words.items())
    assert [table.get(word) for word in ("lampx", "", "lamp\tx", "kitch", "NOUN")] == [None] * 5


def test_words_of_cmudict_are_words_that_hibari_lacks_in_symbols_of_the_model() -> None:
    words = dict(read_cmudict())
    known = {**json.loads(read_file("lexicon_us_gold.json.gz")), **json.loads(read_file("lexicon_us_silver.json.gz"))}
    assert len(words) > 60_000
    assert not words.keys() & known.keys()
    assert set("".join(words.values())) <= set(VOCABULARY)
    assert all(phonemes.count("ˈ") == 1 for phonemes in words.values())


def test_second_start_reads_no_file_of_hibari(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "She will read what she has read, and record a record."
    first = FrontEnds(tmp_path).load(False)(text, normalize_text=False)
    monkeypatch.setattr("gzip.decompress", None)
    assert FrontEnds(tmp_path).load(False)(text, normalize_text=False) == first
