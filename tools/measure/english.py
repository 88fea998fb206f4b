"""Speak English with three phonemizers, so that a word error rate tells them apart: `python tools/english.py OUT`.

OUT/espeak has espeak's phonemes, as kokoro-onnx too gives them to the model, OUT/symbols the same in misaki's symbols,
OUT/misaki misaki's dictionary with those behind it. Each has streamed/ and, of some, whole/, as tools/render_pairs.py
has them. The
first half of the sentences is what a house says, the second has words that are easily said wrong; none has digits.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
from pathlib import Path

from tools.measure.render_pairs import Renderer, write
from wyoming_kokoro.backend import find_phonemizers
from wyoming_kokoro.config import Config
from wyoming_kokoro.keeping import Nowhere
from wyoming_kokoro.model.voices import catalogue
from wyoming_kokoro.plugins import Plugins
from wyoming_kokoro.text.phonemes import TextPipeline

VOICES = {"af_heart": "en-US", "bf_emma": "en-GB"}
ORDINARY = (
    "Turned on the lights in the kitchen and the hallway.",
    "The washing machine finished about ten minutes ago.",
    "Good morning, the weather looks cloudy with a chance of rain.",
    "I set a timer for twenty minutes called pasta.",
    "The front door is unlocked, and the garage is open.",
    "Somebody pressed the doorbell at the back entrance.",
    "Your next appointment is on Thursday afternoon.",
    "The thermostat in the bedroom is set to nineteen degrees.",
    "There are four lights on, two in the study and two outside.",
    "I could not find a device with that name.",
    "The battery of the motion sensor is almost empty.",
    "Playing relaxing piano music in the living room.",
    "The vacuum cleaner is stuck under the sofa.",
    "Added milk, butter and flour to your shopping list.",
    "The humidity in the cellar has risen during the night.",
    "Please close the windows before you leave the house.",
    "All the blinds on the ground floor are closed now.",
    "Traffic is heavy this morning, so leave a little earlier.",
    "The dishwasher needs salt, and the filter should be cleaned.",
    "Your parcel will be delivered between noon and three.",
    "The alarm is armed, and every window is shut.",
    "Water was detected beside the boiler, please check it soon.",
    "It will be windy tomorrow, with sunshine in the evening.",
    "The oven has reached the temperature that you wanted.",
    "The children should be home from school within an hour.",
    "I turned the volume down because it is late.",
    "The robot emptied its bin and went back to its base.",
    "Someone left the freezer open in the basement.",
    "The solar panels made more power than the house used.",
    "Reminder, take the recycling out before you go to bed.",
    "The car is charged and ready for the journey.",
    "Nobody is at home, so I lowered the heating.",
)
HARD = (
    "I read the book yesterday, and now I read the newspaper.",
    "Please record the show, because the last record was lost.",
    "They refuse to take the refuse away on a holiday.",
    "She will present the award, and the present is on the table.",
    "Live music is played where the neighbours live.",
    "The wind was strong while I tried to wind the clock.",
    "We could not close the drawer because it was too close to the wall.",
    "He shed a tear over the tear in his coat.",
    "The soldier had to desert his post in the desert.",
    "The committee will conduct a review of its conduct.",
    "Do not use the spare key, it has no use any more.",
    "The content of the letter made her feel content.",
    "Order quinoa, gnocchi and a croissant from the bakery.",
    "The recipe needs thyme, oregano, basil and Worcestershire sauce.",
    "The colonel and the lieutenant met at the rendezvous.",
    "The yacht passed the buoy near the quay at dawn.",
    "The mischievous choir sang a hymn for the bishop.",
    "The architect drew a facade with an archway and an awning.",
    "The queue at the pharmacy was longer than expected.",
    "The plumber fixed the faucet, the valve and the leaking pipe.",
    "Her niece studies psychology and her nephew chemistry.",
    "The sergeant received a receipt for the aisle seat.",
    "The gauge shows the pressure of the hydraulic pump.",
    "An epitome of hyperbole, said the anonymous critic.",
    "The mosquito landed on the mahogany wardrobe.",
    "The museum in Edinburgh is closed, the one in Leicester is open.",
    "We drove from Arkansas through Illinois to Chicago.",
    "The chauffeur parked the limousine beside the chalet.",
    "The thermometer and the barometer hang in the conservatory.",
    "The subtle aroma of jasmine filled the lounge.",
    "The ukulele and the cello lie beside the grand piano.",
    "The giraffe, the gorilla and the rhinoceros are asleep.",
)

SENTENCES = [
    (kind, number, sentence)
    for number, both in enumerate(zip(ORDINARY, HARD, strict=True))
    for kind, sentence in zip(("ordinary", "hard"), both, strict=True)
]
PAIR_EVERY = 4
"""Every so many sentences are also spoken whole, with their own statistics."""


async def main() -> None:
    """Render every sentence with every voice and every phonemizer."""
    out = Path(sys.argv[1])
    config = Config()
    plugins = Plugins.load(config)
    renderer = Renderer.open(config, plugins)
    filters = plugins.text_filters()
    without = [item for item in filters if not item.name.startswith("misaki")]
    filtered = find_phonemizers(catalogue(VOICES), plugins)
    plain = {language: phonemizer for language in filtered if (phonemizer := plugins.phonemizer(language))}
    ways = {
        "espeak": TextPipeline(without, plain, Nowhere(), ""),
        "symbols": TextPipeline(without, filtered, Nowhere(), ""),
        "misaki": TextPipeline(filters, filtered, Nowhere(), ""),
    }
    for voice, (kind, number, sentence), way in itertools.product(VOICES, SENTENCES, ways):
        name = f"{kind}-{voice}-{number:02d}"
        phonemes = await ways[way].phonemes(sentence, VOICES[voice])
        write(out / way / "streamed", name, sentence, renderer.streamed(phonemes, voice))
        if number % PAIR_EVERY == 0:
            write(out / way / "whole", name, sentence, renderer.pair(phonemes, voice)[1])
    for text in ways.values():
        await text.close()


if __name__ == "__main__":
    asyncio.run(main())
