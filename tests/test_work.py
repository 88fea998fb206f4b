"""Where the model's arithmetic is done."""

from __future__ import annotations

from pathlib import Path

import pytest

from wyoming_kokoro.model.shipped import own_styles
from wyoming_kokoro.speech.stages import Stages
from wyoming_kokoro.types import Provider, SessionOptions
from wyoming_kokoro.work import CountingSession

pytestmark = pytest.mark.model

PHONEMES = "tˈɜːnd ˈɔn ðə lˈɪvɪŋ ɹˈuːm lˈaɪts ænd sˈɛt ðə θˈɜːmoʊstæt tə twˈɛnti wˈʌn dᵻɡɹˈiːz."


def test_the_vocoder_does_nearly_all_of_the_work(stages_folder: Path, tmp_path: Path) -> None:
    opened: dict[str, CountingSession] = {}

    def counted(file: Path, _: SessionOptions) -> CountingSession:
        opened[file.stem] = CountingSession(file, tmp_path)
        return opened[file.stem]

    stages = Stages(stages_folder, [Provider("counting", 1, "float", counted)], SessionOptions(1, tmp_path))
    prosody = stages.prosody(PHONEMES, own_styles().row("af_heart", len(PHONEMES)), 1.0)
    stages.whole(prosody, stages.frames(prosody))
    stages.close()
    work = {name: session.multiplications for name, session in opened.items()}
    assert 4.0 < prosody.frames * 0.0125 < 6.0
    assert work["whole"] / sum(work.values()) > 0.85, work
