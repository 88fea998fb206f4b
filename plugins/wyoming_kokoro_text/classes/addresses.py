"""Rules for URLs, e-mail, IP and MAC addresses, versions and entity ids."""

from __future__ import annotations

from collections.abc import Iterable

from wyoming_kokoro_text.classes.patterns import spell
from wyoming_kokoro_text.language import Language
from wyoming_kokoro_text.rules import Rule

ENTITY_DOMAINS = (
    "alarm_control_panel|automation|binary_sensor|button|calendar|camera|climate|conversation|counter|cover"
    "|device_tracker|event|fan|group|humidifier|input_boolean|input_button|input_datetime|input_number|input_select"
    "|input_text|lawn_mower|light|lock|media_player|notify|number|person|remote|scene|script|select|sensor|siren|sun"
    "|switch|timer|todo|update|vacuum|valve|water_heater|weather|zone"
)
"""The first parts of Home Assistant's entity ids."""
# The markup rules have already replaced `_` between letters with a space.
_ENTITY_DOMAIN = ENTITY_DOMAINS.replace("_", "[_ ]")
_TOP_DOMAINS = "app|br|ca|ch|cn|co|com|de|dev|edu|es|eu|fr|gov|info|in|io|it|jp|net|org|pt|tv|uk|us"
_IPV4 = r"(?:\d{1,3}\.){3}\d{1,3}"
# Chinese and Japanese characters stand beside addresses without a space.
_BEGINS = r"(?<![A-Za-z\d])"
_ENDS = r"(?![A-Za-z\d])"
_HOST = r"[^\s/:?#\u3000-\u9fff\uff00-\uffef]"
_PATH = r"[^\s\u3000-\u9fff\uff00-\uffef]"


def address_rules(language: Language) -> Iterable[Rule]:
    """Return the rules for URLs, e-mail, IP and MAC addresses, versions and entity ids."""
    words = language.words or language.addresses
    if not words:
        return ()
    # With a decimal comma, points group digits: 1.234.567.
    grouped = r"|\d{1,3}(?:\.\d{3}){2}(?![\d.])" if words.decimal_comma else ""
    version = (
        rf"(?<![A-Za-z\d.$€£])(?!\d{{3}}\.\d{{3}}\.\d{{4}}{_ENDS}{grouped})"
        rf"v?\d+(?:\.\d+){{2,}}(?:[ab]\d+|rc\d+)?{_ENDS}(?!\.?\d)"
    )
    return (
        Rule(
            rf"{_BEGINS}https?://(?:www\.)?({_HOST}+(?::\d+)?)(?:[/?#]{_PATH}*[\w/=])?",
            r"\1",
            en="https://www.example.com/a/b?c=1 => example dot com",
        ),
        Rule(
            rf"{_BEGINS}((?:[a-z\d-]{{1,30}}\.){{1,4}}(?:{_TOP_DOMAINS}))/(?:{_PATH}*[\w/=])?",
            r"\1",
            en="example.com/news and bbc.co.uk/a/b. => example dot com and bbc dot co dot uk.",
        ),
        Rule(
            rf"{_BEGINS}www\.(?=\w)",
            f"w w w {words.dot} ",
            en="see www.example.com. => see w w w dot example dot com.",
            fr="voir www.example.com => voir w w w point example point com",
        ),
        Rule(r"(?<=\w)@(?=\w)", f" {words.at} ", en="me@mail.example.com => me at mail dot example dot com"),
        Rule(
            r"(?<=[a-z\d]):(\d{4,5})(?![A-Za-z\d]|[:.]\d)",
            lambda match: f" {words.port} {spell(match[1])}",
            en="homeassistant.local:8123 => homeassistant dot local port 8 1 2 3",
            es="http://casa.local:8123 => casa punto local puerto ocho uno dos tres",
        ),
        Rule(
            rf"{_BEGINS}{_IPV4}{_ENDS}(?!\.\d)",
            lambda match: match[0].replace(".", f" {words.dot} "),
            es="192.168.1.5 => ciento noventa y dos punto ciento sesenta y ocho punto uno punto cinco",
            en="192.168.1.5 => 192 dot 168 dot 1 dot 5",
        ),
        Rule(
            rf"{_BEGINS}[\dA-Fa-f]{{2}}(?::[\dA-Fa-f]{{2}}){{5}}{_ENDS}",
            lambda match: ", ".join(map(spell, match[0].upper().split(":"))),
            en="AA:BB:CC:11:22:33 => eh A, B B, C C, 1 1, 2 2, 3 3",
        ),
        Rule(
            rf"{_BEGINS}({_ENTITY_DOMAIN})\.(?=[a-z])",
            r"\1 ",
            en="light.kitchen_ceiling is on => light kitchen ceiling is on",
        ),
        Rule(
            version,
            lambda match: match[0].replace(".", f" {words.point} "),
            es="light.cocina y 2026.11.0 => light cocina y dos mil veintiséis punto once punto cero",
        ),
        Rule(
            rf"{_BEGINS}v(?=\d)",
            f"{words.version} ",
            en=(
                "version 2026.11.0 => version 2026 point 11 point 0",
                "2026.11.0b1 => 2026 point 11 point 0b1",
                "v2.5.2, v3 => version 2 point 5 point 2, version 3",
            ),
        ),
        Rule(r"(?<=[a-z\d])\.(?=[a-z]{2,})", f" {words.dot} ", fr="moi@example.com => moi arobase example point com"),
    )
