"""Spanish acronyms and codes."""

from __future__ import annotations

from wyoming_kokoro_text.language import AcronymWords, CodeWords

ACRONYMS = AcronymWords(
    words="LED OLED QLED PIN SIM RAM ROM IVA ONU VAR AVE ERE SAI LAN WAN NIF CIF NIE GIF UCI ESO BUP COU PIB TIC OCU"
    " UVI ESA INE BOE GEO TAC VIP ICO API CEO SIDA OVNI COVID ZIP MIDI BIOS ETA IES IMC APA AMPA MIR PET TAE TIN PAC"
    " FEDER GAS LUZ SOL MAR NO SI SÍ YA DE LA EL EN ES AL UN UNA SU POR CON LOS LAS DEL HAY FIN CASA STOP",
    spelled="IRPF URSS RFID MQTT BBVA RTVE IBM IA UE OMS ONG ADN ARN OPEP",
    respelled={"PSOE": "pesoe", "OK": "okey", "OPEP": "opep", "SARS": "sars"},
    plural="s",
    letter_names={
        "A": "a", "B": "be", "C": "ce", "D": "de", "E": "e", "F": "efe", "G": "ge", "H": "hache", "I": "i",
        "J": "jota", "K": "ka", "L": "ele", "M": "eme", "N": "ene", "O": "o", "P": "pe", "Q": "cu", "R": "erre",
        "S": "ese", "T": "te", "U": "u", "V": "uve", "W": "uve doble", "X": "equis", "Y": "i griega", "Z": "zeta",
        "Ñ": "eñe",
    },
)  # fmt: skip

CODES = CodeWords(
    plus="más",
    telephones=(
        r"[6789]\d{2}[ -]\d{3}[ -]\d{3}",
        r"[89]\d[ -]\d{3}[ -]\d{2}[ -]\d{2}",
        r"[6789]\d{2}(?:[ -]\d{2}){3}",
        r"\(\d{2,3}\) ?\d{3,4}[ -]\d{4}",
        r"\d{2,3} \d{4}[ -]\d{4}",
        r"01[ -]800[ -]\d{3}[ -]\d{4}",
    ),
    before=r"(?i:código(?: postal| PIN| de \w{4,14})?|clave(?: de \w{4,14})?|contraseña|pin|OTP|C\.? ?P\.?|expediente"
    r"|referencia|pedido|localizador|extensión|póliza|tarjeta|cuenta|factura"
    r"|número de (?:serie|pedido|cliente|cuenta|tarjeta|socio|referencia|seguimiento))",
    mixed_before=r"(?i:vuelo|matrícula|localizador|DNI|NIF|NIE|código(?: de \w{4,14})?|contraseña"
    r"|número de (?:serie|pedido))",
    links=r"es|:|el|la|n\.?º|número|será|terminada en|acabada en|actual es|nuevo es",
    counted=r"euros?|dólares|pesos|habitantes|personas|veces|kilómetros|km|millones|unidades|bytes|años|visitas",
)

NAMES = {"WhatsApp": "Uatsap", "YouTube": "Yútub", "Bluetooth": "blutuz", "Spotify": "Espotifai", "WiFi": "wifi"} | {
    "Home Assistant": "Jóum Asístant", "voice": "vois", "Voice": "Vois", "unavailable": "no disponible",
    "unknown": "desconocido", "byte": "bait", "bytes": "baits", "kilobyte": "kilobait", "kilobytes": "kilobaits",
    "megabyte": "megabait", "megabytes": "megabaits", "gigabyte": "gigabait", "gigabytes": "gigabaits",
    "terabyte": "terabait", "terabytes": "terabaits",
}  # fmt: skip
"""Names that espeak mispronounces, and states that Home Assistant does not translate."""
