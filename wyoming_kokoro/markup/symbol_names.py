"""The names of symbols in spelled text, by primary language subtag."""

from __future__ import annotations

from collections.abc import Mapping

_SYMBOLS = ".,-_/\\@:;+*#&%=()!?'\"°$€£<>|~"


def _name(names: str) -> Mapping[str, str]:
    return dict(zip(_SYMBOLS, names.split("|"), strict=True))


SYMBOL_NAMES: Mapping[str, Mapping[str, str]] = {
    "en": _name(
        "dot|comma|dash|underscore|slash|backslash|at|colon|semicolon|plus|star|hash|ampersand|percent|equals"
        "|open parenthesis|close parenthesis|exclamation mark|question mark|apostrophe|quote|degrees|dollar|euro|pound"
        "|less than|greater than|bar|tilde"
    ),
    "es": _name(
        "punto|coma|guion|guion bajo|barra|barra invertida|arroba|dos puntos|punto y coma|más|asterisco|almohadilla"
        "|ampersand|por ciento|igual|abrir paréntesis|cerrar paréntesis|exclamación|interrogación|apóstrofo|comillas"
        "|grados|dólar|euro|libra|menor que|mayor que|barra vertical|virgulilla"
    ),
    "fr": _name(
        "point|virgule|tiret|tiret bas|barre oblique|barre inverse|arobase|deux points|point virgule|plus|étoile|dièse"
        "|esperluette|pour cent|égale|parenthèse ouvrante|parenthèse fermante|point d'exclamation"
        "|point d'interrogation|apostrophe|guillemet|degrés|dollar|euro|livre|inférieur à|supérieur à"
        "|barre verticale|tilde"
    ),
    "hi": _name(
        "बिंदु|अल्पविराम|डैश|अंडरस्कोर|स्लैश|बैकस्लैश|ऐट|कोलन|सेमीकोलन|प्लस|तारांकन|हैश|ऐंड|प्रतिशत|बराबर|कोष्ठक शुरू|कोष्ठक बंद"
        "|विस्मयादिबोधक चिह्न|प्रश्न चिह्न|एपॉस्ट्रॉफ़ी|उद्धरण चिह्न|डिग्री|डॉलर|यूरो|पाउंड|से कम|से ज़्यादा|खड़ी पाई|टिल्ड"
    ),
    "it": _name(
        "punto|virgola|trattino|trattino basso|barra|barra inversa|chiocciola|due punti|punto e virgola|più|asterisco"
        "|cancelletto|e commerciale|per cento|uguale|aperta parentesi|chiusa parentesi|punto esclamativo"
        "|punto interrogativo|apostrofo|virgolette|gradi|dollaro|euro|sterlina|minore di|maggiore di|barra verticale"
        "|tilde"
    ),
    "ja": _name(
        "ドット|カンマ|ハイフン|アンダーバー|スラッシュ|バックスラッシュ|アットマーク|コロン|セミコロン|プラス|アスタリスク|シャープ|アンド|パーセント"
        "|イコール|かっこ|かっことじ|ビックリマーク|はてな|アポストロフィ|引用符|度|ドル|ユーロ|ポンド|小なり|大なり|縦棒|チルダ"
    ),
    "pt": _name(
        "ponto|vírgula|traço|sublinhado|barra|barra invertida|arroba|dois pontos|ponto e vírgula|mais|asterisco"
        "|cerquilha|e comercial|por cento|igual|abre parênteses|fecha parênteses|ponto de exclamação"
        "|ponto de interrogação|apóstrofo|aspas|graus|dólar|euro|libra|menor que|maior que|barra vertical|til"
    ),
    "zh": _name(
        "点|逗号|横杠|下划线|斜杠|反斜杠|艾特|冒号|分号|加号|星号|井号|和号|百分号|等号|左括号|右括号|感叹号|问号|撇号|引号|度"
        "|美元|欧元|英镑|小于号|大于号|竖线|波浪号"
    ),
}

# A phonemizer reads a letter by its name, except a letter that is also a word.
LETTER_NAMES: Mapping[str, Mapping[str, str]] = {"es": {"Y": "ye"}}
