"""Spanish abbreviations."""

from __future__ import annotations

from wyoming_kokoro_text.classes.names.abbreviations import (
    AFTER_NUMBER,
    BEFORE_NAME,
    BEFORE_NUMBER,
    abbreviated,
    abbreviation_rule,
)
from wyoming_kokoro_text.rules import Rule

_DAYS = abbreviated("lunes martes miércoles jueves viernes sábado domingo")
_DAY = "|".join(_DAYS)
_MONTHS = abbreviated("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre")

ABBREVIATIONS = (
    Rule(r"\bEE\.?\s?UU\.(?=\s*$)", "Estados Unidos.", es="Viaja a EE. UU. => Viaja a Estados Unidos."),
    Rule(r"\bEE\.?\s?UU\b\.?", "Estados Unidos", es="en EE. UU. y EEUU => en Estados Unidos y Estados Unidos"),
    Rule(r"\bRR\.?\s?HH\b\.?", "recursos humanos", es="RR. HH. llama => recursos humanos llama"),
    Rule(
        r"\bJJ\.?\s?OO\b\.?", "Juegos Olímpicos", es="los JJ. OO. de 2028 => los Juegos Olímpicos de dos mil veintiocho"
    ),
    Rule(r"\bFF\.?\s?AA\b\.?", "Fuerzas Armadas", es="las FF. AA. => las Fuerzas Armadas"),
    Rule(r"\bCC\.?\s?AA\b\.?", "comunidades autónomas", es="las CC. AA. => las comunidades autónomas"),
    Rule(
        r"\b([Pp])\.\s?ej\.",
        lambda match: "Por ejemplo" if match[1] == "P" else "por ejemplo",
        es=("P. ej., la cocina => Por ejemplo, la cocina", "una luz, p. ej. esta => una luz, por ejemplo esta"),
    ),
    Rule(r"(?<=\d )a\.\s?(?:de\s)?C\.", "antes de Cristo", es="en el 200 a. C. => en el doscientos antes de Cristo"),
    Rule(
        r"(?<=\d )d\.\s?(?:de\s)?C\.",
        "después de Cristo",
        es="en el 476 d. C. y 5 => en el cuatrocientos setenta y seis después de Cristo y cinco",
    ),
    Rule(
        r"(?<![\w/])(?:[cC]/\s?(?=[A-ZÀ-Þ])|C/\s?(?=d?el?\s|la\s|los\s))",
        "calle ",
        es="Vivo en C/ Mayor 5 => Vivo en calle Mayor cinco",
    ),
    Rule(r"\bP\.?º\s(?=[A-ZÀ-Þ]|de)", "paseo ", es="Pº de la Castellana => paseo de la Castellana"),
    Rule(
        r"\b([Nn])(?:\.\s?[º°]|[º°]|úm\.|ro\.)\s?(?=\d|[A-Z]\b)",
        "número ",
        es="n.º 3, Nº 5 y núm. 6 => número tres, número cinco y número seis",
    ),
    Rule(r"\bNo\.\s?(?=\d)", "número ", es="No. 5 => número cinco"),
    Rule(r"\bs\.\s?(?=[IVX]{1,5}\b)", "siglo ", es="en el s. XXI => en el siglo veintiuno"),
    Rule(r"\bss\.\s?(?=[IVX]{1,5}\b)", "siglos ", es="ss. XV y XVI => siglos quince y dieciséis"),
    Rule(
        r"([Tt]emp)(?:eratura)?\.?\s[Mm]áx\.",
        r"\1eratura máxima",
        es="Temperatura máx. 25 => Temperatura máxima veinticinco",
    ),
    Rule(r"([Tt]emp)(?:eratura)?\.?\s[Mm]ín\.", r"\1eratura mínima", es="Temperatura mín. 2 => Temperatura mínima dos"),
    Rule(
        r"\b([Tt]emperatura (?:máxi|míni)ma[^.;\n]{1,30}\s)(?:([Mm])ín|[Mm]áx)\.",
        lambda match: f"{match[1]}{'mínima' if match[2] else 'máxima'}",
        es="Temp. máx. 25 °C, mín. 2 °C => Temperatura máxima veinticinco grados Celsius, mínima dos grados Celsius",
    ),
    Rule(r"\b[Mm]áx\.(?=\s-?\d{1,2}(?:[.,]\d)?\s?°)", "máxima", es="máx. 25 °C => máxima veinticinco grados Celsius"),
    Rule(r"\b[Mm]ín\.(?=\s-?\d{1,2}(?:[.,]\d)?\s?°)", "mínima", es="mín. 3 °C => mínima tres grados Celsius"),
    Rule(r"\bs/n\b", "sin número", es="Calle Mayor, s/n => Calle Mayor, sin número"),
    Rule(r"\bC\.\s?P\.\s?(?=\d)", "código postal ", es="C. P. 28001 => código postal dos ocho cero cero uno"),
    Rule(r"\bS\.\s?M\.(?=\s(?:el|la)\b)", "Su Majestad", es="S. M. el Rey => Su Majestad el Rey"),
    Rule(r"\bS\.\s?S\.(?=\s(?:el|[A-Z]))", "Su Santidad", es="S. S. el Papa => Su Santidad el Papa"),
    Rule(r"\bSS\.\s?MM\b\.?", "Sus Majestades", es="SS. MM. llegan => Sus Majestades llegan"),
    Rule(r"(?<=\by )ss\.", "siguientes", es="pág. 45 y ss. de => página cuarenta y cinco y siguientes de"),
    Rule(r"\bq\.\s?e\.\s?p\.\s?d\b\.?", "que en paz descanse", es="Juan, q. e. p. d., => Juan, que en paz descanse,"),
    abbreviation_rule(
        "uds.=unidades ud.=unidad uds=unidades pzas.=piezas pers.=personas hab.=habitantes pág.=páginas págs.=páginas"
        " cdas.=cucharadas cda.=cucharada cdtas.=cucharaditas cdta.=cucharadita",
        after=AFTER_NUMBER,
        may_end=True,
        es="3 uds. de 2 pers. => tres unidades de dos personas.",
    ),
    abbreviation_rule(
        "hnos.=hermanos bco.=banco ayto.=ayuntamiento univ.=universidad parc.=parcela dir.=dirección ppal.=principal"
        " entlo.=entresuelo rte.=remitente cant.=cantidad dto.=descuento incl.=incluido tte.=teniente cte.=comandante"
        " vda.=viuda tb=también tmb=también xfa=por_favor msj=mensaje sr.=señor sra.=señora srta.=señorita"
        " sres.=señores sras.=señoras dr.=doctor dra.=doctora dres.=doctores ud.=usted uds.=ustedes vd.=usted"
        " vds.=ustedes tel.=teléfono teléf.=teléfono tfno.=teléfono tlf.=teléfono aprox.=aproximadamente"
        " temp.=temperatura dpto.=departamento depto.=departamento admón.=administración avda.=avenida ctra.=carretera"
        " pza.=plaza plza.=plaza urb.=urbanización izq.=izquierda izqda.=izquierda dcha.=derecha dña.=doña"
        " prov.=provincia máx.=máximo fdo.=firmado atte.=atentamente ej.=ejemplo ref.=referencia obs.=observaciones"
        " gral.=general hab.=habitación pdta.=presidenta excmo.=excelentísimo ilmo.=ilustrísimo apdo.=apartado"
        " apto.=apartamento pág.=página págs.=páginas prof.=profesor profa.=profesora lic.=licenciado arq.=arquitecto"
        " cía.=compañía tfnos.=teléfonos cód.=código pts.=puntos",
        es=(
            "La Dra. Gómez y el Sr. Vega => La doctora Gómez y el señor Vega",
            "Ud. tiene 2 citas => usted tiene dos citas",
            "Avda. de América, 12 => avenida de América, doce",
            "Ver pág. 12 y págs. 14-16. => Ver página doce y páginas catorce a dieciséis.",
            "aprox. 20 minutos => aproximadamente veinte minutos",
            "la 2.ª izq. o dcha. => la segunda izquierda o derecha.",
        ),
    ),
    abbreviation_rule(
        "etc.=etcétera vs=versus",
        may_end=True,
        es="pan, etc. Luego, leche, etc. y fruta => pan, etcétera. Luego, leche, etcétera y fruta",
    ),
    abbreviation_rule(
        "Sr=señor Sra=señora Srta=señorita Dr=doctor Dra=doctora D.=don D.ª=doña Dª=doña Dn.=don Fr.=fray Sta=Santa"
        " Sto=Santo Ing.=ingeniero Mons.=monseñor Hno.=hermano Hna.=hermana Cnel.=coronel Sgto.=sargento"
        " Pte.=presidente Av=avenida Avda=avenida Pl.=plaza Rda.=ronda Gta.=glorieta Blvd=bulevar Cra.=carrera"
        " Crta.=carretera Esq.=esquina Col.=colonia Fac.=facultad Gob.=gobierno Int.=interior",
        before=BEFORE_NAME,
        es=(
            "D. Juan, D.ª Ana y el Sr Vega => don Juan, doña Ana y el señor Vega",
            "Sta. Cruz, Av. de la Paz => Santa Cruz, avenida de la Paz",
        ),
    ),
    abbreviation_rule(
        "p.=página pp.=páginas art.=artículo arts.=artículos cap.=capítulo caps.=capítulos vol.=volumen fig.=figura"
        " mín.=mínimo min.=mínimo km=kilómetro tel=teléfono cap=capítulo t.=tomo ed.=edición int.=interior"
        " esc.=escalera",
        before=BEFORE_NUMBER,
        es=("art. 5, cap. 3 y p. 4 => artículo cinco, capítulo tres y página cuatro", "km 5 => kilómetro cinco"),
    ),
    Rule(
        rf"(?i:\b({_DAY})\.)(?=\s?(?:[-–,\d]|(?:a|y)\s(?:{_DAY})\b))"
        r"|(?i:(?<=\ba )|(?<=\by ))(?i:(vie|sáb|dom|jue)\.)(?=\s(?:de|\d|a)\b)",
        lambda match: _DAYS[(match[1] or match[2]).lower()],
        es="Lun. a vie. de 9 a 14 => lunes a viernes de nueve a catorce",
    ),
    Rule(
        r"(?<=\d )((?:de )?)(ene|feb|mar|abr|may|jun|jul|ago|sept?|oct|nov|dic)\.",
        lambda match: match[1] + _MONTHS[match[2][:3]],
        es="el 5 ene. y el 6 de dic. => el cinco enero y el seis de diciembre",
    ),
)
