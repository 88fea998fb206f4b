"""Italian abbreviations."""

from __future__ import annotations

from wyoming_kokoro_text.classes.names.abbreviations import (
    AFTER_NUMBER,
    BEFORE_NAME,
    BEFORE_NUMBER,
    abbreviated,
    abbreviation_rule,
)
from wyoming_kokoro_text.rules import Rule

_SAINTS = (
    "Marco|Pietro|Paolo|Giovanni|Giuseppe|Francesco|Antonio|Lorenzo|Siro|Martino|Michele|Carlo|Babila|Donato|"
    "Vito|Gennaro|Nicola|Valentino|Remo|Marino|Luca|Benedetto|Bernardo|Rocco|Biagio|Giorgio|Giacomo|Matteo|"
    "Vincenzo|Vitale|Zeno|Felice|Patrizio|Silvestro"
)

_DAYS = abbreviated("lunedì martedì mercoledì giovedì venerdì sabato domenica")
_DAY = "|".join(_DAYS)
_MONTHS = abbreviated("gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre")

ABBREVIATIONS = (
    Rule(r"(?<=\d )a\.\s?C\.", "avanti Cristo", it="nel 200 a.C. => nel duecento avanti Cristo"),
    Rule(r"(?<=\d )d\.\s?C\.", "dopo Cristo", it="nel 476 d.C. => nel quattrocento settanta sei dopo Cristo"),
    Rule(
        r"\b([Pp])er es\.|\b[Pp]\.\s?es\.",
        "per esempio",
        it="p.es. qui e per es. lì => per esempio qui e per esempio lì",
    ),
    Rule(
        r"\b([Nn])(?:[°º.]|\.[°º])\s?(?=\d)",
        "numero ",
        it="n. 5, n° 6 e N. 7 => numero cinque, numero sei e numero sette",
    ),
    Rule(r"\bS\.p\.A\b\.?|\bSpA\b", "S P A", it="Acme S.p.A. sale => Acme S P A sale"),
    Rule(r"\bS\.r\.l\b\.?|\bS[Rr][Ll]\b", "S R L", it="Acme S.r.l. sale => Acme S R L sale"),
    Rule(rf"\bS\.\s?(?=(?:{_SAINTS})\b)", "San ", it="Via S. Marco 3 => Via San Marco tre"),
    Rule(r"\bS\.\s?(?=(?:Stefano|Spirito)\b)", "Santo ", it="S. Stefano => Santo Stefano"),
    Rule(
        r"\bS\.\s?(?=(?:Ambrogio|Agostino|Andrea|Angelo|Anna|Agata|Agnese|Elena|Eustorgio|Ilario|Orsola)\b)",
        "Sant'",
        it="S. Anna => Sant'Anna",
    ),
    Rule(
        r"\bS\.\s?(?=(?:Maria|Lucia|Chiara|Caterina|Croce|Rita|Teresa|Sofia|Margherita|Cecilia)\b)",
        "Santa ",
        it="S. Maria => Santa Maria",
    ),
    Rule(
        r"([Tt]emp)(?:eratura)?\.?\s[Mm]ax\b\.?",
        r"\1eratura massima",
        it="Temp. max. 25 => Temperatura massima venticinque",
    ),
    Rule(r"([Tt]emp)(?:eratura)?\.?\s[Mm]in\b\.?", r"\1eratura minima", it="Temp. min. 2 => Temperatura minima due"),
    Rule(
        r"\b([Tt]emperatura (?:massi|mini)ma[^.;\n]{1,30}\s)m(?:(in)|ax)\b\.?(?=\s?-?\d)",
        lambda match: f"{match[1]}{'minima' if match[2] else 'massima'}",
        it="Temp. max 25 °C, min 2 °C => Temperatura massima venticinque gradi Celsius, minima due gradi Celsius",
    ),
    Rule(
        r"\b([Dd]ott|[Pp]rof|Dr)\.?ssa\b",
        lambda match: {"d": "dottoressa", "p": "professoressa"}[match[1][0].lower()],
        it="la dott.ssa Galli e la prof.ssa Riva => la dottoressa Galli e la professoressa Riva",
    ),
    Rule(r"\b[Mm]ax\.?(?=\s-?\d{1,2}(?:[.,]\d)?\s?°)", "massima", it="max 25 °C => massima venticinque gradi Celsius"),
    Rule(r"\b[Mm]in\.?(?=\s-?\d{1,2}(?:[.,]\d)?\s?°)", "minima", it="min 3 °C => minima tre gradi Celsius"),
    Rule(r"\bp\.\s?t\.", "piano terra", it="al p.t. e => al piano terra e"),
    Rule(r"\bq\.\s?b\.", "quanto basta", it="sale q.b. e pepe => sale quanto basta e pepe"),
    Rule(r"\bsc\.(?=\s[A-Z\d])", "scala", it="sc. B => scala B"),
    Rule(r"\bc/o\b", "presso", it="c/o Rossi => presso Rossi"),
    Rule(r"(?<![\w.])V\.\s(?=[A-ZÀ-Þ][^\n.;]{1,30}?,?\s(?:n\.\s?)?\d)", "via ", it="V. Verdi 5 => via Verdi cinque"),
    abbreviation_rule(
        "spett.=spettabile fam.=famiglia soc.=società dip.=dipartimento univ.=università pres.=presidente uff.=ufficio"
        " dir.=direzione cmq=comunque xché=perché grz=grazie msg=messaggio sig.ra=signora sig.na=signorina"
        " sigg.=signori sig.re=signore sig.r=signor dott.=dottor prof.=professor v.le=viale p.zza=piazza p.za=piazza"
        " p.le=piazzale c.so=corso l.go=largo f.lli=fratelli spett.le=spettabile gent.mo=gentilissimo"
        " gent.ma=gentilissima gent.mi=gentilissimi gent.le=gentile egr.=egregio ill.mo=illustrissimo q.tà=quantità"
        " tel.=telefono cell.=cellulare ca.=circa temp.=temperatura int.=interno es.=esempio cfr.=confronta"
        " cfr=confronta pag.=pagina pagg.=pagine tot.=totale loc.=località fraz.=frazione avv.=avvocato ing.=ingegner"
        " arch.=architetto geom.=geometra rag.=ragionier prov.=provincia rif.=riferimento ns.=nostro max.=massimo"
        " vs=versus sigg.ri=signori sig.=signor nr.=numero c.da=contrada v.lo=vicolo b.go=borgo appart.=appartamento"
        " ev.=eventuale gg.=giorni",
        it=(
            "Il Sig. Rossi e la Sig.ra Bianchi => Il signor Rossi e la signora Bianchi",
            "V.le Monza 12, P.zza Navona => viale Monza dodici, piazza Navona",
            "ad es. qui, pag. 12 => ad esempio qui, pagina dodici",
            "L'Ing. Ferri e l'Avv. Sala => L'ingegner Ferri e l'avvocato Sala",
        ),
    ),
    abbreviation_rule(
        "ecc.=eccetera etc.=eccetera",
        may_end=True,
        it="pane, ecc. Poi, latte ecc. e => pane, eccetera. Poi, latte eccetera e",
    ),
    abbreviation_rule(
        "Dr=dottor Dott=dottor Sig=signor Prof=professor Mons.=monsignor Sen.=senatore Str.=strada St.=strada"
        " Cav.=cavalier On.=onorevole Ten.=tenente Col.=colonnello Gen.=generale Cap.=capitano",
        before=BEFORE_NAME,
        it="il Dr. Conti e il Dott Neri => il dottor Conti e il dottor Neri",
    ),
    abbreviation_rule(
        "p.=pagina pp.=pagine art.=articolo artt.=articoli cap.=capitolo vol.=volume fig.=figura km=chilometro"
        " sc.=scala all.=allegato min.=minimo app.=appartamento nr=numero tel=telefono",
        before=BEFORE_NUMBER,
        it="art. 5, cap. 3 e p. 4 => articolo cinque, capitolo tre e pagina quattro",
    ),
    abbreviation_rule(
        "sec.=secolo cap.=capitolo vol.=volume art.=articolo",
        before=r"(?=\s?[IVX]{1,6}\b)",
        it="nel sec. XXI => nel secolo ventunesimo",
    ),
    abbreviation_rule(
        "pz.=pezzi pz=pezzi pers.=persone ab.=abitanti conf.=confezioni",
        after=AFTER_NUMBER,
        may_end=True,
        it="5 pz. per 2 pers. => cinque pezzi per due persone.",
    ),
    Rule(
        rf"(?i:\b({_DAY})\.)(?=\s?(?:[-–\d]|(?:a|e|al)\s(?:{_DAY})\b))"
        rf"|(?i:(?<=\ba )|(?<=\be )|(?<=\bal ))(?:({_DAY})\.)",
        lambda match: _DAYS[(match[1] or match[2]).lower()],
        it="lun. e mar., ven. 5 => lunedì e martedì, venerdì cinque",
    ),
    Rule(
        r"((?<=\d )|\b)(gen|feb|mar|apr|mag|giu|lug|ago|sett?|ott|nov|dic)\.(?(1)|(?= (?:19|20)\d\d))",
        lambda match: _MONTHS[match[2][:3]],
        it="il 5 gen. e dic. 2026 => il cinque gennaio e dicembre duemila ventisei",
    ),
)
