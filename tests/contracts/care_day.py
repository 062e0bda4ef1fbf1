"""The names, items and visits of a provider's invented Friday."""

from datetime import datetime

from schemas.shown import ZONE

NOW = datetime(2026, 11, 13, 10, 24, tzinfo=ZONE)
AREA = "a1"
PROVIDER = "p1"
KEY = bytes(range(32))

ITEMS = {
    "BATH_HOME": ("BATHING", "上门助浴", "Bath at home", 9600, 4600, 3600, 2, 3900),
    "BATH_BED": ("BATHING", "擦浴", "Bed bath", 6000, 3000, 1800, 1, 2700),
    "CLEAN_HOME": ("CLEANING", "居家保洁", "Cleaning at home", 6400, 3200, 3600, 1, 5400),
    "ESCORT_CLINIC": ("MOBILITY", "陪诊", "Escort to clinic", 11600, 5800, 5400, 1, 9000),
    "BLOOD_PRESSURE": ("MEDICAL", "量血压", "Blood pressure", 3000, 1500, 900, 1, 2700),
    "MEAL_LUNCH": ("MEAL", "午餐送餐", "Lunch", 1800, 900, 600, 1, 4200),
}
CAREGIVERS = {
    "c1": "许凤霞",
    "c2": "段小芹",
    "c3": "田月",
    "c4": "焦红梅",
    "c5": "贺丽娟",
    "c6": "方志兰",
    "c7": "严秋菊",
    "c8": "邱素云",
    "c9": "马春梅",
    "c10": "顾海燕",
}
RECIPIENTS = (
    "罗玉珍",
    "邓秋生",
    "沈国华",
    "佟桂芳",
    "尹素琴",
    "孟宪芝",
    "齐广田",
    "姚桂香",
    "卢守义",
    "郝淑兰",
    "苗德顺",
    "冯月娥",
    "常玉莲",
    "白占元",
    "魏素芬",
    "巩长林",
    "裴秀云",
    "庞振国",
    "秦淑珍",
    "翟凤英",
    "穆德海",
    "栾桂珍",
    "祁长山",
    "窦玉梅",
    "关承业",
    "于桂芬",
    "简维贤",
    "沙玉芝",
    "商福生",
    "段延寿",
    "单玉兰",
    "曲长海",
)
MEN = frozenset(["邓秋生", "沈国华", "卢守义", "白占元", "庞振国", "穆德海", "曲长海", "商福生", "关承业"])

DAY = (
    # recipient, item, start, stop status, caregivers
    ("尹素琴", "CLEAN_HOME", "8:00", "FINISHED", "c1"),
    ("罗玉珍", "BATH_HOME", "9:11", "FINISHED", "c1 c2"),
    ("邓秋生", "CLEAN_HOME", "10:40", "BOUND", "c1"),
    ("沈国华", "ESCORT_CLINIC", "13:30", "BOUND", "c1"),
    ("佟桂芳", "BATH_BED", "16:10", "BOUND", "c1"),
    ("卢守义", "BLOOD_PRESSURE", "8:05", "FINISHED", "c2"),
    ("孟宪芝", "BATH_HOME", "10:45", "BOUND", "c2 c3"),
    ("齐广田", "BLOOD_PRESSURE", "13:20", "BOUND", "c2"),
    ("姚桂香", "CLEAN_HOME", "15:00", "BOUND", "c2"),
    ("郝淑兰", "CLEAN_HOME", "8:30", "FINISHED", "c3"),
    ("苗德顺", "CLEAN_HOME", "16:00", "BOUND", "c3"),
    ("常玉莲", "CLEAN_HOME", "8:00", "FINISHED", "c4"),
    ("白占元", "CLEAN_HOME", "9:55", "STARTED", "c4"),
    ("魏素芬", "CLEAN_HOME", "13:00", "BOUND", "c4"),
    ("巩长林", "CLEAN_HOME", "15:00", "BOUND", "c4"),
    ("裴秀云", "BATH_BED", "8:10", "FINISHED", "c5"),
    ("庞振国", "BATH_BED", "9:40", "STARTED", "c5"),
    ("秦淑珍", "BLOOD_PRESSURE", "11:00", "BOUND", "c5"),
    ("翟凤英", "BATH_BED", "14:10", "BOUND", "c5"),
    ("穆德海", "ESCORT_CLINIC", "8:00", "STARTED", "c6"),
    ("栾桂珍", "ESCORT_CLINIC", "13:40", "BOUND", "c6"),
    ("祁长山", "MEAL_LUNCH", "10:50", "BOUND", "c7"),
    ("窦玉梅", "CLEAN_HOME", "8:22", "STARTED", "c8"),
    ("关承业", "CLEAN_HOME", "9:50", "STARTED", "c8"),
    ("于桂芬", "CLEAN_HOME", "13:10", "BOUND", "c8"),
    ("简维贤", "BLOOD_PRESSURE", "14:50", "BOUND", "c8"),
    ("沙玉芝", "BLOOD_PRESSURE", "10:00", "BOUND", "c9"),
    ("商福生", "CLEAN_HOME", "11:00", "DEPARTED", "c9"),
    ("段延寿", "CLEAN_HOME", "14:00", "BOUND", "c9"),
)
HOUSE_NUMBERS = (
    "石榴巷 14 号 2 单元 302",
    "槐树里 2 号",
    "区医院旁 7 号楼 101",
    "望湖路 61 号",
    "柳堤路 33 号",
)
