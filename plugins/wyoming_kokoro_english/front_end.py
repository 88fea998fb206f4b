"""Opens hibari's English front end without loading its dictionaries."""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache, lru_cache, partial
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from wyoming_kokoro import check_prepared, prepare_folder, remove_unused_folders, run_in_child
from wyoming_kokoro_english.table import Table, make_table, open_table
from wyoming_kokoro_english.words import AMERICAN_WORDS, BRITISH_WORDS, Entry

# The words of CMUdict that hibari lacks, made by `tools.data.make_english_words`.
CMUDICT = Path(__file__).with_name("cmudict.tsv.gz")

# Raise this when a table gets other entries.
TABLE_REVISION = 2
TAGGER_FILE = "tagger.table"
# The sections of the tagger's table.
TAGS, COMMON_TAG, KNOWN_WORD, WEIGHTS = "tags", "tag ", "word ", "weights "
# The features of common words recur. Each takes about 300 bytes.
MAX_CACHED_FEATURES = 4096
MAX_CACHED_WORDS = 2048
# hibari tries all runs of the parts of a word without spaces, such as `state-of-the-art`. 400 parts took 10 s.
MAX_WORD_PARTS = 12

# hibari's dictionaries contain no escaped characters.
_ENTRY = re.compile(r'"([^"]+)":(?:"([^"]*)"|(\{[^}]*\}))')


class FrontEnds:
    """Opens the front end of each accent. Both share the tagger and the tokenizer."""

    def __init__(self, cache_dir: Path) -> None:
        """The first use of each accent writes the tables of hibari's files to `cache_dir`, which takes a second."""
        self._folder = cache_dir / f"hibari-{metadata.version('hibari-tts')}-revision{TABLE_REVISION}"
        self._shared: tuple[Any, Any] | None = None

    def repair(self, is_british: bool) -> str:
        """Return a text that changes when the tables of an accent were damaged."""
        return check_prepared(self._folder / _accent(is_british)).repair

    def load(self, is_british: bool) -> Any:
        """Return a new `hibari.g2p.G2P` without its model for unknown words."""
        # hibari is imported on first use: only English needs it.
        from hibari.g2p import G2P, Context  # noqa: PLC0415
        from hibari.g2p.lexicon import Lexicon  # noqa: PLC0415
        from hibari.g2p.token import Tok  # noqa: PLC0415

        class CachingLexicon(Lexicon):  # type: ignore[misc]
            """A lexicon that remembers the words of recent texts."""

            def __init__(self, gold: DictionaryTable, silver: DictionaryTable) -> None:
                super().__init__(gold, silver, is_british)
                self._read_word = lru_cache(MAX_CACHED_WORDS)(self._read)

            def __call__(self, token: Any, context: Any) -> Any:
                """Return the phonemes of `token` before the word that `context` describes, and their rating."""
                word = token.text, token.tag, token.alias, token.stress, token.currency, token.is_head
                return self._read_word(*word, context.future_vowel, context.future_to)

            def _read(self, *values: Any) -> Any:
                text, tag, alias, stress, currency, is_head, *context = values
                token = Tok(text, tag, alias=alias, stress=stress, currency=currency, is_head=is_head)
                return super().__call__(token, Context(*context))

        accent = _accent(is_british)
        folder = self._prepare_tables(accent)
        added = BRITISH_WORDS if is_british else AMERICAN_WORDS
        gold = DictionaryTable(open_dictionary(folder, f"lexicon_{accent}_gold"), added)
        silver = DictionaryTable(open_dictionary(folder, f"lexicon_{accent}_silver"), {})
        # `G2P()` would load its own, larger tables.
        g2p = G2P.__new__(G2P)
        g2p.lexicon = CachingLexicon(gold, silver)
        self._shared = g2p.tokenizer, g2p.tagger = self._shared or _tokenizer_and_tagger(folder)
        g2p.unk, g2p.british, g2p._oov = "", is_british, False
        g2p.retokenize = lambda tokens: list(_split_words(G2P.retokenize(tokens)))
        remove_unused_folders(self._folder)
        return g2p

    def _prepare_tables(self, accent: str) -> Path | None:
        """Return the folder with the tables of an accent, or None if it cannot be written."""
        folder = self._folder / accent
        if not check_prepared(folder).files:
            with suppress(OSError), prepare_folder(folder) as part:
                # hibari's files take 60 MB, which this process would keep.
                run_in_child("wyoming_kokoro_english.front_end", str(part), accent)
                # The child writes this file last. Without it, the folder is not used.
                (part / TAGGER_FILE).stat()
        return folder if check_prepared(folder).files else None


def _split_words(words: Iterable[Any]) -> Iterator[Any]:
    """Yield the tokens of hibari, and words of many parts in pieces."""
    for word in words:
        if isinstance(word, list):
            yield from (word[start : start + MAX_WORD_PARTS] for start in range(0, len(word), MAX_WORD_PARTS))
        else:
            yield word


def _accent(is_british: bool) -> str:
    return "gb" if is_british else "us"


