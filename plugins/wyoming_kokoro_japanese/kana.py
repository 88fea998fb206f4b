"""Converts katakana to the symbols on which Kokoro was trained."""

from __future__ import annotations

import re

_MORAS = """
ア a    イ i    ウ ɯ    エ e    オ o    ァ a    ィ i    ゥ ɯ    ェ e    ォ o
カ ka   キ kʲi  ク kɯ   ケ ke   コ ko   キャ kʲa キュ kʲɨ キョ kʲo キェ kʲe クァ kᵝa クィ kᵝi クェ kᵝe クォ kᵝo クヮ kᵝa
ガ ɡa   ギ ɡʲi  グ ɡɯ   ゲ ɡe   ゴ ɡo   ギャ ɡʲa ギュ ɡʲɨ ギョ ɡʲo ギェ ɡʲe グァ ɡᵝa グィ ɡᵝi グェ ɡᵝe グォ ɡᵝo グヮ ɡᵝa
サ sa   シ ɕi   ス sɨ   セ se   ソ so   シャ ɕa  シュ ɕɨ  ショ ɕo  シェ ɕe  スィ si
ザ ʣa   ジ ʥi   ズ zɨ   ゼ ʣe   ゾ ʣo   ジャ ʥa  ジュ ʥɨ  ジョ ʥo  ジェ ʥe  ズィ zi
タ ta   チ ʨi   ツ ʦɨ   テ te   ト to   チャ ʨa  チュ ʨɨ  チョ ʨo  チェ ʨe  ツァ ʦa  ツィ ʦʲi ツェ ʦe  ツォ ʦo
ダ da   ヂ ʥi   ヅ zɨ   デ de   ド do   ヂャ ʥa  ヂュ ʥɨ  ヂョ ʥo
ティ tʲi テュ tʲɨ トゥ tɯ  ディ dʲi デュ dʲɨ ドゥ dɯ
ナ na   ニ ɲi   ヌ nɯ   ネ ne   ノ no   ニャ ɲa  ニュ ɲɨ  ニョ ɲo  ニェ ɲe
ハ ha   ヒ çi   フ ɸɯ   ヘ he   ホ ho   ヒャ ça  ヒュ çɨ  ヒョ ço  ヒェ çe
ファ ɸa フィ ɸʲi フェ ɸe フォ ɸo フュ ɸʲɨ フョ ɸʲo
バ ba   ビ bʲi  ブ bɯ   ベ be   ボ bo   ビャ bʲa ビュ bʲɨ ビョ bʲo ビェ bʲe
パ pa   ピ pʲi  プ pɯ   ペ pe   ポ po   ピャ pʲa ピュ pʲɨ ピョ pʲo ピェ pʲe
マ ma   ミ mʲi  ム mɯ   メ me   モ mo   ミャ mʲa ミュ mʲɨ ミョ mʲo ミェ mʲe
ヤ ja   ユ jɯ   ヨ jo   ャ ja   ュ jɯ   ョ jo   イェ je
ラ ɾa   リ ɾʲi  ル ɾɯ   レ ɾe   ロ ɾo   リャ ɾʲa リュ ɾʲɨ リョ ɾʲo リェ ɾʲe
ワ βa   ヮ βa   ヰ i    ヱ e    ヲ o    ウィ βi  ウェ βe  ウォ βo
ヴァ va ヴィ vʲi ヴ vɯ  ヴェ ve ヴォ vo ヴャ bʲa ヴュ bʲɨ ヴョ bʲo ヵ ka ヶ ke
ッ ʔ    ー ː
"""
_SYMBOLS = dict(zip(_MORAS.split()[::2], _MORAS.split()[1::2], strict=True))
_MORA = re.compile("|".join(sorted(_SYMBOLS, key=len, reverse=True)) + "|ン")
_NASALS = {"m": "mpb", "ŋ": "kɡ", "ɲ": "ɲʨʥ", "n": "ntdɾz"}
"""The nasals that ン becomes, each with the symbols that it precedes."""


def kana_to_symbols(katakana: str) -> str:
    """Return Kokoro's symbols for one word. Characters other than katakana are left out."""
    moras: list[str] = _MORA.findall(katakana)
    following = [*(_SYMBOLS.get(mora, "") for mora in moras[1:]), ""]
    return "".join(_SYMBOLS.get(mora) or _choose_nasal(after) for mora, after in zip(moras, following, strict=False))


def _choose_nasal(following: str) -> str:
    return next((nasal for nasal, symbols in _NASALS.items() if following and following[0] in symbols), "ɴ")
