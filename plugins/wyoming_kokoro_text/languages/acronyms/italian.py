"""Italian acronyms, codes and names."""

from __future__ import annotations

from wyoming_kokoro_text.language import AcronymWords, CodeWords

ACRONYMS = AcronymWords(
    words="LED OLED QLED PIN SIM RAM ROM IVA ONU NATO ESA RAI PIL UIL CAF CUD IMU API CEO LAN WAN GIF COVID AIDS UFO"
    " TAC PEC DAD CAP SUV VIP UPS ISO CONI SPID ISEE INPS ISTAT CISL USA IBAN BIC TARI ASL EUR ZIP GAS NO SÌ LA IL LO"
    " LE DI IN UN È E",
    spelled="OMS ONG OGM CGIL IBM IA UE FMI BCE UV AC AM IP ID EV ATM FIGC RCA LTE HDMI XL OTA IOT",
    respelled={"OK": "okèi"},
    letter_names={"H": "acca"},
    reads_short_words=True,
)

CODES = CodeWords(
    plus="più",
    telephones=(
        r"3\d{2}[ .-]?\d{3}[ .-]?\d{3,4}",
        r"0\d{1,3}[ /.-]\d{3,4}[ .-]?\d{2,4}",
        r"800[ .-]?\d{3}[ .-]?\d{3}",
    ),
    before=r"(?i:codice(?: postale| PIN| di \w{4,14})?|password|pin|CAP|C\.A\.P\.|pratica|ordine|tessera"
    r"|carta|conto|fattura"
    r"|numero di (?:serie|ordine|conto|carta|pratica))",
    mixed_before=r"(?i:volo|targa|prenotazione|codice(?: di \w{4,14})?|password|numero di serie)",
    links=r"è|:|il|la|n\.?°?|numero|sarà|che termina con",
    counted=r"euro|dollari|abitanti|persone|volte|chilometri|km|milioni|unità|byte|anni|visualizzazioni",
)

NAMES = {
    "wake word": "ueik uord", "voice": "vois", "Voice": "Vois", "dispiace": "dispiàce", "byte": "bait",
    "kilobyte": "kilobait", "megabyte": "megabait", "gigabyte": "gigabait", "terabyte": "terabait",
    "unavailable": "non disponibile", "unknown": "sconosciuto",
}  # fmt: skip
"""Words that espeak mispronounces, and states that Home Assistant does not translate."""
