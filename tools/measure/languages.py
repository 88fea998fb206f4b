"""Speak sentences of every language but English, for a word error rate: `python tools/languages.py OUT`.

OUT/LANGUAGE has NAME.wav beside NAME.txt, spoken on the server's own path by the best voice of each language that is
installed. No sentence has numbers, which a recogniser would write in its own way.
"""

from __future__ import annotations

import asyncio
import sys
import wave
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from wyoming_kokoro.backend import open_backend
from wyoming_kokoro.config import Config
from wyoming_kokoro.plugins import Plugins
from wyoming_kokoro.types import SAMPLE_RATE

SENTENCES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "es": (
            "He encendido la luz de la cocina.",
            "La puerta de la calle está abierta.",
            "La lavadora ha terminado hace un rato.",
            "Mañana lloverá por la tarde.",
            "Alguien ha llamado al timbre.",
            "La temperatura del salón es agradable.",
            "No he encontrado ningún dispositivo con ese nombre.",
            "He puesto un temporizador para la pasta.",
            "Las persianas del dormitorio están cerradas.",
            "Buenas noches, que descanses bien.",
        ),
        "fr-FR": (
            "J'ai allumé la lumière de la cuisine.",
            "La porte d'entrée est ouverte.",
            "La machine à laver a terminé son programme.",
            "Demain il va pleuvoir dans l'après-midi.",
            "Quelqu'un a sonné à la porte.",
            "La température du salon est agréable.",
            "Je n'ai trouvé aucun appareil de ce nom.",
            "Le minuteur de la cuisine est réglé.",
            "Les volets de la chambre sont fermés.",
            "Bonne nuit et à demain matin.",
        ),
        "hi": (
            "रसोई की बत्ती जला दी गई है।",
            "सामने का दरवाज़ा खुला है।",
            "कपड़े धोने की मशीन रुक गई है।",
            "कल शाम को बारिश होगी।",
            "दरवाज़े पर कोई आया है।",
            "कमरे का तापमान ठीक है।",
            "इस नाम का कोई उपकरण नहीं मिला।",
            "घड़ी का समय शुरू हो गया है।",
            "सोने के कमरे के परदे बंद हैं।",
            "शुभ रात्रि, अच्छी नींद लेना।",
        ),
        "it": (
            "Ho acceso la luce della cucina.",
            "La porta d'ingresso è aperta.",
            "La lavatrice ha finito il programma.",
            "Domani pomeriggio pioverà in tutta la regione.",
            "Qualcuno ha suonato il campanello.",
            "La temperatura del soggiorno è piacevole.",
            "Non ho trovato nessun dispositivo con questo nome.",
            "Ho impostato un timer per la pasta.",
            "Le tapparelle della camera sono chiuse.",
            "Buona notte e sogni d'oro.",
        ),
        "ja": (
            "台所の電気をつけました。",
            "玄関のドアが開いています。",
            "洗濯が終わりました。",
            "明日の午後は雨が降ります。",
            "誰かが玄関に来ました。",
            "部屋の温度はちょうどいいです。",
            "その名前の機器は見つかりませんでした。",
            "料理のタイマーを始めました。",
            "寝室のカーテンは閉まっています。",
            "おやすみなさい、また明日。",
        ),
        "pt-BR": (
            "Acendi a luz da cozinha.",
            "A porta da frente está aberta.",
            "A máquina de lavar terminou agora.",
            "Amanhã vai chover durante a tarde.",
            "Alguém tocou a campainha.",
            "A temperatura da sala é agradável.",
            "Não encontrei nenhum aparelho com esse nome.",
            "O alarme toca daqui a pouco.",
            "As cortinas do quarto estão fechadas.",
            "Boa noite e até amanhã.",
        ),
        "zh-CN": (
            "我已经打开了厨房的灯。",
            "前门是开着的。",
            "洗衣机已经洗好了。",
            "明天下午会下雨。",
            "有人在门口按门铃。",
            "客厅的温度很舒服。",
            "没有找到这个名字的设备。",
            "做饭的计时开始了。",
            "卧室的窗帘已经关上了。",
            "晚安，祝你好梦。",
        ),
    }
)


async def main() -> None:
    """Render all languages that are installed."""
    out = Path(sys.argv[1])
    config = Config()
    async with open_backend(config, await asyncio.to_thread(Plugins.load, config)) as backend:
        spoken = {voice.language for voice in backend.narrator.voices}
        for language in sorted(spoken & SENTENCES.keys()):
            for number, sentence in enumerate(SENTENCES[language]):
                utterance = backend.narrator.utterance(language=language)
                utterance.feed(sentence)
                utterance.finish()
                pcm = b"".join([chunk async for chunk in utterance.pcm()])
                write(out / language, f"{utterance.voice.name}-{number:02d}", sentence, pcm)
        print(f"spoken: {', '.join(sorted(spoken & SENTENCES.keys()))}; missing: {sorted(SENTENCES.keys() - spoken)}")


def write(folder: Path, name: str, sentence: str, pcm: bytes) -> None:
    """Write one recording and what it says."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.txt").write_text(sentence, "utf-8")
    with wave.open(str(folder / f"{name}.wav"), "wb") as wav:
        wav.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        wav.writeframes(pcm)


if __name__ == "__main__":
    asyncio.run(main())
