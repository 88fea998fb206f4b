"""French abbreviations."""

from __future__ import annotations

from wyoming_kokoro_text.classes.names.abbreviations import (
    AFTER_NUMBER,
    BEFORE_NAME,
    BEFORE_NUMBER,
    abbreviated,
    abbreviation_rule,
)
from wyoming_kokoro_text.rules import Rule

_SAINTS = {"t": "saint ", "te": "sainte ", "ts": "saints ", "tes": "saintes "}
_DAYS = abbreviated("lundi mardi mercredi jeudi vendredi samedi dimanche")
_DAY = "|".join(_DAYS)
_MONTHS = abbreviated("janvier février avril juillet septembre octobre novembre décembre")

ABBREVIATIONS = (
    Rule(
        r"\bav\.\s?J\.?-?\s?C\b\.?", "avant Jésus-Christ", fr="en 52 av. J.-C. => en cinquante-deux avant Jésus-Christ"
    ),
    Rule(
        r"\bapr?\.\s?J\.?-?\s?C\b\.?",
        "après Jésus-Christ",
        fr="en 476 apr. J.-C. => en quatre cent soixante-seize après Jésus-Christ",
    ),
    Rule(r"(?<=[IVX]e )s\.(?!\w)", "siècle", fr="au IIIe s. => au troisième siècle"),
    Rule(r"\bc\.?-?à-?d\b\.?", "c'est-à-dire", fr="c.-à-d. demain => c'est-à-dire demain"),
    Rule(r"\bp(?:ar|\.)\s?ex\.", "par exemple", fr="p. ex. ici et par ex. là => par exemple ici et par exemple là"),
    Rule(r"(?<![\d,.])1 c\.?\s?à\s?(?=[sc]\b)", "1 cuillère à ", fr="1 c. à s. => une cuillère à soupe"),
    Rule(r"(?<=\d )c\.?\s?à\s?(?=[sc]\b)", "cuillères à ", fr="2 c. à s. de sucre => deux cuillères à soupe de sucre"),
    Rule(
        r"(cuillères? à )([sc])\b\.?",
        lambda match: match[1] + ("soupe" if match[2] == "s" else "café"),
        fr="2 c. à c. => deux cuillères à café",
    ),
    Rule(
        r"\bs\.?v\.?p\b\.?(?=\s*$)|\bSVP\b\.?(?=\s*$)",
        "s'il vous plaît.",
        fr="fermez s.v.p. => fermez s'il vous plaît.",
    ),
    Rule(r"\b(?:s\.?v\.?p\b\.?|SVP\b)", "s'il vous plaît", fr="SVP fermez => s'il vous plaît fermez"),
    Rule(r"\b(?:S\.?T\.?P\b|s\.?t\.?p\b)\.?", "s'il te plaît", fr="ferme stp => ferme s'il te plaît"),
    Rule(r"\b[Rr]\.?[Dd]\.?[Vv]\b", "rendez-vous", fr="un RDV et un rdv => un rendez-vous et un rendez-vous"),
    Rule(r"\b[Nn](?:°|º|os?|\.)\s?(?=\d)", "numéro ", fr="n° 5, N°6 et no 7 => numéro cinq, numéro six et numéro sept"),
    Rule(
        r"\b(S)(te?s?)[-. ](?=[A-ZÀ-Þ])",
        lambda match: _SAINTS[match[2]],
        fr="St-Malo et Ste Anne => saint Malo et sainte Anne",
    ),
    Rule(r"\bM\.(?=\set\sMme)", "monsieur", fr="M. et Mme Roy => monsieur et madame Roy"),
    Rule(r"\bMM\.(?=\sles\b)", "messieurs", fr="MM. les députés => messieurs les députés"),
    Rule(r"\b[Ee]x\.(?=\s?:)", "exemple", fr="Ex. : ici => exemple: ici"),
    Rule(r"\bT°(?=\s)", "température", fr="T° ext. 12 => température extérieur douze"),
    Rule(r"\b[Nn]°(?=\s(?:de|du|d'))", "numéro", fr="le n° de la rue => le numéro de la rue"),
    Rule(r"\bRDC\b|\brdc\b", "rez-de-chaussée", fr="au RDC => au rez-de-chaussée"),
    abbreviation_rule(
        "suiv.=suivantes ttes=toutes tt=tout nbre=nombre ds=dans auj=aujourd'hui bjr=bonjour slt=salut ét.=étage"
        " mme=madame mmes=mesdames mlle=mademoiselle mlles=mesdemoiselles mgr=monseigneur mr=monsieur env.=environ"
        " tél.=téléphone tel.=téléphone bd=boulevard bld=boulevard blvd=boulevard boul.=boulevard faubg=faubourg"
        " bât.=bâtiment apt.=appartement appt=appartement esc.=escalier adr.=adresse ext.=extérieur extér.=extérieur"
        " int.=intérieur temp.=température qqn=quelqu'un qqch=quelque_chose bcp=beaucoup tjs=toujours sté=société"
        " cie=compagnie éd.=édition réf.=référence suppl.=supplément max.=maximum qté=quantité resp.=respectivement"
        " dépt=département dép.=département gd=grand nb=nombre ndlr=note_de_la_rédaction cf=confer vs=versus rte=route"
        " rés.=résidence",
        fr=(
            "Bonjour Mme Martin et Mlle Petit. => Bonjour madame Martin et mademoiselle Petit.",
            "5, bd Voltaire, bât. B, appt 12 => cinq, boulevard Voltaire, bâtiment B, appartement douze",
            "env. 20 personnes => environ vingt personnes",
            "Temp. ext. 12 °C => température extérieur douze degrés Celsius",
        ),
    ),
    abbreviation_rule(
        "etc.=etc", may_end=True, fr="du pain, etc. Puis, du lait, etc. et => du pain, etc. Puis, du lait, etc et"
    ),
    abbreviation_rule(
        "M.=monsieur MM.=messieurs Dr=docteur Drs=docteurs Pr=professeur Prof.=professeur Me=maître Vve=veuve"
        " av.=avenue av=avenue pl.=place imp.=impasse all.=allée sq.=square ch.=chemin fg=faubourg Ets=établissements"
        " r.=rue Gal=général Pdt=président Cdt=commandant Lt=lieutenant Cne=capitaine Col.=colonel",
        before=BEFORE_NAME,
        fr=(
            "M. Dupont et le Dr Leroy => monsieur Dupont et le docteur Leroy",
            "12 av. Foch, pl. de la Paix => douze avenue Foch, place de la Paix",
        ),
    ),
    abbreviation_rule(
        "p.=page pp.=pages art.=article chap.=chapitre vol.=volume fig.=figure t.=tome km=kilomètre ch.=chambre"
        " min.=minimum app.=appartement tél=téléphone",
        before=BEFORE_NUMBER,
        fr="p. 12, pp. 14-16 et chap. 3 => page douze, pages quatorze à seize et chapitre trois",
    ),
    abbreviation_rule(
        "pers.=personnes hab.=habitants ét.=étage pce=pièce pces=pièces kms=kilomètres",
        after=rf"(?:{AFTER_NUMBER}|(?<=\der ))",
        may_end=True,
        fr="3 pers. max. => trois personnes maximum.",
    ),
    Rule(
        rf"(?i:\b({_DAY})\.)(?=\s?(?:[-–\d]|(?:à|et|au)\s(?:{_DAY})\b))"
        r"|(?i:(?<=\bau )|(?<=\bet ))(?:(ven|sam|dim|jeu)\.)",
        lambda match: _DAYS[(match[1] or match[2]).lower()],
        fr="lun. 5 et lun. au ven. => lundi cinq et lundi au vendredi",
    ),
    Rule(
        r"(?<=\d )(janv|févr?|avr|juil|sept|oct|nov|déc)\.",
        lambda match: _MONTHS[match[1][:3]],
        fr="le 5 janv. et le 6 juil. => le cinq janvier et le six juillet",
    ),
)
