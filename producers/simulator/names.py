"""Names of invented people, streets and estates."""

from random import Random

from producers.simulator.chance import pick
from schemas.codes import Gender


def _words(line: str) -> tuple[str, ...]:
    return tuple(line.split())


COMMON = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹"
RARER = (
    "彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任沈姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷"
    "黎史龙陶贺顾毛郝龚邵万钱严赖覃洪武莫孔汤常牛尚庞苗单仇焦"
)
SURNAMES = tuple((name, 90.0 / (n + 2)) for n, name in enumerate(COMMON)) + tuple(
    (name, 1.0) for name in RARER
)
"""Surnames with weights, roughly as common as they are."""
OLD_WOMEN = _words(
    "玉珍 秀英 桂兰 淑芬 凤英 素珍 桂英 玉兰 秀兰 春兰 月娥 翠英 兰英 秀珍 玉英 淑珍 桂珍 惠英 美兰 金凤 "
    "雪梅 菊香 爱莲 彩云 巧云 银花 荷花 素芳 瑞芝 慧珍 文英 桂香 玉梅 凤仙 凤兰 秀芝 淑兰 云英 志英 翠兰"
)
OLD_MEN = _words(
    "建国 国华 德明 永福 志强 金生 文华 福生 长河 光明 树林 振华 国栋 世昌 玉山 庆云 兴旺 家驹 德厚 茂林 "
    "春生 炳文 耀祖 怀仁 正义 宝山 天佑 连生 保国 忠义 学礼 明德 万里 长春 新民 克俭 立本 守信 玉堂 广才"
)
WOMEN = _words(
    "凤霞 小芹 丽娟 红梅 海燕 春梅 志兰 晓月 月 敏 云 秀丽 艳 娜 爱华 丽华 晓燕 翠萍 玉洁 慧敏 桂花 冬梅 "
    "亚男 春燕 秋菊 莉 芳 静 雪琴 彩霞 红 素云 利平 文娟 改芝 金枝 会玲 俊英 喜梅 小丽"
)
MEN = _words(
    "建平 国华 磊 军 志刚 海涛 伟 强 勇 明辉 晓东 永强 文斌 立新 振宇 东升 保田 学军 新春 鹏飞 "
    "大勇 庆丰 占国 小军 长青 红兵 卫东 石头 宏伟 俊杰"
)
ESTATES = _words(
    "石榴巷 槐树里 桂花苑 阳光小区 幸福里 建设新村 纺织厂家属院 滨河花园 梧桐巷 钟楼街 粮食局家属院 丰收路 "
    "光明巷 锦绣园 柳荫路 和平里 老干部家属院 东风新村 翠竹苑 铁路小区 文化巷 人民路 医专家属院 景和园"
)
RELATIONS = (("女儿", 40.0), ("儿子", 38.0), ("老伴", 12.0), ("侄女", 5.0), ("邻居", 5.0))
HEALTH = (
    "高血压，每天服药",
    "糖尿病，打胰岛素",
    "冠心病，放过支架",
    "脑梗后遗症，左侧不便",
    "膝关节炎，上下楼慢",
    "慢阻肺，家里有氧气机",
    "白内障，看不清",
    "九月跌倒过一次",
    "骨质疏松，怕摔",
)
NOTES = (
    "右耳背，讲本地话；慢一点、大声说",
    "先打电话再敲门",
    "不爱麻烦人，要多问一句",
    "记性不好，要重复两遍",
    "家里养狗，先拴好",
    "中午要睡觉，别太早",
)
ACCESS = (
    "无电梯，走楼梯",
    "有电梯",
    "一楼，门口有坡道",
    "单元门密码 0731#",
    "从北门进，门卫登记",
    "三楼无电梯",
)
KEYS = ("对门 301 钱阿姨", "钥匙在居委会", "女儿有钥匙", "自己开门，要等一会儿", "门垫下没有钥匙，请敲门")
PREFIXES = ("131", "135", "136", "137", "138", "139", "150", "151", "158", "159", "177", "182", "187", "189")


def old_name(rng: Random, gender: Gender) -> str:
    """Name of somebody born before 1966."""
    return pick(rng, SURNAMES) + rng.choice(OLD_WOMEN if gender is Gender.FEMALE else OLD_MEN)


def younger_name(rng: Random, gender: Gender) -> str:
    """Name of somebody of working age."""
    return pick(rng, SURNAMES) + rng.choice(WOMEN if gender is Gender.FEMALE else MEN)


def telephone(rng: Random) -> str:
    """A mobile number."""
    return rng.choice(PREFIXES) + f"{rng.randrange(10**8):08d}"


def address(rng: Random, street: str) -> str:
    """House, entrance and flat below a street."""
    estate = rng.choice(ESTATES)
    floor, flat = rng.randint(1, 6), rng.randint(1, 4)
    return f"{street}{estate} {rng.randint(1, 48)} 号楼 {rng.randint(1, 4)} 单元 {floor}0{flat}"
