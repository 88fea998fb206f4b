"""SSML, from the text to the segments. The samples have the features of the samples of well-known services."""

from __future__ import annotations

import pytest

from tests.helpers.text.markup import describe, styled_segments
from wyoming_kokoro.text.ipa.embedded import embed_ipa


def spoken(text: str) -> str:
    """Return the segments, which must not depend on the deltas."""
    whole = describe(styled_segments([text]))
    assert describe(styled_segments(text)) == whole
    return whole


TOMATO = embed_ipa("təmˈɑːtO")
SAMPLES = {
    # Home Assistant Cloud (Azure): the voice and the namespaces that its samples have.
    "azure_voice": (
        (
            '<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" xmlns:mstts="https://www.w3.org/2001/mstts"'
            ' xml:lang="de-DE"><voice name="en-US-JennyNeural"><mstts:express-as style="cheerful" styledegree="2">'
            "Dinner is ready!</mstts:express-as></voice></speak>"
        ),
        "Dinner is ready!",
    ),
    "azure_silence": (
        (
            '<speak><mstts:silence type="Sentenceboundary" value="200ms"/>It rains. '
            '<break time="750ms" /> Take a coat.</speak>'
        ),
        "It rains.|(750)|Take a coat.",
    ),
    "azure_prosody": (
        (
            '<speak><prosody rate="-10.00%" volume="+20.00%" pitch="high" contour="(0%,+2Hz)">It is hot.</prosody> '
            '<prosody rate="1.25" volume="50">It is done.</prosody></speak>'
        ),
        "{x0.9 v1.2}It is hot.|{x1.25 v0.5}It is done.",
    ),
    "azure_audio": (
        '<speak><audio src="https://example.com/bell.wav">A bell rings.</audio> Someone is at the door.</speak>',
        "A bell rings.|Someone is at the door.",
    ),
    # Amazon Polly.
    "polly_break": (
        "<speak>Wait for it <break/> now. <break strength='x-strong'/>Go. <break time=\"0.5s\"/>Stop.</speak>",
        "Wait for it,|(clause)|now.|(paragraph)|Go.|(500)|Stop.",
    ),
    "polly_emphasis": (
        '<speak>The door is <emphasis level="strong">open</emphasis>, please <emphasis>close</emphasis> it.</speak>',
        "The door is,|{x0.85 v1.25}open,|please,|{x0.92 v1.12}close,|it.",
    ),
    "polly_lang": (
        '<speak>He said <lang xml:lang="es-MX">buenos días</lang> to me.</speak>',
        "He said,|{es}buenos días,|to me.",
    ),
    "polly_mark": ('<speak>The <mark name="lamp"/>lamp is on.</speak>', "The lamp is on."),
    "polly_paragraphs": (
        "<speak>\n  <p>\n    <s>It is late</s>\n    <s>Good night.</s>\n  </p>\n\n\n  <p>Sleep well.</p>\n</speak>\n",
        "(paragraph)|It is late|(sentence)|Good night.|(paragraph)|Sleep well.|(paragraph)",
    ),
    "polly_phoneme": (
        (
            '<speak>You say <phoneme alphabet="ipa" ph="təmˈɑːtoʊ">tomato</phoneme>, I say '
            '<phoneme alphabet="x-sampa" ph="t@&quot;meI.toU">tomato</phoneme>.</speak>'
        ),
        f"You say {TOMATO}, I say tomato.",
    ),
    "polly_prosody": (
        (
            '<speak><prosody volume="-6dB">Soft, </prosody><prosody volume="x-loud">loud, </prosody>'
            '<prosody rate="x-slow">slow, </prosody><prosody rate="90%">and steady.</prosody></speak>'
        ),
        "{v0.5012}Soft,|{v2}loud,|{x0.5}slow,|{x0.9}and steady.",
    ),
    "polly_say_as": (
        (
            '<speak>Say <say-as interpret-as="spell-out">ha</say-as>, <say-as interpret-as="cardinal">1905</say-as>, '
            '<say-as interpret-as="ordinal">3</say-as>, <say-as interpret-as="digits">42</say-as>, '
            '<say-as interpret-as="telephone">2125550100</say-as>, <say-as interpret-as="time">1\'21"</say-as>.</speak>'
        ),
        "Say H, A , 1,905, 3rd, 4 2 , 2 1 2, 5 5 5, 0 1 0 0 , 1 min 21 s.",
    ),
    "polly_date": (
        (
            '<speak>It was <say-as interpret-as="date" format="mdy">12-31-2025</say-as> and '
            '<say-as interpret-as="date">????1231</say-as>.</speak>'
        ),
        "It was 2025-12-31 and ????1231.",
    ),
    "polly_expletive": (
        '<speak>That <say-as interpret-as="expletive">darn</say-as> lamp.</speak>',
        "That,|(500)|lamp.",
    ),
    "polly_sub": (
        '<speak>Add <sub alias="sodium chloride">NaCl</sub> &amp; <sub alias="">H2O</sub>.</speak>',
        "Add sodium chloride & H2O.",
    ),
    "polly_word": ('<speak>I <w role="amazon:VBD">read</w> it.</speak>', "I read it."),
    "polly_effects": (
        (
            '<speak><amazon:effect name="whispered">Do not wake the cat.</amazon:effect> <amazon:domain name="news">So.'
            "</amazon:domain></speak>"
        ),
        "Do not wake the cat.|So.",
    ),
    # Google Cloud.
    "google_mixed": (
        (
            '<speak>\n  Here is a number: <say-as interpret-as="cardinal">10</say-as>.\n  Next in <break time="3s"/> '
            '<say-as interpret-as="characters">SSML</say-as>.\n  <sub alias="the W3C">W3C</sub> made it.\n</speak>'
        ),
        "Here is a number: 10.|Next in,|(3000)|S, S, M, L .|the W3C made it.",
    ),
    "google_voice": (
        (
            '<speak>And <voice language="es" gender="female" required="gender">hola</voice>, '
            '<voice name="bf_emma">hi</voice>.</speak>'
        ),
        "And,|{ef_dora}hola,|{bf_emma}hi.",
    ),
    "google_audio": (
        '<speak><audio src="a.ogg"><desc>a cat purring</desc>PURR</audio> goes the cat.</speak>',
        "PURR goes the cat.",
    ),
    "google_declaration": (
        (
            '<?xml version="1.0"?>\n<!-- A greeting > for guests. -->\n'
            "<speak><!-- <break/> -->Hi <![CDATA[a < b & c]]>.</speak>"
        ),
        "Hi a < b & c.",
    ),
    "google_units": (
        (
            '<speak><say-as interpret-as="unit">10 ft</say-as>, <say-as interpret-as="currency" language="en-US">$42.01'
            '</say-as>, <say-as interpret-as="fraction">5+1/2</say-as>.</speak>'
        ),
        "10 ft, $42.01, 5+1/2.",
    ),
    "google_parallel": (
        (
            '<speak><par><media xml:id="a" begin="0.5s"><speak>One.</speak></media><media><speak> Two.</speak>'
            "</media></par></speak>"
        ),
        "One.|Two.",
    ),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_sample_is_spoken_as_the_documentation_says(name: str) -> None:
    text, expected = SAMPLES[name]
    assert spoken(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('<speak><prosody rate="slow>Hello there.</prosody></speak>', "{x0.75}Hello there."),
        ("<speak><prosody rate=slow>Hello there.</prosody></speak>", "{x0.75}Hello there."),
        ("<speak><break time=“1s”/>Hello.</speak>", "(1000)|Hello."),
        ("<speak>Hello <b>there</i>.</speak>", "Hello there."),
        ("<speak>2 < 3 & 4 > 3 &unknown; &#65; &nbsp;so.</speak>", "2 < 3 & 4 > 3 &unknown; A so."),
        ("<speak>Hello <!-- not closed", "Hello not closed"),
        ("<speak>Hello <break ti", "Hello"),
        ("<speak>Hello <3", "Hello <3"),
        ("<speak>Hello &amp", "Hello &amp"),
        ("<speak><![CDATA[Hello ]] there", "Hello ]] there"),
        ("<speak><s>One<p>Two</s>", "(sentence)|One|(paragraph)|Two|(sentence)"),
        ("<speak></voice></s>Hello.<speak>", "(sentence)|Hello."),
        ("<speak/>Hello.", "Hello."),
        ("<speak><s/>Hello.<p/>Bye.", "(sentence)|Hello.|(paragraph)|Bye."),
        ("<speak><break time='-1s'/>Hello.", "(clause)|Hello."),
        ("<speak>One.<break strength='none'/> Two <break strength='x-weak'/>three.", "One.|(0)|Two three."),
        ("<speak><prosody rate='0' volume='silent'>Slow.</prosody>", "{x0.25 v0}Slow."),
        ("<speak><phoneme alphabet='ipa' ph='☃'>snow</phoneme>", "snow"),
        ("<speak><sub alias='World'/>Hello.", "WorldHello."),
        (f"<speak><sub alias='x'>{'y ' * 600}", f"x{'y ' * 100}".strip()),
        ("<SPEAK><Voice Name='bf_emma'>Hi.</VOICE> Bye.", "{bf_emma}Hi.|Bye."),
        ("<speak>[rate:2]Fast.[/rate]", "[rate:2]Fast.[/rate]"),
        ("<speak>[Kokoro](/kˈOkəɹO/)", embed_ipa("kˈOkəɹO")),
    ],
)
def test_malformed_text_is_spoken(text: str, expected: str) -> None:
    assert spoken(text) == expected


def test_unfinished_tag_of_any_length_is_spoken() -> None:
    text = describe(styled_segments(["<speak>", '<prosody rate="', "so it goes " * 300]))
    assert text.replace("|", "").replace(" ", "").endswith("soitgoes" * 299)


@pytest.mark.parametrize(
    "text", ["<speaker is on.", "<spea", "<", " <!-- so -->Hello.", "<?xml?>Hello.", "Say <speak>."]
)
def test_other_text_is_no_ssml(text: str) -> None:
    assert spoken(text) == describe(styled_segments([text], tags=False, ssml=False))


def test_text_format_decides_without_the_element() -> None:
    text = "A<break time='1s'/>B"
    assert describe(styled_segments([text], "ssml")) == "A,|(1000)|B"
    assert describe(styled_segments([f"<speak>{text}"], "text")) == f"<speak>{text}"
    assert describe(styled_segments([f"<speak>{text}"], ssml=False)) == f"<speak>{text}"
