"""Texts of households in all languages, with the markup of language models, to be divided anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# In every language: marks that end a sentence or a clause in plain text stand inside markup.
_MARKUP = (
    "\n```yaml\nlight:\n  - platform: mqtt, and more\n```\n",
    "\n```python\nlight.turn_on()! # Done. Now\n\n\nprint('It is on.')\n```\n",
    "<think>\n{0}, {1}.\n\n{1}!\n</think>\n",
    "<|channel|>analysis<|message|>{0}. {1}<|end|><|start|>assistant<|channel|>final<|message|>{0}. ",
    "[{0}, {1}](https://example.com/a_(b)?c=1,d), [{1}. {0}!](mailto:anna@example.com) `light.hall`. ",
    "![{0}. {1}!](https://example.com/lamp.png?a!b 'A lamp, that is.on') ",
    "**{0}, {1}**, *{1}. {0}!* ~~{0}, {1}~~ __{1}.__ ",
    "\n| {0}, {1} | {1} |\n|---|---:|\n| {1}, 1 | 21.5 °C |\n| {0} | 45 % |\n",
    "\n- **{0}:** 21 °C, -5 °C 🌤️\n- {1}: 18–21 °C, 45 %\n- {0}, {1}\n",
    "\n1. {0}\n2. {1}, {0}\n   a) {1}\n   b) {0}\n\n",
    "\n{0}:\n{1}\n{0} {1}\n{1}\n",
    "\n✅ {0}\n❌ {1}, {0}\n● {1}\n‣ {0}\n",
    "\n# {0}, {1}\n{1}, {0}.\n\n---\n> {0}, {1}.\n",
    '<a href="https://example.com/a,b" title="A, b">{0}, {1}</a>; <b>{1}, {0}</b><br/> ',
    "{0} <!-- {1}, {0}. {1} --> {1}. ",
    "$x = a.b, c$, {0}; \\(y = 2, z\\) {1}, $$a, b$$. ",
    "[pause:0.5s]{0}, [rate:0.9]{1}, {0}[/rate] {1}. ",
    "{0}[1][2], {1}[^note]. {0}【4:0†a, b.c】.\n\n[^note]: {1}.\n",
    "\"{0}, {1}.\" ({1}, {0}.) '{0}, {1}' ",
    "==[[a, b|{0}]], {1}==, ||{1}, {0}.|| [[{0}, {1}]] {{% if a, b. %}}{0}. ",
    "\n:::note, too\n{0}, {1}\n:::\n> [!NOTE]\n> {0}, {1}\n\\\n",
    "{0}, ```{1}, a.b()```, `{0}. {1}` <{1}@example.com>, <https://example.com/a,b?c>. ",
    "$\\frac{{a, b}}{{2}}$, {0} \\boxed{{42, 3}}, H$_2$O, x<sup>2</sup>, {1}; <|im_start|>assistant\n{0}.\n",
    "\ni. {0}, {1}\nii. {1}\n(b) {0}\n3.{0}\nA. {1}\n[x] {0}\n",
    "\n|{0}|{1}, {0}|\n|--|--|\n|| {1}. |\n{0} | {1}, {0}\n--- | ---\n",
    "({0}, {1}) ‹{0}, {1}.› «{1}, {0}!» 「{0}、{1}。」 *({0}, {1})* ",
    "Tom &amp; Jerry; {0}, {1}.<|endoftext|> ",
    "{{{{ states('sensor.hall, a') }}}} {0}, {1}. ",
)
_WORDS = {
    "en-US": ("the hall lamp", "it is warm"),
    "en-GB": ("the kettle", "it is cold outside"),
    "es": ("la luz del salón", "hace calor"),
    "fr-FR": ("la lampe du salon", "il fait chaud"),
    "hi": ("कमरे की बत्ती", "मौसम अच्छा है"),
    "it": ("la luce del salotto", "fa caldo"),
    "ja": ("リビングの照明", "今日は暖かいです"),
    "pt-BR": ("a luz da sala", "faz calor"),
    "zh-CN": ("客厅的灯", "今天很暖和"),
}
_SENTENCES = {
    "en-US": (
        "The forecast for today is mostly sunny, with a high of 21.5 °C and winds of 12 km/h. ",
        "On January 3rd, 2026, at 6:31 PM, Dr. Smith paid $5.50, i.e. €5, for 1,000 bulbs, e.g. LEDs. ",
        "It was 1,013.2 hPa in 1756, 2006 and (1905), from 1990 to 1995, in the 1990s. ",
        "Call 555-1234, or +1 555 123 4567; the server is 192.168.1.5, and the version is 2026.11.0. ",
        "He said: “Turn it off, please.” (And so, in the end, it was.) Wait... what?! Lamp 5 is on, Light A, too. ",
        "From 5 to 10 °C, 1/2 cup, 2 1/2 cups, 3 x 4, #3, on/off, World War II, Henry VIII, 10x, 5'11\" and 3 in. ",
        "This goes on without any pause because the speaker wants to tell about all the 27 lamps that are on. ",
    ),
    "en-GB": (
        "It's 7.30pm on 3 January 2026, and the kettle, i.e. the one in the kitchen, has used 2 kWh. ",
        "Mr. Brown, of 12 High St., owes £1.50; the rest is paid. ",
    ),
    "es": (
        "Son las 18:30, hay 21 grados y 1 temporizador; la Sra. Ruiz llega el 3 de enero de 2026, p. ej. a las 2. ",
        "La casa gastó 1.234,56 € en el s. XXI, es decir, 3,5 kWh. ",
        "Las luces están encendidas desde hace una hora y media porque la puerta sigue abierta y nadie la cierra. ",
    ),
    "fr-FR": (
        "Il est 14h30, il fait 21,5 °C, et M. Dupont arrive le 1er janvier 2026, c.-à-d. demain. ",
        "La facture est de 1 234,56 €, soit 3,5 kWh ; l'heure est passée. ",
        "Les lampes sont allumées depuis une heure et demie parce que la porte est restée ouverte tout ce temps. ",
    ),
    "hi": (
        "आज तापमान 21.5 °C है, और हवा 12 km/h है। डॉ. शर्मा 3 जनवरी 2026 को 18:30 बजे आएंगे। ",
        "बत्ती एक घंटे से जल रही है क्योंकि दरवाज़ा खुला है और कोई उसे बंद नहीं कर रहा है। ",
    ),
    "it": (
        "Sono le 18:30, ci sono 21,5 °C e 1 timer; il sig. Rossi arriva il 3 gennaio 2026, ad es. alle 2. ",
        "La casa ha consumato 3,5 kWh, cioè 1.234,56 €, nel XXI secolo. ",
        "Le luci sono accese da un'ora e mezza perché la porta è rimasta aperta e nessuno la chiude mai la sera. ",
    ),
    "ja": (
        "現在の気温は21.5℃、湿度は45%です。外は-3℃、風速は12km/hです。",
        "2026年1月3日、18:30にタイマーが鳴ります。「消してください。」と言いました！",
        "1,000円です、それから、TVをつけました；次は何をしますか？",
    ),
    "pt-BR": (
        "São 18:30, faz 21,5 °C e há 2 janelas abertas; o Sr. Silva chega em 3 de janeiro de 2026. ",
        "A conta é de R$ 1.234,56, ou seja, 3,5 kWh, no século XXI. ",
        "As luzes estão acesas há uma hora e meia porque a porta ficou aberta e ninguém a fecha durante a noite. ",
    ),
    "zh-CN": (
        "现在温度是-3度，湿度是45%。今天是2026年1月3日，18:30有一个提醒！",
        "一共1,000元，版本是2026.11.0；他说：“关灯。”然后呢？",
        "打开TV，音量30%，谢谢。",
    ),
}  # fmt: skip
FRAGMENTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        language: (*sentences, *(markup.format(*_WORDS[language]) for markup in _MARKUP))
        for language, sentences in _SENTENCES.items()
    }
)
"""Parts of texts by language."""
