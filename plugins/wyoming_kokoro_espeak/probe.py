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
from collections.abc import Iterator
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
