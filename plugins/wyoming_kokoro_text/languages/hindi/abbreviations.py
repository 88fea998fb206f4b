"""Abbreviations of Hindi, and Latin letters, which espeak's Hindi voice reads as English words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from wyoming_kokoro_text.classes.patterns import any_of, text_before
from wyoming_kokoro_text.rules import Rule

_WORDS = {
    "डॉ": "डॉक्टर", "डा": "डॉक्टर", "श्री": "श्री", "प्रो": "प्रोफ़ेसर", "कु": "कुमारी", "पं": "पंडित",
    "स्व": "स्वर्गीय", "मो": "मोहम्मद", "एड": "एडवोकेट", "इंजी": "इंजीनियर", "कै": "कैप्टन", "Dr": "डॉक्टर",
    "Mr": "मिस्टर", "Mrs": "मिसेज़", "Ms": "मिस", "लि": "लिमिटेड", "कं": "कंपनी", "प्रा": "प्राइवेट",
    "उदा": "उदाहरण", "वि.सं": "विक्रम संवत", "ई.पू": "ईसा पूर्व", "वि.वि": "विश्वविद्यालय",
    "उ.प्र": "उत्तर प्रदेश", "म.प्र": "मध्य प्रदेश", "हि.प्र": "हिमाचल प्रदेश", "आ.प्र": "आंध्र प्रदेश",
    "भा.ज.पा": "भाजपा", "ए.सी": "एसी", "बी.बी.सी": "बी बी सी", "एम.ए": "एम ए", "बी.ए": "बी ए", "पी.एम": "पी एम",
    "ए.एम": "ए एम", "टी.वी": "टीवी", "सोम": "सोमवार",
}  # fmt: skip
_BEFORE_NUMBERS = {
    "सं": "संख्या", "क्र": "क्रमांक", "नं": "नंबर", "पृ": "पृष्ठ", "दि": "दिनांक", "ता": "तारीख",
    "मो": "मोबाइल", "फ़ो": "फ़ोन", "फो": "फ़ोन", "अ": "अध्याय", "खं": "खंड", "ई": "ईस्वी", "No": "नंबर",
    "no": "नंबर",
}  # fmt: skip
_MONTHS = {
    "जन": "जनवरी", "फ़र": "फ़रवरी", "फर": "फ़रवरी", "अप्रै": "अप्रैल", "जुल": "जुलाई", "अग": "अगस्त",
    "सितं": "सितंबर", "सित": "सितंबर", "अक्टू": "अक्टूबर", "अक्तू": "अक्टूबर", "नवं": "नवंबर", "नव": "नवंबर",
    "दिसं": "दिसंबर", "दिस": "दिसंबर",
}  # fmt: skip
_UNITS = {
    "कि.मी": "किलोमीटर", "किमी": "किलोमीटर", "मी": "मीटर", "से.मी": "सेंटीमीटर", "सेमी": "सेंटीमीटर",
    "मि.मी": "मिलीमीटर", "मिमी": "मिलीमीटर", "कि.ग्रा": "किलोग्राम", "किग्रा": "किलोग्राम", "ग्रा": "ग्राम",
    "मि.ग्रा": "मिलीग्राम", "मिग्रा": "मिलीग्राम", "क्विं": "क्विंटल", "ली": "लीटर", "मि.ली": "मिलीलीटर",
    "मिली": "मिलीलीटर", "मि": "मिनट", "घं": "घंटे", "सेकं": "सेकंड", "फ़ु": "फ़ुट", "फु": "फ़ुट", "इं": "इंच",
    "कि.वा": "किलोवॉट", "किवा": "किलोवॉट", "डि.से": "डिग्री सेल्सियस", "°से": "डिग्री सेल्सियस",
    "हे": "हेक्टेयर", "ई": "ईस्वी", "व.मी": "वर्ग मीटर", "वर्ग मी": "वर्ग मीटर", "वर्ग फु": "वर्ग फ़ुट",
    "वर्ग फ़ु": "वर्ग फ़ुट", "वर्ग कि.मी": "वर्ग किलोमीटर", "ई.पू": "ईसा पूर्व",
}  # fmt: skip
_UNITS |= {name.replace(".", ". "): unit for name, unit in _UNITS.items()}
# Without a point, these are words: `2 ली` is "took", and `5 ई` a letter.
_UNITS_WITHOUT_POINT = (
    "कि.मी", "किमी", "सेमी", "मिमी", "किग्रा", "मिग्रा", "मिली", "कि.ग्रा", "से.मी", "मि.मी", "मि.ली", "किवा", "°से",
    "घं", "मि", "सेकं",
)  # fmt: skip
_PER = {
    "घंटा": "घंटा", "घंटे": "घंटा", "घं": "घंटा", "मिनट": "मिनट", "सेकंड": "सेकंड", "दिन": "दिन", "माह": "माह",
    "महीना": "महीना", "महीने": "महीना", "साल": "साल", "वर्ष": "वर्ष", "यूनिट": "यूनिट", "किलो": "किलो",
    "किग्रा": "किलोग्राम", "लीटर": "लीटर", "मीटर": "मीटर", "किमी": "किलोमीटर", "व्यक्ति": "व्यक्ति",
}  # fmt: skip

_LETTERS = {
    "A": "ए", "B": "बी", "C": "सी", "D": "डी", "E": "ई", "F": "एफ़", "G": "जी", "H": "एच", "I": "आई", "J": "जे",
    "K": "के", "L": "एल", "M": "एम", "N": "एन", "O": "ओ", "P": "पी", "Q": "क्यू", "R": "आर", "S": "एस",
    "T": "टी", "U": "यू", "V": "वी", "W": "डब्ल्यू", "X": "एक्स", "Y": "वाई", "Z": "ज़ेड",
}  # fmt: skip
_ACRONYMS = {
    "NASA": "नासा", "ISRO": "इसरो", "UNESCO": "यूनेस्को", "UNICEF": "यूनिसेफ़", "NATO": "नाटो",
    "SAARC": "सार्क", "COVID": "कोविड", "AIIMS": "एम्स", "SEBI": "सेबी", "AIDS": "एड्स", "SIM": "सिम",
    "PIN": "पिन", "RAM": "रैम", "ROM": "रोम", "PAN": "पैन", "LAN": "लैन", "NEET": "नीट", "OK": "ओके",
    "Wi-Fi": "वाई-फ़ाई", "WiFi": "वाई-फ़ाई", "WIFI": "वाई-फ़ाई", "iPhone": "आईफ़ोन", "iPad": "आईपैड",
}  # fmt: skip
_SPELLED = "HDMI|UPSC|IRCTC|CBSE|ICSE|NCERT|HDFC|ICICI|NDTV|UIDAI|AQI|UPI|EMI|ICU|IPL|ODI|AM|PM|OTA|ETA|API"
_ENGLISH_WORDS = (
    "THE|AND|FOR|NOT|YES|NO|ON|OFF|HOT|NEW|LOW|HIGH|IS|IN|AT|TO|OF|IT|BY|OR|MY|WE|GO|UP|DO|ALL|RED|ECO|DRY|FAN|MAX|MIN"
    "|BUS|CAR|GAS|DAY|END"
)


_BEGINS = r"(?<![ऀ-ॿA-Za-z.])"
_ENDS = r"(?![ऀ-ॿA-Za-z])"
_SCALE = r"(?:लाख|करोड़|हज़ार|हजार|अरब)"


def _replace(names: Mapping[str, str], before: str, after: str, examples: str | tuple[str, ...]) -> Rule:
    return Rule(f"{before}({any_of(names)}){after}", lambda match: names[match[1]], hi=examples)


def _verbalize_word(match: re.Match[str]) -> str:
    is_joined = "ऀ" <= match.string[match.end() : match.end() + 1] <= "ॿ"
    return _WORDS[match[1]] + " " * is_joined


def _verbalize_unit(match: re.Match[str]) -> str:
    name, per = match["name"], match["per"]
    before = text_before(match, 2)
    if name == "घं" and before.endswith("1") and not before[:-1].isdigit():
        return " घंटा"
    if not per and not match["point"] and name not in _UNITS_WITHOUT_POINT:
        return match[0]
    return f" {_UNITS[name]}" + (f" प्रति {_PER[per]}" if per else "")


CHARACTERS = (
    Rule("[\u0958-\u095f]", lambda match: unicodedata.normalize("NFC", match[0]), hi="\u095bरा => ज\u093cरा"),
    Rule("॰", ".", hi="5 कि॰मी॰ दूर => पांच किलोमीटर दूर"),
)
ABBREVIATIONS = (
    Rule(r"(?<![A-Za-z\d])CO2(?![A-Za-z\d])", "सी ओ टू", hi="CO2 और CO₂ => सी ओ टू और सी ओ टू"),
    _replace(
        _BEFORE_NUMBERS,
        _BEGINS,
        r"\.(?=\s?[:：]?\s?[+\d])",
        ("सं. 5, क्र. 3 और पृ. 25 => संख्या पांच, क्रमांक तीन और पृष्ठ पच्चीस", "No. 7 => नंबर सात"),
    ),
    _replace(_MONTHS, r"(?<=\d )", r"\.", "5 जन. को => पांच जनवरी को"),
    _replace(_MONTHS, _BEGINS, r"\.(?=\s\d)", "दिसं. 2026 => दिसंबर दो हज़ार छब्बीस"),
    Rule(
        rf"{_BEGINS}(?:रु|रू|Rs|INR)(?:\.\s?|\s)?(?=\d)",
        "₹",
        hi=("रु. 500 और रु 250 => पांच सौ रुपये और दो सौ पचास रुपये", "Rs. 1,200 => एक हज़ार दो सौ रुपये"),
    ),
    Rule(
        rf"(\d(?:\s?{_SCALE})?)\s?(?:रु|रू|Rs|INR){_ENDS}\.?(?!\d)",
        r"\1 ₹",
        hi=("500 रु. दो => पांच सौ रुपये दो", "5 लाख रु. मिले => पांच लाख रुपये मिले"),
    ),
    Rule(
        rf"(?<=\d)\s?(?P<name>{any_of(_UNITS)})(?P<point>\.|{_ENDS})(?:/(?P<per>{any_of(_PER)}){_ENDS}\.?)?",
        _verbalize_unit,
        hi=(
            "5 कि.मी. और 10 किग्रा => पांच किलोमीटर और दस किलोग्राम",
            "60 किमी/घंटा की हवा => साठ किलोमीटर प्रति घंटा की हवा",
            "10 मि. में => दस मिनट में",
            "2 घं 30 मि और 1 घं. 5 मि. => दो घंटे तीस मिनट और एक घंटा पांच मिनट",
            "2 ली. दूध => दो लीटर दूध",
            "5 से. मी. चौड़ा => पांच सेंटीमीटर चौड़ा",
            "1947 ई. और 300 ई.पू. => उन्नीस सौ सैंतालीस ईस्वी और तीन सौ ईसा पूर्व",
        ),
    ),
    Rule(r"(?<=[\d\s])/-", "", hi="₹500/- और => पांच सौ रुपये और"),
    Rule(
        rf"{_BEGINS}({any_of(_WORDS)})\.(?!\d)",
        _verbalize_word,
        hi=(
            "डॉ. शर्मा और प्रो. सिंह => डॉक्टर शर्मा और प्रोफ़ेसर सिंह",
            "डॉ.शर्मा => डॉक्टर शर्मा",
            "उ.प्र. में बी.बी.सी. => उत्तर प्रदेश में बी बी सी",
        ),
    ),
)


def _spell(match: re.Match[str]) -> str:
    return " ".join(_LETTERS[letter] for letter in match[0])


ACRONYMS = (
    Rule(
        rf"(?<![A-Za-z@./-])(?:{any_of(_ACRONYMS)})(?![A-Za-z@/]|\.[a-z]|-[A-Za-z])",
        lambda match: _ACRONYMS[match[0]],
        hi=("NASA और SIM => नासा और सिम", "Wi-Fi चालू है => वाई-फ़ाई चालू है"),
    ),
    # Words in capitals are longer, or common.
    Rule(
        rf"(?<![A-Za-z@./'’])(?!(?:{_ENGLISH_WORDS})(?![A-Z])|[AI]\s[a-z])(?:[A-Z]{{1,3}}|[B-DF-HJ-NP-TV-Z]{{4,5}}|{_SPELLED})(?![A-Za-z@/'’]|\.[a-z])",
        _spell,
        hi=(
            "TV और AC => टी वी और ए सी",
            "LED, USB => एल ई डी, यू एस बी",
            "5G, B-12 और 4K => पांच जी, बी-बारह और चार के",
            "OTP 739204 है => ओ टी पी सात तीन नौ दो शून्य चार है",
            "PM2.5 का AQI 250 => पी एम दो दशमलव पांच का ए क्यू आई दो सौ पचास",
            "Turn ON the light => Turn ON the light",
        ),
    ),
)
