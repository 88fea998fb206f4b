"""Chinese words and rules. Every number becomes characters."""

from __future__ import annotations

import re
import unicodedata

from wyoming_kokoro_text.classes.east_asian_times import EastAsianTimeWords, duration_rules, time_rules
from wyoming_kokoro_text.classes.money import MAGNITUDES_IN_DIGITS
from wyoming_kokoro_text.classes.patterns import FRACTIONS as FRACTION_SIGNS
from wyoming_kokoro_text.classes.patterns import any_of, text_before
from wyoming_kokoro_text.language import AddressWords, DateWords, Language, SlashWords
from wyoming_kokoro_text.languages.chinese import codes
from wyoming_kokoro_text.number_words import MAX_DIGITS, NumberWords
from wyoming_kokoro_text.rules import Rule

UNITS = {
    "km/h": "公里每小时", "m/s": "米每秒", "mm/h": "毫米每小时", "μg/m³": "微克每立方米", "µg/m³": "微克每立方米",
    "kWh": "千瓦时", "Wh": "瓦时", "kW": "千瓦", "W": "瓦", "V": "伏", "A": "安", "Hz": "赫兹", "m²": "平方米",
    "m2": "平方米", "m³": "立方米", "km²": "平方公里", "°C": "摄氏度", "℃": "摄氏度", "°F": "华氏度", "℉": "华氏度",
    "°": "度", "hPa": "百帕", "lx": "勒克斯", "dB": "分贝", "km": "公里", "cm": "厘米", "mm": "毫米", "m": "米",
    "kg": "公斤", "g": "克", "L": "升", "ml": "毫升", "mL": "毫升", "h": "小时", "min": "分钟", "s": "秒",
    "MB": "兆字节", "GB": "吉字节", "m³/h": "立方米每小时", "L/min": "升每分钟", "mg/m³": "毫克每立方米",
    "W/m²": "瓦每平方米", "MWh": "兆瓦时", "MW": "兆瓦", "mW": "毫瓦", "kV": "千伏", "mV": "毫伏", "mA": "毫安",
    "mAh": "毫安时", "Ah": "安时", "kVA": "千伏安", "VA": "伏安", "kHz": "千赫", "MHz": "兆赫", "GHz": "吉赫",
    "Ω": "欧姆", "kPa": "千帕", "MPa": "兆帕", "Pa": "帕", "mbar": "毫巴", "bar": "巴", "lm": "流明",
    "cm²": "平方厘米", "m3": "立方米", "cm³": "立方厘米", "μm": "微米", "nm": "纳米", "dm": "分米", "mg": "毫克",
    "l": "升", "cc": "毫升", "KB": "千字节", "kB": "千字节", "TB": "太字节", "Mbps": "兆比特每秒",
    "Gbps": "吉比特每秒", "kbps": "千比特每秒", "kcal": "千卡", "cal": "卡", "kJ": "千焦", "rpm": "转每分钟",
    "fps": "帧每秒", "dBm": "分贝毫瓦", "ms": "毫秒", "ha": "公顷", "mol": "摩尔", "px": "像素", "ft": "英尺",
    "lb": "磅", "oz": "盎司", "mph": "英里每小时", "mi": "英里", "gal": "加仑", "inHg": "英寸汞柱", "GiB": "吉字节",
    "MiB": "兆字节", "kbit/s": "千比特每秒", "Mbit/s": "兆比特每秒", "Gbit/s": "吉比特每秒",
}  # fmt: skip
CURRENCIES = {
    "US$": "美元", "HK$": "港元", "NT$": "新台币", "A$": "澳元",
    "RMB": "元", "USD": "美元", "EUR": "欧元", "JPY": "日元", "$": "美元", "€": "欧元", "£": "英镑",
    "¥": "元", "￥": "元", "₩": "韩元", "₹": "卢比",
}  # fmt: skip

_NUMBERS = NumberWords("zh", point="点", respellings=(("〇", "零"),))
_NUMBER = r"\d{1,40}(?:\.\d{1,20})?"
_CURRENCY = rf"(?:{any_of(CURRENCIES)})"
_UNIT = any_of(UNITS)


