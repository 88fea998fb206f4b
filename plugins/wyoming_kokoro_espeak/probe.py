"""Runs espeak NG in a process of its own: `python -m wyoming_kokoro_espeak.probe LIBRARY DATA LANGUAGE...`.

Damaged files end it, or make espeak write messages. An empty path of the data stands for the directory that is
compiled into the library.
"""

from __future__ import annotations

import ctypes
import os
import resource
import struct
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from wyoming_kokoro import StartupError, find_damage
from wyoming_kokoro_espeak.engine import EspeakEngine
from wyoming_kokoro_espeak.library import EspeakLibrary

# The usual time is a tenth of a second. Damaged data can keep espeak busy forever.
MAX_CPU_SECONDS = 20
# A dictionary holds words, and then groups of rules. The second number of the file is the offset of the groups.
RULES_OFFSET = struct.Struct("=4xI")
GROUP_START = b"\x06"
# The last rule ends with 0, the last group with 7, and all groups with 0.
GROUPS_END = b"\0\x07\0"
# `phontab` begins with the number of its tables. Each has a head, which begins with the number of its phonemes.
TABLES_OFFSET, HEAD_BYTES = 4, 36
# The only number is the word of `phonindex` with which the program of the phoneme begins.
PHONEME = struct.Struct("=8xH6x")
# A program ends with this word, or with a sound, after which another may be added: two words each, of which the first
# begins with one of these digits.
RETURN, SOUND_DIGITS, ADDED_SOUND_DIGIT = 1, (0xB, 0xC), 0xF
STDERR = 2
MAX_MESSAGE_BYTES = 4096
# All letters of each script that espeak reads, some of them in words.
TEXT = """
The five boxing wizards jump quickly over 21.5 lazy dogs. Turned on the kitchen lights at 7:30, radio and computer too.
El pingüino Wenceslao hizo kilómetros bajo exhaustiva lluvia. Portez ce vieux whisky au juge blond qui fume, où çà naïf.
Pranzo d'acqua fa volti sghembi, perché. À noite, vovô Kowalsky vê o ímã cair no pé do pinguim, coração.
Съешь ещё этих мягких французских булок, да выпей чаю. Чуєш їх, доцю, ґанок. Ўсё. Ксілафон, љубазни фењерџија чађавог.
Ξεσκεπάζω την ψυχοφθόρα βδελυγμία. دلچسپ نص حكيم له سر قاطع وذو شأن عظيم پچگژ ٹڈڑ. דג סקרן שט בים מאוכזב ולפתע מצא חברה.
नमस्ते ऋषियों को सताने वाले दुष्ट राक्षसों के राजा रावण। আমার সোনার বাংলা ਸਤ ਸ੍ਰੀ ગુજરાતી ଓଡ଼ିଆ தமிழ் తెలుగు ಕನ್ನಡ മലയാളം සිංහල
ქართული ენა հայերեն լեզու አማርኛ ቋንቋ 다람쥐 헌 쳇바퀴에 타고파 いろはにほへと カタカナ 中文天地玄黃
"""


def main() -> None:
    """Load the library, and read a text in each language."""
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))
    path, data, *languages = sys.argv[1:]
    if data:
        if damage := find_damage("espeakng-loader", Path(data)):
            sys.exit(damage)
        check_phonemes(Path(data))
        for name in sorted({language.partition("-")[0] for language in languages}):
            check_dictionary(Path(data, f"{name}_dict"))
    # The server reports errors itself.
    with suppress(OSError):
        ctypes.CDLL(path)
    engine = EspeakEngine(EspeakLibrary(path, data or None), lambda: "")
    with _silence():
        for language in languages:
            for line in TEXT.splitlines():
                with suppress(StartupError):
                    engine.phonemize(line, language)


def check_phonemes(data: Path) -> None:
    """Exit with a message if the phonemes or their programs are cut off or shifted.

    espeak runs past the end of such programs, where each process finds something else.
    """
    files = data / "phontab", data / "phonindex"
    if not all(file.is_file() for file in files):
        return
    table, programs = (file.read_bytes() for file in files)
    try:
        last = max(program_starts(table))
    except (IndexError, ValueError, struct.error):
        sys.exit("phontab is not a list of phonemes")
    words = [word for (word,) in struct.iter_unpack("=H", programs[: len(programs) & ~1])]
    if len(programs) % 2 or len(words) <= max(last, 3) or not is_end_of_program(words[-4:]):
        sys.exit(f"phonindex has {len(programs)} bytes, and no program at word {last} or no end")


def is_end_of_program(words: Sequence[int]) -> bool:
    """Return whether a program can end with these words, which are at least four."""
    sound = words[-4 if words[-2] >> 12 == ADDED_SOUND_DIGIT else -2]
    return words[-1] == RETURN or sound >> 12 in SOUND_DIGITS


def program_starts(table: bytes) -> Iterator[int]:
    """Yield where in `phonindex` each program begins. Raises an error if `table` is not the whole of `phontab`."""
    position = TABLES_OFFSET
    for _ in range(table[0]):
        begin = position + HEAD_BYTES
        position = begin + PHONEME.size * table[position]
        yield from (start for (start,) in PHONEME.iter_unpack(table[begin:position]))
    if position != len(table):
        raise ValueError(f"{position} of {len(table)} bytes are phonemes")


def check_dictionary(path: Path) -> None:
    """Exit with a message if a dictionary is cut off or shifted.

    espeak reads past the end of such a file, where each process finds something else.
    """
    if not path.is_file():
        return
    content = path.read_bytes()
    start = RULES_OFFSET.unpack_from(content)[0] if len(content) >= RULES_OFFSET.size else 0
    if content[start : start + 1] != GROUP_START or not content.endswith(GROUPS_END):
        sys.exit(f"{path.name} has no rules at its offset {start} of {len(content)} bytes, or no end")


@contextmanager
def _silence() -> Iterator[None]:
    """Exit with the messages that a native library writes to stderr in the block."""
    stderr = os.dup(STDERR)
    messages, end = os.pipe()
    for descriptor in (messages, end):
        os.set_blocking(descriptor, False)
    os.dup2(end, STDERR)
    try:
        yield
    finally:
        os.dup2(stderr, STDERR)
    with suppress(BlockingIOError):
        sys.exit(os.read(messages, MAX_MESSAGE_BYTES).decode(errors="replace").strip())


if __name__ == "__main__":
    main()