def _tokenizer_and_tagger(folder: Path | None) -> tuple[Any, Any]:
    from hibari.g2p.tagger import Tagger  # noqa: PLC0415
    from hibari.g2p.tokenize import Tokenizer  # noqa: PLC0415

    class TableTagger(Tagger):  # type: ignore[misc]
        """A tagger that looks up its weights in a table."""

        def __init__(self, table: Table) -> None:
            self.tags = sorted((table.get(TAGS) or "").split())
            self.tagdict, self.vocab = table.section(COMMON_TAG), table.section(KNOWN_WORD)
            self._stored = table.section(WEIGHTS)
            self._numbers = {tag: number for number, tag in enumerate(self.tags)}
            self._weights_of = lru_cache(MAX_CACHED_FEATURES)(self._read_weights)

        def _read_weights(self, feature: str) -> npt.NDArray[np.float64] | None:
            values = (self._stored.get(feature) or "").split()
            weights = np.zeros(len(self.tags))
            for tag, weight in zip(values[::2], values[1::2], strict=True):
                weights[self._numbers[tag]] = weight
            return weights if values else None

        def predict(self, feats: tuple[str, ...]) -> str:
            """Return the tag with the highest score, as hibari's tagger does."""
            found = [weights for weights in map(self._weights_of, feats) if weights is not None]
            if not found:
                return "NN"
            # hibari adds in this order, and takes the last of equal tags.
            scores = np.add.reduce(found)
            return str(self.tags[len(scores) - 1 - int(np.argmax(scores[::-1]))])

    tokenizer = Tokenizer(json.loads(read_file("tokenizer_exceptions.json")))
    tokenizer.split = lru_cache(MAX_CACHED_WORDS)(tokenizer.split)
    return tokenizer, TableTagger(open_table(folder, TAGGER_FILE, read_tagger))


def open_dictionary(folder: Path | None, name: str) -> Table:
    """Return the table of one of hibari's dictionaries."""
    return open_table(folder, f"{name}.table", partial(read_entries, name))


def read_entries(name: str) -> Iterator[tuple[str, str]]:
    """Yield the entries of one of hibari's dictionaries. The second American one also gets the words of CMUdict."""
    yield from read_dictionary(f"{name}.json.gz")
    if name == "lexicon_us_silver":
        yield from read_cmudict()


class DictionaryTable:
    """A dictionary of pronunciations."""

    def __init__(self, table: Table, added: Mapping[str, Entry]) -> None:
        """`added` takes precedence over `table`."""
        self._table = table
        self._added = added
        # hibari looks up each word of a text several times.
        self.get = lru_cache(MAX_CACHED_WORDS)(self._find)

    def _find(self, word: str) -> Entry | None:
        """Return the entry of `word`, or None."""
        if word in self._added:
            return self._added[word]
        entry = self._table.get(word)
        return json.loads(entry) if entry and entry.startswith("{") else entry


def read_dictionary(name: str) -> Iterator[tuple[str, str]]:
    """Yield each word of one of hibari's dictionaries, and its phonemes or a JSON object of phonemes by tag."""
    # A parser for JSON would need 20 MB for a moment, which the process keeps.
    for match in _ENTRY.finditer(read_file(name)):
        word, phonemes, by_tag = match.groups()
        yield word, by_tag or phonemes


def read_cmudict() -> Iterator[tuple[str, str]]:
    """Yield each word that CMUdict has and hibari lacks, and its American phonemes."""
    for line in gzip.decompress(CMUDICT.read_bytes()).decode().splitlines():
        word, _, phonemes = line.partition("\t")
        yield word, phonemes


def read_tagger() -> Iterator[tuple[str, str]]:
    """Yield the entries of hibari's tagger: its tags, the words with only one tag, the known words, and the weights."""

    def compact(pairs: list[tuple[str, Any]]) -> Any:
        is_weights = bool(pairs) and isinstance(pairs[0][1], float)
        return " ".join(f"{tag} {weight!r}" for tag, weight in pairs) if is_weights else dict(pairs)

    # The 290,000 weights have 600 different values.
    model = json.loads(read_file("tagger.json.gz"), object_pairs_hook=compact, parse_float=cache(float))
    yield TAGS, " ".join(model["tags"])
    yield from ((COMMON_TAG + word, tag) for word, tag in model["tagdict"].items())
    yield from ((KNOWN_WORD + word, "") for word in model["vocab"])
    yield from ((WEIGHTS + feature, weights) for feature, weights in model["weights"].items())


def read_file(name: str) -> str:
    """Return the content of one of hibari's files."""
    file = Path(str(find_spec("hibari").submodule_search_locations[0]), "assets", name)  # type: ignore[union-attr,index]
    data = file.read_bytes()
    return (gzip.decompress(data) if name.endswith(".gz") else data).decode()


def main() -> None:
    """Write the tables of an accent to a folder."""
    folder, accent = Path(sys.argv[1]), sys.argv[2]
    for name in (f"lexicon_{accent}_{kind}" for kind in ("gold", "silver")):
        (folder / f"{name}.table").write_bytes(make_table(dict(read_entries(name))))
    (folder / TAGGER_FILE).write_bytes(make_table(dict(read_tagger())))


if __name__ == "__main__":
    main()
