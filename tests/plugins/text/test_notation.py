"""Notation in languages other than English: one row for each rule, as written and as spoken."""

from __future__ import annotations

import pytest

from tests.helpers.text.text_filters import filter_text

NOTATION = [
    ("es", "Hace 21.5 °C y 45 %, -5 °C", "Hace 21,5 grados Celsius y 45 por ciento, menos 5 grados Celsius"),
    ("es", "1 °C, 0.5 °C y 1.013,2 hPa", "1 grado Celsius, 0,5 grados Celsius y 1.013,2 hectopascales"),
    ("es", "18:31, 18:00, 1:05 y 21:00", "18 y 31, 18 en punto, una y 5 y veintiuna en punto"),
    ("es", "6:31 p. m.", "6 y 31 de la tarde"),
    (
        "es",
        "12 km/h, 3.2 kWh, 8 μg/m³ y 0.4 mm/h",
        "12 kilómetros por hora, 3,2 kilovatios hora, 8 microgramos por metro cúbico y 0,4 milímetros por hora",
    ),
    (
        "es",
        "5,50 € y 12.50 € y $5 y 3 millones €",
        "5 euros con 50 céntimos y 12 euros con 50 céntimos y 5 dólares y 3 millones de euros",
    ),
    ("es", "10-20 °C y 5–10 %", "10 a 20 grados Celsius y 5 a 10 por ciento"),
    ("es", "el 2026-01-03 y el 2026-01-01", "el 3 de enero de 2026 y el 1 de enero de 2026"),
    ("es", "192.168.1.5 y http://casa.local:8123", "192 punto 168 punto 1 punto 5 y casa punto local puerto 8 1 2 3"),
    ("es", "light.cocina y 2026.11.0", "light cocina y 2026 punto 11 punto 0"),
    ("es", "½ litro y 2½", "medio litro y 2 y medio"),
    ("es", "3/7", "3 de 7"),
    ("es", "sal & pimienta, #3, on/off", "sal y pimienta, número 3, on o off"),
    ("es", "entre 5 y 10", "entre 5 y 10"),
    ("es", "≥5, 3 x 4, ~5", "al menos 5, 3 por 4, unos 5"),
    ("fr", "Il est 18:31, il fait 21.5 °C", "Il est 18 heures 31, il fait 21,5 degrés Celsius"),
    ("fr", "à 01:00, 18h30, 18 h 00 et 21:05", "à une heure, 18 heures 30, 18 heures et vingt et une heures 5"),
    (
        "fr",
        "12 km/h, 5,50 €, 1.5 °C, 50 %",
        "12 kilomètres par heure, 5 euros et 50 centimes, 1,5 degré Celsius, 50 pour cent",
    ),
    ("fr", "le 2026-01-01 et le 2026-01-03", "le 1er janvier 2026 et le 3 janvier 2026"),
    ("fr", "-3 °C, 10-15 °C", "moins 3 degrés Celsius, 10 à 15 degrés Celsius"),
    ("fr", "1 000 kWh et 8 µg/m³", "1000 kilowatt-heures et 8 microgrammes par mètre cube"),
    ("fr", "½ et 2½ et 3/7", "un demi et 2 et demi et 3 sur 7"),
    ("fr", "fromage & vin, #3", "fromage et vin, numéro 3"),
    ("fr", "moi@example.com", "moi arobase example point com"),
    ("it", "Sono le 18:31, 21.5 °C e soleggiato", "Sono le 18 e 31, 21,5 gradi Celsius e soleggiato"),
    ("it", "01:00, 21:05 e 18:00", "una, ventuno e 5 e 18"),
    (
        "it",
        "12 km/h, 5,50 €, 1 kWh, 50 %",
        "12 chilometri all'ora, 5 euro e 50 centesimi, 1 chilowattora, 50 per cento",
    ),
    ("it", "-3 °C, 10-15 °C", "meno 3 gradi Celsius, 10 a 15 gradi Celsius"),
    ("it", "il 2026-01-01 e il 2026-01-03", "il primo gennaio 2026 e il 3 gennaio 2026"),
    ("it", "3/7, ½, #3 e A & B", "3 su 7, mezzo, numero 3 e A e B"),
    ("pt", "18:31 da noite, 2:00 e 22:05", "18 e 31 da noite, duas horas e vinte e duas e 5"),
    (
        "pt",
        "21.5 °C, 0,5 °C, 45% e -3 °C",
        "21,5 graus Celsius, 0,5 grau Celsius, 45 por cento e menos 3 graus Celsius",
    ),
    ("pt", "R$ 5,50 e US$ 3 e 2 milhões €", "5 reais e 50 centavos e 3 dólares e 2 milhões de euros"),
    ("pt", "10-15 °C, 12 km/h, 3.2 kWh", "10 a 15 graus Celsius, 12 quilômetros por hora, 3,2 quilowatts hora"),
    ("pt", "em 2026-01-01 e 2026-01-03", "em 1º de janeiro de 2026 e 3 de janeiro de 2026"),
    ("pt", "½, #3, A & B, eu@example.com", "meio, número 3, A e B, eu arroba example ponto com"),
    ("hi", "सुबह 6:31 बजे और रात्रि 12:00 बजे", "सुबह 6 बजकर 31 मिनट और रात्रि 12 बजे"),
    ("hi", "21.5 °C और धूप, 45 %", "21.5 डिग्री सेल्सियस और धूप, 45 प्रतिशत"),
    ("hi", "₹500, ₹5.50 और 3.2 kWh", "500 रुपये, 5 रुपये 50 पैसे और 3.2 किलोवॉट घंटे"),
    ("hi", "5-10 °C, -3 °C और 12 km/h", "5 से 10 डिग्री सेल्सियस, माइनस 3 डिग्री सेल्सियस और 12 किलोमीटर प्रति घंटा"),
    ("hi", "2026-01-03", "3 जनवरी 2026"),
    ("hi", "#3, चाय & कॉफ़ी, ½", "नंबर 3, चाय और कॉफ़ी, आधा"),
    ("hi", "1 h और 2 h", "1 घंटा और 2 घंटे"),
    ("es", "v2.5.2 y 21 → 19", "versión 2 punto 5 punto 2 y 21 a 19"),
    ("xx", "A → B, 5 → 6", "A, B, 5, 6"),
    ("xx", "21 °C & 5 %", "21 °C & 5 %"),
]


@pytest.mark.parametrize(("language", "written", "expected"), NOTATION)
def test_notation_is_verbalized_in_languages_with_words(language: str, written: str, expected: str) -> None:
    assert filter_text(written, language) == expected
