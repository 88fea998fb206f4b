"""Runs espeak NG in a process of its own: `python -m wyoming_kokoro_espeak.probe LIBRARY DATA LANGUAGE...`.

Damaged files end it, or make espeak write messages. An empty path of the data stands for the directory that is
compiled into the library.
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from wyoming_kokoro import StartupError, find_damage
from wyoming_kokoro_espeak.engine import EspeakEngine
from wyoming_kokoro_espeak.library import EspeakLibrary

# The usual time is a tenth of a second. Damaged data can keep espeak busy forever.
MAX_CPU_SECONDS = 20
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
    if data and (damage := find_damage("espeakng-loader", Path(data))):
        sys.exit(damage)
    # The server reports errors itself.
    with suppress(OSError):
        ctypes.CDLL(path)
    engine = EspeakEngine(EspeakLibrary(path, data or None), lambda: "")
    with _silence():
        for language in languages:
            for line in TEXT.splitlines():
                with suppress(StartupError):
                    engine.phonemize(line, language)


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
