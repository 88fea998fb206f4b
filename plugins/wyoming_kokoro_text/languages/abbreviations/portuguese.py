"""Brazilian Portuguese abbreviations."""

from __future__ import annotations

from wyoming_kokoro_text.classes.names.abbreviations import (
    AFTER_NUMBER,
    BEFORE_NAME,
    BEFORE_NUMBER,
    abbreviated,
    abbreviation_rule,
)
from wyoming_kokoro_text.rules import Rule

_DAYS = abbreviated("segunda terça quarta quinta sexta sábado domingo")
_DAY = "|".join(_DAYS)
_MONTHS = abbreviated("janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro")

ABBREVIATIONS = (
    Rule(r"(?<=\d )a\.\s?C\.", "antes de Cristo", pt="em 200 a.C. => em duzentos antes de Cristo"),
    Rule(
        r"(?<=\d )d\.\s?C\.", "depois de Cristo", pt="em 476 d.C. => em quatrocentos e setenta e seis depois de Cristo"
    ),
    Rule(r"\b[Pp](?:or|\.)\s?ex\.", "por exemplo", pt="p. ex. aqui, por ex. lá => por exemplo aqui, por exemplo lá"),
    Rule(
        r"\b[Nn](?:\.?[º°]|\.)\s?(?=\d)|\bNo\.\s?(?=\d)",
        "número ",
        pt="nº 5, n.º 6 e n° 7 => número cinco, número seis e número sete",
    ),
    Rule(
        r"\bS\.\s?(?=(?:Paulo|Pedro|João|José|Luís|Bernardo|Caetano|Carlos|Sebastião|Francisco|Vicente|Miguel|Jorge|Gonçalo)\b)",
        "São ",
        pt="S. Paulo => São Paulo",
    ),
    Rule(
        r"\bD\.\s(?=(?:Pedro|João|Manuel|Sebastião|Afonso|Miguel|Henrique|Dinis|José)\b)",
        "dom ",
        pt="D. Pedro II => dom Pedro segundo",
    ),
    Rule(r"\bD\.\s(?=[A-ZÀ-Þ]\w{1,20}\b)|\bDª\s|\bD\.ª\s", "dona ", pt="D. Maria => dona Maria"),
    Rule(
        r"(?<![\w.])R\.\s(?=(?:d[aeo]s?\s)?[A-ZÀ-Þ][^\n.;]{1,40}?,?\s(?:n[º°.o]{1,2}\s?)?\d)",
        "rua ",
        pt="R. Augusta, nº 500 => rua Augusta, número quinhentos",
    ),
    Rule(r"\b([Nn]a|[Dd]a|[Ee]m|[Àà]|[Cc]om) R\.\s(?=[A-ZÀ-Þ])", r"\1 rua ", pt="na R. Augusta => na rua Augusta"),
    Rule(r"\bEUA\b", "Estados Unidos", pt="Brasil e EUA => Brasil e Estados Unidos"),
    Rule(
        r"([Tt]emp)(?:eratura)?\.?\s[Mm]áx\.",
        r"\1eratura máxima",
        pt="Temp. máx. 25 => Temperatura máxima vinte e cinco",
    ),
    Rule(r"([Tt]emp)(?:eratura)?\.?\s[Mm]ín\.", r"\1eratura mínima", pt="Temp. mín. 2 => Temperatura mínima dois"),
    Rule(
        r"\b([Tt]emperatura (?:máxi|míni)ma[^.;\n]{1,30}\s)m(?:(ín)|áx)\.",
        lambda match: f"{match[1]}{'mínima' if match[2] else 'máxima'}",
        pt="Temp. máx. 25 °C, mín. 2 °C => Temperatura máxima vinte e cinco graus Celsius, mínima dois graus Celsius",
    ),
    Rule(r"\b[Mm]áx\.(?=\s-?\d{1,2}(?:[.,]\d)?\s?°)", "máxima", pt="máx. 25 °C => máxima vinte e cinco graus Celsius"),
    Rule(r"\b[Mm]ín\.(?=\s-?\d{1,2}(?:[.,]\d)?\s?°)", "mínima", pt="mín. 3 °C => mínima três graus Celsius"),
    Rule(r"\bs/n\b", "sem número", pt="Av. Brasil, s/n => avenida Brasil, sem número"),
    Rule(r"(?<![\w/])(?<!\d )c/\s?(?=[^\W\d_])", "com ", pt="café c/ leite => café com leite"),
    Rule(r"(?<![\w/])(?<!\d )s/\s?(?=[^\W\d_])", "sem ", pt="s/ açúcar => sem açúcar"),
    Rule(r"(?<![\w/])(?<!\d )p/\s?(?=[^\W\d_])", "para ", pt="p/ você => para você"),
    Rule(r"\bV\.\s?Ex[aª]\.?", "Vossa Excelência", pt="V. Exa. chegou => Vossa Excelência chegou"),
    Rule(r"\bV\.\s?S[aª]\.?", "Vossa Senhoria", pt="V. Sa. recebeu => Vossa Senhoria recebeu"),
    Rule(r"\bN\.\s?S(?:ra|\.ª|ª)\.?", "Nossa Senhora", pt="N. Sra. da Paz => Nossa Senhora da Paz"),
    Rule(r"\b[Ee]x\.(?=\s?:)", "exemplo", pt="Ex.: aqui => exemplo: aqui"),
    Rule(r"(?<=\d )c\.(?= (?:de )?(?:sopa|chá|café)\b)", "colheres", pt="2 c. de sopa => duas colheres de sopa"),
    Rule(r"\bséc\.\s?(?=[IVX]{1,6}\b)", "século ", pt="no séc. XIX => no século dezenove"),
    abbreviation_rule(
        "eng.ª=engenheira engª=engenheira dr.ª=doutora drª=doutora jr.=júnior pref.=prefeitura assoc.=associação"
        " pgto.=pagamento msg=mensagem mto=muito blz=beleza obg=obrigado fds=fim_de_semana pfv=por_favor pg.=página"
        " fls.=folhas att.=atenciosamente sr.=senhor sra.=senhora srta.=senhorita srs.=senhores sras.=senhoras"
        " dr.=doutor dra.=doutora drs.=doutores prof.=professor profa.=professora profª=professora prof.ª=professora"
        " av.=avenida pça.=praça pç.=praça rod.=rodovia estr.=estrada trav.=travessa jd.=jardim pq.=parque"
        " edif.=edifício apto.=apartamento ap.=apartamento apt.=apartamento aptº=apartamento bl.=bloco tel.=telefone"
        " cel.=celular pág.=página págs.=páginas aprox.=aproximadamente temp.=temperatura máx.=máximo ltda=limitada"
        " cia.=companhia exmo.=excelentíssimo exma.=excelentíssima ilmo.=ilustríssimo eng.=engenheiro arq.=arquiteto"
        " obs.=observação qtd.=quantidade qtde.=quantidade ref.=referência end.=endereço esq.=esquina"
        " compl.=complemento cód.=código vc=você vcs=vocês tb=também tbm=também hj=hoje depto.=departamento"
        " univ.=universidade cx.=caixa lgo.=largo pres.=presidente gov.=governador cj.=conjunto conj.=conjunto",
        pt=(
            "O Sr. Silva e a Dra. Ana => O senhor Silva e a doutora Ana",
            "Av. Paulista, ap. 42, bl. B => avenida Paulista, apartamento quarenta e dois, bloco B",
            "aprox. 20 minutos => aproximadamente vinte minutos",
            "Acme Ltda. e Cia. do Pão => Acme limitada e companhia do Pão",
            "vc tb vem? => você também vem?",
        ),
    ),
    abbreviation_rule("etc.=etc vs=versus", may_end=True, pt="leite, etc. e ovos => leite, etc e ovos"),
    abbreviation_rule(
        "Sr=senhor Sra=senhora Dr=doutor Dra=doutora Sta=Santa Sto=Santo Al.=alameda Dep.=deputado Ver.=vereador"
        " Gen.=general Cel.=coronel Cap.=capitão Sgt.=sargento Av=avenida Ed.=edifício Lg.=largo Pe.=padre Fr.=frei"
        " Ir.=irmã Sen.=senador Tv.=travessa Vl.=vila Gal.=general Mal.=marechal Ten.=tenente"
        " Des.=desembargador",
        before=BEFORE_NAME,
        pt="Sta. Rita, Al. Santos e o Dr Lima => Santa Rita, alameda Santos e o doutor Lima",
    ),
    abbreviation_rule(
        "p.=página pp.=páginas art.=artigo arts.=artigos cap.=capítulo vol.=volume fig.=figura km=quilômetro"
        " min.=mínimo mín.=mínimo tel=telefone qd.=quadra lt.=lote sl.=sala",
        before=BEFORE_NUMBER,
        pt="art. 5, cap. 3 e p. 4 => artigo cinco, capítulo três e página quatro",
    ),
    abbreviation_rule(
        "un.=unidades unid.=unidades pçs.=peças pess.=pessoas hab.=habitantes col.=colheres",
        after=AFTER_NUMBER,
        may_end=True,
        pt="5 un. e 2 col. de sopa => cinco unidades e duas colheres de sopa",
    ),
    Rule(
        rf"(?i:\b({_DAY})\.)(?=\s?(?:[-–,\d]|(?:a|e|à)\s(?:{_DAY})\b))"
        rf"|(?i:(?<=\ba )|(?<=\be )|(?<=\bà ))(?:({_DAY})\.)",
        lambda match: _DAYS[(match[1] or match[2]).lower()],
        pt="Seg. a sex. das 9 às 18 => segunda a sexta das nove às dezoito",
    ),
    Rule(
        r"(?<=\d )((?:de )?)(jan|fev|mar|abr|mai|jun|jul|ago|set|out|nov|dez)\.",
        lambda match: match[1] + _MONTHS[match[2]],
        pt="5 de jan. e 6 de dez. => cinco de janeiro e seis de dezembro",
    ),
)