def _spell_cardinal(number: int) -> str:
    """Return `number` with 两 in place of a 二 that counts thousands and more."""
    return re.sub("^二(?=[千万亿])", "两", _NUMBERS.spell_cardinal(number))


def _verbalize_number(match: re.Match[str]) -> str:
    """Return a number in characters: 二十一点五 for `21.5`, 零零七 for `007`."""
    whole, _, decimals = match[0].partition(".")
    is_code = len(whole) > MAX_DIGITS or (len(whole) > 1 and whole[0] == "0")
    text = whole.translate(codes.DIGITS) if is_code else _spell_cardinal(int(whole))
    return f"{text}点{decimals.translate(codes.DIGITS)}" if decimals else text


def _verbalize_fraction(match: re.Match[str]) -> str:
    part, whole = match.groups() if match[1] else unicodedata.normalize("NFKC", match[0].strip()).split("⁄")
    follows_number = text_before(match, 1).isdigit()
    return f"{'又' * follows_number}{whole}分之{part}"


def _read_neighbors(match: re.Match[str]) -> str:
    """Return 两三 for `2、3`: about two or three."""
    if int(match[2]) != int(match[1]) + 1:
        return match[0]
    return match[0].replace("、", "").replace("2", "两", match[1] == "2").translate(codes.DIGITS)


DATES = DateWords(
    "ymd",
    "1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月",
    with_year="{year}年{month}{day}日",
    without_year="{month}{day}日",
    month_and_year="{year}年{month}",
    range_to="到",
    before="(?:[今明后昨]天|星期[一二三四五六日]|周[一二三四五六日]|在|于|日期|截止|截至|从|到|至|生日)是?",
    joined_by="到|至|和",
    after=r"\s?(?:[见前后起号]|放假|[(（](?:周|星期))",
    counted="[题件张个台分]",
)


def _verbalize_power(match: re.Match[str]) -> str:
    return {"²": "的平方", "³": "的立方"}.get(match[0]) or f"的{match[1]}次方"


