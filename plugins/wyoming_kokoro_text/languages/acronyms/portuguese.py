"""Brazilian Portuguese acronyms and codes."""

from __future__ import annotations

from wyoming_kokoro_text.language import AcronymWords, CodeWords

ACRONYMS = AcronymWords(
    words="LED OLED QLED PIN SIM RAM ROM ONU SUS CEP PIX IVA PUC MEC ESA MEI SAC UPA GIF COVID OVNI SAMU AIDS SIDA LAN"
    " WAN ZIP AR ENEM ABIN INPE GÁS LUZ SOL MAR NÃO SIM DE DA DO DAS DOS A O E EM NA NO UM UMA COM POR FIM",
    spelled="IPVA IPTU INSS IPCA IBGE IBM IA UE UFRJ ICMS BNDES HDMI EUA URSS ONG OMS DNA CNPJ",
    respelled={"PIB": "pibe", "USP": "úspe", "OK": "okay", "OTAN": "otã"},
    plural="s",
    letter_names={
        "A": "á", "B": "bê", "C": "cê", "D": "dê", "E": "é", "F": "éfe", "G": "gê", "H": "agá", "I": "i", "J": "jota",
        "K": "cá", "L": "éle", "M": "ême", "N": "ene", "O": "ó", "P": "pê", "Q": "quê", "R": "érre", "S": "ésse",
        "T": "tê", "U": "u", "V": "vê", "W": "dáblio", "X": "xis", "Y": "ípsilon", "Z": "zê",
    },
)  # fmt: skip

CODES = CodeWords(
    plus="mais",
    telephones=(
        r"\(?0?\d{2}\)? ?9? ?\d{4}[ -]\d{4}",
        r"\(0?\d{2}\) ?9?\d{8}",
        r"9 ?\d{4}-\d{4}",
        r"(?!(?:19|20)\d\d-(?:19|20)\d\d)[2-9]\d{3}-\d{4}",
        r"\d{3}\.\d{3}\.\d{3}-\d{2}",
        r"\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}",
        r"0[3589]00[ -]\d{3}[ -]\d{3,4}",
    ),
    before=r"(?i:código(?: postal| PIN| de \w{4,14})?|senha|pin|CEP|C\.E\.P\.|protocolo|pedido|ramal"
    r"|cartão|conta|agência"
    r"|número d[eoa] (?:série|pedido|cliente|conta|cartão|protocolo|rastreio))",
    mixed_before=r"(?i:voo|placa|localizador|código(?: de \w{4,14})?|senha|número de série)",
    links=r"é|:|o|a|n\.?º|número|será|final|com final|terminado em",
    counted=r"reais|dólares|habitantes|pessoas|vezes|quilômetros|km|milhões|unidades|bytes|anos|visualizações",
    area=r"0?[1-9]\d|0[3589]00",
    ends_with_four=True,
)

NAMES = {
    "WhatsApp": "Uatsápi", "YouTube": "Iutúbi", "Bluetooth": "blutúf", "Spotify": "Spotifai", "iPhone": "Aifone",
    "Alexa": "Aléksa", "iphone": "Aifone", "Iphone": "Aifone", "Home Assistant": "Home Assístant",
    "unavailable": "indisponível", "unknown": "desconhecido", "byte": "báite", "bytes": "báites",
    "kilobyte": "quilobáite", "kilobytes": "quilobáites", "megabyte": "megabáite", "megabytes": "megabáites",
    "gigabyte": "gigabáite", "gigabytes": "gigabáites", "terabyte": "terabáite", "terabytes": "terabáites",
    "Wi-Fi": "uai-fai", "WiFi": "uai-fai", "wifi": "uai-fai", "Wifi": "uai-fai", "wi-fi": "uai-fai",
}  # fmt: skip
"""Words that espeak mispronounces, and states that Home Assistant does not translate."""
