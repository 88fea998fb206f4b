"""Loads hibari's English front end with less memory than hibari needs."""

from __future__ import annotations

import gzip
import json
import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache, cached_property
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import Any

from wyoming_kokoro_english.words import AMERICAN_WORDS, BRITISH_WORDS

Entry = str | dict[str, str | None]
"""Phonemes, or phonemes by part-of-speech tag with a `DEFAULT`. None means that the letters are spelled."""

# hibari's dictionaries contain no escaped characters.
_ENTRY = re.compile(r'"([^"]+)":(?:"([^"]*)"|(\{[^}]*\}))')


class FrontEnds:
    """Loads the front end of each accent. Both share the tagger and the tokenizer."""

    def load(self, is_british: bool) -> Any:
        """Return a new `hibari.g2p.G2P` without its model for unknown words. Takes 0.5 seconds."""
        # hibari is imported on first use: only English needs it.
        from hibari.g2p import G2P  # noqa: PLC0415
        from hibari.g2p.lexicon import Lexicon  # noqa: PLC0415

        accent = "gb" if is_british else "us"
        added = BRITISH_WORDS if is_british else AMERICAN_WORDS
        gold = CompactTable(f"lexicon_{accent}_gold.json.gz", added)
        silver = CompactTable(f"lexicon_{accent}_silver.json.gz", {})
        # `G2P()` would load its own, larger tables.
        g2p = G2P.__new__(G2P)
        g2p.lexicon = Lexicon(gold, silver, is_british)
        g2p.tokenizer, g2p.tagger = self._tokenizer_and_tagger
        g2p.unk, g2p.british, g2p._oov = "", is_british, False
        return g2p

    @cached_property
    def _tokenizer_and_tagger(self) -> tuple[Any, Any]:
        from hibari.g2p.tagger import Tagger  # noqa: PLC0415
        from hibari.g2p.tokenize import Tokenizer  # noqa: PLC0415

        class CompactTagger(Tagger):  # type: ignore[misc]
            """A tagger whose weights are tuples: a tag, its weight, the next tag and so on."""

            def predict(self, feats: tuple[str, ...]) -> str:
                """Return the tag with the highest score, as hibari's tagger does."""
                scores: dict[str, float] = {}
                for feature in feats:
                    weights = self.weights.get(feature, ())
                    for tag, weight in zip(weights[::2], weights[1::2], strict=True):
                        scores[tag] = scores.get(tag, 0) + weight
                return max(self.tags, key=lambda tag: (scores.get(tag, 0), tag)) if scores else "NN"

        def compact(pairs: list[tuple[str, Any]]) -> Any:
            is_weights = bool(pairs) and isinstance(pairs[0][1], float)
            return tuple(chain.from_iterable(pairs)) if is_weights else dict(pairs)

        # The 290,000 weights have 600 different values.
        weights = json.loads(_read("tagger.json.gz"), object_pairs_hook=compact, parse_float=cache(float))
        return Tokenizer(json.loads(_read("tokenizer_exceptions.json"))), CompactTagger(weights)


class CompactTable:
    """A read-only dictionary of pronunciations. A `dict` needs about six times the memory."""

    def __init__(self, file_name: str, added: Mapping[str, Entry]) -> None:
        """`file_name` is one of hibari's dictionaries, which is read on first use. `added` takes precedence over it."""
        self._file_name = file_name
        self._added = added

    def get(self, word: str) -> Entry | None:
        """Return the entry of `word`, or None."""
        entry = self._added.get(word) or self._tables[0].get(word)
        if entry:
            return entry
        lines = self._tables[1].get(_prefix(word), "")
        key = f"\n{word}\t"
        start = lines.find(key)
        return None if start < 0 else lines[start + len(key) : lines.index("\n", start + 1)]

    @cached_property
    def _tables(self) -> tuple[dict[str, Entry], dict[str, str]]:
        """Entries by tag, and the lines of all other entries by the prefix of their words."""
        by_tag: dict[str, Entry] = {}
        lines: defaultdict[str, list[str]] = defaultdict(list)
        # A parser for JSON would need 20 MB for a moment, which the process keeps.
        for match in _ENTRY.finditer(_read(self._file_name)):
            word, phonemes, by_tags = match.groups()
            if by_tags:
                by_tag[word] = json.loads(by_tags)
            else:
                lines[_prefix(word)].append(f"{word}\t{phonemes}\n")
        return by_tag, {prefix: "\n" + "".join(found) for prefix, found in lines.items()}


def _prefix(word: str) -> str:
    """Return what the words that share a string have in common. Three letters make 20 words a string on average."""
    return word[:3]


def _read(name: str) -> str:
    """Return the content of one of hibari's files."""
    file = Path(str(find_spec("hibari").submodule_search_locations[0]), "assets", name)  # type: ignore[union-attr,index]
    data = file.read_bytes()
    return (gzip.decompress(data) if name.endswith(".gz") else data).decode()
