"""French acronyms and codes."""

from __future__ import annotations

from wyoming_kokoro_text.language import AcronymWords, CodeWords

ACRONYMS = AcronymWords(
    words="LED QLED PIN SIM RAM ROM CAF RIB ZAC ZEP BAC PAC DOM TOM ENA SIDA LAN WAN BIC OPA VAR CAC SAMU SMIC INSEE"
    " COVID OVNI GIF ZIP BIOS ONU ESA NON OUI GAZ FEU EAU LE LA LES DE DU DES UN UNE EN AU ET PAS FIN",
    spelled="URSS IBM IA UE ONG OMS ADN ARN HDMI CPAM",
    respelled={"INSEE": "Insé", "EHPAD": "Épade", "OLED": "olède", "OK": "okay", "WC": "V C"},
    letter_names={"Y": "i grec"},
)

CODES = CodeWords(
    plus="plus",
    telephones=(r"0[1-9](?:[ .-]?\d{2}){4}",),
    before=r"(?i:code(?: postal| PIN| d[e'’] ?\w{3,14}| secret)?|mot de passe|pin|référence|dossier"
    r"|commande|facture|carte"
    r"|numéro d[e'’] ?(?:série|commande|client|compte|carte|suivi))",
    mixed_before=r"(?i:vol|immatriculation|plaque|réservation|code(?: d[e'’] ?\w{3,14})?|mot de passe"
    r"|numéro de série)",
    links=r"est|:|le|la|n°|numéro|sera|se terminant par",
    counted=r"euros?|dollars|habitants|personnes|fois|kilomètres|km|millions|unités|octets|ans|vues",
    in_pairs=True,
)

NAMES = {
    "WhatsApp": "Ouatsap", "YouTube": "Youtube", "iPhone": "aïfone", "iphone": "aïfone", "Iphone": "aïfone",
    "Home Assistant": "Hôme Assistante", "unavailable": "indisponible", "unknown": "inconnu", "exposeé": "exposée",
    "wifi": "Wi-Fi", "Wifi": "Wi-Fi", "WiFi": "Wi-Fi", "WIFI": "Wi-Fi",
    # The letters prevent liaisons: `deux cents watts`.
    "watt": "houatt", "watts": "houatts", "watt-heure": "houatt-heure", "watt-heures": "houatt-heures",
    "mile": "maïle", "miles": "maïles", "kelvin": "kelvine", "kelvins": "kelvines", "bit": "bite", "bits": "bites",
    "kilobit": "kilobite", "kilobits": "kilobites", "mégabit": "mégabite", "mégabits": "mégabites",
    "gigabit": "gigabite", "gigabits": "gigabites",
}  # fmt: skip
"""Words that espeak mispronounces, and states that Home Assistant does not translate."""