SLASHES = SlashWords(
    "斜杠",
    all_day="24，7",
    over="，",
    part_of="{part}，共{whole}",
    counted="(?!)",
    pair="，",
    separator="、",
)
CHARACTERS = (
    Rule(r"(?<=\d)：(?=\d)", ":", zh="下午３：３０ => 下午三点三十分"),
    Rule(r"(?<=\d) (?=[一-鿿%℃])|(?<=[一-鿿]) (?=\d)", "", zh="还有 2 个 => 还有两个"),
)
ABBREVIATIONS = (Rule(r"(?<![A-Za-z\d])CO2(?![A-Za-z\d])", "二氧化碳", zh="CO2浓度 => 二氧化碳浓度"),)
YEARS = (
    Rule(
        r"(?<![\d.])(\d{4})[-–/](\d\d)(?=赛季|学年|年度|财年)",
        lambda match: f"{match[1]}到{match[2]}".translate(codes.DIGITS),
        zh="2024-25赛季 => 二零二四到二五赛季",
    ),
    Rule(
        r"(?<![\d.])([5-9][05]|[01][05])(?=后(?![天来续面]))",
        lambda match: match[1].translate(codes.DIGITS),
        zh="90后和00后 => 九零后和零零后",
    ),
    Rule(
        r"(?<![\d.])(\d{4})\s?[-–—~〜～]\s?(?=\d{4}年)",
        lambda match: f"{match[1].translate(codes.DIGITS)}到",
        zh="2019-2023年 => 二零一九到二零二三年",
    ),
    Rule(
        r"(?<![\d.])(1[1-9]\d\d|20\d\d)(?=[款版届财]|[至到]\d{4}年|赛季|世界杯|奥运|春)",
        lambda match: match[1].translate(codes.DIGITS),
        zh="2026款 => 二零二六款",
    ),
    Rule(
        r"(?<![\d.])(?![3-9]000)(\d{4})(?=年)",
        lambda match: match[1].translate(codes.DIGITS),
        zh="5000年，2026年1月3日18:31 => 五千年，二零二六年一月三日十八点三十一分",
    ),
)
TIME_WORDS = EastAsianTimeWords("小时", "分钟", "点", "上午", "下午", {2: "两点"}, "零分", before_few_minutes="零")
FULL_HOURS = (Rule("点00?分", "点整", zh="凌晨12点00分 => 凌晨十二点整"),)
RATIOS = (
    Rule(
        r"(?<![\dA-Fa-f:.])(\d{1,4}):(\d{1,5})(?![\dA-Fa-f:.])", r"\1比\2", zh="比分3:2和16:9 => 比分三比二和十六比九"
    ),
)
SIGNS = (
    Rule(r"(?:≥|≧|>=)\s?(?=[-−\d])", "大于等于", zh="≥35℃ => 大于等于三十五摄氏度"),
    Rule(r"(?:≤|≦|<=)\s?(?=[-−\d])", "小于等于", zh="≤5分钟 => 小于等于五分钟"),
    Rule(r"[<＜]\s?(?=\d)", "小于", zh="<5分钟 => 小于五分钟"),
    Rule(r"[>＞]\s?(?=\d)", "大于", zh="用时 > 30秒 => 用时 大于三十秒"),
    Rule(r"±\s?(?=\d)", "正负", zh="±2℃ => 正负二摄氏度"),
    Rule(r"约?(?<![\d点分日月年号])[~～≈∼]\s?(?=\d)", "约", zh="~5分钟和≈3公里 => 约五分钟和约三公里"),
    Rule(r"(?<=\d)\s?(?:→|->)\s?(?=\d)", "到", zh="10→20 => 十到二十"),
    Rule(r"(?<![A-Za-z\d)])\+(?=\d{1,3}(?:\.\d)?\s?[°℃度%])", "正", zh="+5℃ => 正五摄氏度"),
    Rule(r"(?<=[A-Za-z])\s?&\s?(?=[A-Za-z])", " and ", zh="Q&A => Q and A"),
    Rule(r"(?<=[一-鿿])\s?&\s?(?=[一-鿿])", "和", zh="盐&胡椒 => 盐和胡椒"),
    Rule(
        r"(?<!\d)([1-9])、([1-9])(?=[个天次人年周]|小时|分钟)", _read_neighbors, zh="2、3个和1、3个 => 两三个和一、三个"
    ),
)
RANGES = (
    Rule(
        r"(?<=\d)\s?[-−]\s?(?=\d{1,9}\s?(?:=|(?:等于|是|得)\d))",
        "减",
        zh="5-3=2，9-6等于3 => 五减三等于二，九减六等于三",
    ),
    Rule(r"(?<=\d),(?=\d{3}(?!\d))", "", zh="1,234元 => 一千二百三十四元"),
    Rule(
        rf"(?<=\d)(\s?(?:{_UNIT}|[%点分日月年号元])?)\s?[-–—~〜～]\s?(?={_CURRENCY}?\d)",
        r"\1到",
        zh=("18-21°C => 十八到二十一摄氏度", "10%–20% => 百分之十到百分之二十", "8:30~14:00 => 八点三十分到十四点"),
    ),
    Rule(r"(?<=[是为在到至约：:] )[-−–] (?=\d)", "负", zh="冷冻室是 - 18 °C => 冷冻室是 负十八摄氏度"),
    Rule(
        r"(?<=[一-龥] )[-−–] (?=\d{1,3}(?:\.\d{1,3})?\s?(?:°|℃|度))",
        "负",
        zh=("明早 - 4 ℃ => 明早 负四摄氏度", "客厅 - 3层 => 客厅 - 三层"),
    ),
    Rule(rf"({_CURRENCY})[-−](?=\d)", r"负\1", zh="￥-20 => 负二十元"),
    # A minus also stands after a word without a space. After a Latin letter it is a hyphen.
    Rule(
        rf"(?<![A-Za-z\d_)-])[-−](?={_CURRENCY}?\d)",
        "负",
        zh=(
            "-5度 => 负五度",
            "现在温度是-3度 => 现在温度是负三度",
            "冷冻室−18℃ => 冷冻室负十八摄氏度",
            "-$20 => 负二十美元",
        ),
    ),
)
_COUNTED_NOUNS = {
    "步骤": "步", "页码": "页", "页": "页", "章": "章", "集": "集", "级": "级", "部分": "个部分", "文件": "个文件",
    "问题": "个问题", "阶段": "个阶段", "任务": "个任务",
}  # fmt: skip
PARTS = (
    Rule(
        r"第\s?(\d{1,3})/(\d{1,3})\s?(页|步|集|章|节|级|题|张|轮|局|次|天|期|部分|个)",
        r"第\1\3，共\2\3",
        zh="第1/3页 => 第一页，共三页",
    ),
    Rule(
        rf"({any_of(_COUNTED_NOUNS)})\s?(\d{{1,3}})/(\d{{1,3}})(?![\d/])",
        lambda match: f"第{match[2]}{_COUNTED_NOUNS[match[1]]}，共{match[3]}{_COUNTED_NOUNS[match[1]]}",
        zh="步骤1/3 => 第一步，共三步",
    ),
)
PRICES = (
    Rule(
        rf"(?:(?<=[元块角分次升人里米克瓦转度币€$£\d])|(?<=EUR)|(?<=USD))\s?/\s?({_UNIT}|小时|分钟|[天日周月年时分秒次人个度户平吨斤](?!\d))(?![A-Za-z])",
        lambda match: "每" + UNITS.get(match[1], match[1]),
        zh=(
            "0.6元/kWh，100元/月，120公里/小时 => 零点六元每千瓦时，一百元每月，一百二十公里每小时",
            "0.25 EUR/kWh和3 €/kWh => 零点二五欧元每千瓦时和三欧元每千瓦时",
        ),
    ),
)
MONEY = (
    MAGNITUDES_IN_DIGITS,
    Rule(
        rf"({_CURRENCY})\s?({_NUMBER}\s?[百千万亿]{{0,3}})",
        lambda match: match[2].removesuffix(".00") + CURRENCIES[match[1]],
        zh=("$5.50 => 五点五零美元", "¥1.2万和US$3.5亿 => 一点二万元和三点五亿美元"),
    ),
    Rule(
        rf"({_NUMBER}\s?[百千万亿]{{0,3}})\s?({_CURRENCY})(?![A-Za-z])",
        lambda match: match[1].rstrip() + CURRENCIES[match[2]],
        zh="100USD和50 € => 一百美元和五十欧元",
    ),
)
UNIT_NAMES = (
    Rule(
        rf"({_NUMBER}) (in|d|K)(?![A-Za-z²³])",
        lambda match: match[1] + {"in": "英寸", "d": "天", "K": "开"}[match[2]],
        zh="0.12 in，45 d和3000 K => 零点一二英寸，四十五天和三千开",
    ),
    Rule(rf"({_NUMBER})(?=[到至]{_NUMBER}%)", r"\1%", zh="5-10% => 百分之五到百分之十"),
    Rule(rf"({_NUMBER})\s?‰", r"千分之\1", zh="3‰ => 千分之三"),
    Rule(rf"({_NUMBER})\s?[%％]", r"百分之\1", zh="湿度45%。 => 湿度百分之四十五。"),
    Rule(
        rf"({_NUMBER})\s?({_UNIT})(?![A-Za-z²³级座栋区])",
        lambda match: match[1] + UNITS[match[2]],
        zh=(
            "现在是21.5℃ => 现在是二十一点五摄氏度",
            "21 °C => 二十一摄氏度",
            "3.2kWh => 三点二千瓦时",
            "8 μg/m³ => 八微克每立方米",
            "12 km/h => 十二公里每小时",
        ),
    ),
    Rule("℃", "摄氏度", zh="单位是℃ => 单位是摄氏度"),
    Rule(
        r"(?<=\d)\.0(?=度|摄氏度|华氏度)|(?<=[百千]分之)(\d{1,3})\.0(?!\d)",
        r"\1",
        zh="19.0度，24.0 °C和45.0% => 十九度，二十四摄氏度和百分之四十五",
    ),
)
SYMBOLS = (
    Rule(r"(?<=\d)\s?\+\s?(?=\d)", "加", zh="7+5=12 => 七加五等于十二"),
    Rule(r"(?<=\d)\s?[×*xX]\s?(?=\d)", "乘", zh="3×4=12 => 三乘四等于十二"),
    Rule(r"(?<=\d)\s?÷\s?(?=\d)|(?<=\d) / (?=\d)|(?<=\d)/(?=\d{1,9}\s?=)", "除以", zh="12÷4=3 => 十二除以四等于三"),
    Rule(r"(?<=[\w)])\s?=\s?(?=[\w(])", "等于", zh="x=5 => x等于五"),
    Rule(r"(?<=[\dA-Za-z])(?:\^(\d{1,3})|²|³)(?![A-Za-z\d])", _verbalize_power, zh="2^8和x² => 二的八次方和x的平方"),
    Rule(r"√\s?(?=\d)", "根号", zh="√16=4 => 根号十六等于四"),
)
FRACTIONS = (
    Rule(
        rf"(?:(?<=\d)\s?)?[{FRACTION_SIGNS}]|(?<=\d) (\d)/(\d)(?![\d/])",
        _verbalize_fraction,
        zh="½杯，2½杯和1 1/2杯 => 二分之一杯，二又二分之一杯和一又二分之一杯",
    ),
    Rule(r"(?<!\d)(\d{1,2})/(\d{1,2})(?!\d)", r"\2分之\1", zh="3/4 => 四分之三"),
)
_COUNTED_AS_LIANG = (
    "个|位|小时|分(?=钟|[0-9])|秒|点|盏|台|次|天|度|扇|间|只|周|年(?!级|代)|杯|瓶|块|倍|米|公斤|斤|升|条|张|本(?!书?号)|件|支|辆|层|种|份|家|名|岁|遍|趟|人|成|元|部|座"
    "|根|片|粒|袋|盒|包|对|双|千克|公里|千瓦|毫|厘米|英|颗|棵|首|场|句|篇|套|顿|头|匹|架|艘|枚|幅|口|把|组|批|箱|桶|勺|碗|盘|步|圈|站|页|行|项|顶|滴|串|束"
)
NUMBERS = (
    Rule(
        rf"(?<![\d.第零周])(?<!分之)2(?=(?:[到至]\d{{1,2}}|多)?(?:{_COUNTED_AS_LIANG}|[千万亿]))",
        "两",
        zh=(
            "2个灯，第2次，2年级，2-3个 => 两个灯，第二次，二年级，两到三个",
            "2分30秒，2/3杯 => 两分三十秒，三分之二杯",
        ),
    ),
    Rule(
        _NUMBER,
        _verbalize_number,
        zh=(
            "007 => 零零七",
            "1234567890123456 => 一二三四五六七八九零一二三四五六",
            "10, 110, 1010, 2026 => 十, 一百一十, 一千零一十, 两千零二十六",
            "0, 200, 20000 => 零, 二百, 两万",
            "2万和2亿 => 两万和两亿",
            "没有数字 => 没有数字",
        ),
    ),
)

LANGUAGE = Language(
    "zh",
    dates=DATES,
    slashes=SLASHES,
    addresses=AddressWords("艾特", "点", "点", "端口", "版本"),
    rules={
        "characters": CHARACTERS,
        "abbreviations": ABBREVIATIONS,
        "roman numerals": codes.NUMERALS,
        "addresses": codes.ADDRESSES,
        "slashes": PARTS + PRICES,
        "dates": YEARS,
        "durations": duration_rules(TIME_WORDS),
        "times": time_rules(TIME_WORDS) + FULL_HOURS + RATIOS,
        "ranges": SIGNS + RANGES,
        "money": MONEY,
        "units": UNIT_NAMES,
        "symbols": SYMBOLS + FRACTIONS,
        "numbers": NUMBERS,
    },
)
