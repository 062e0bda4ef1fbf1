"""Every process of the line and every page, in one table: what `up` starts and what it prints."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Process:
    """One process of the line: `liuzhu ARGUMENTS`. `env` is put over the environment it inherits."""

    name: str
    arguments: tuple[str, ...]
    zh: str
    en: str
    env: tuple[tuple[str, str], ...] = ()


FIRST = (
    Process("serve", ("serve",), "网页", "web pages"),
    Process("desk-1", ("desk",), "派单台", "desk", (("LIUZHU_DESK_ID", "1"),)),
    Process("relay", ("relay",), "转发", "relay"),
    Process("clock", ("clock",), "城市时钟", "clock"),
)
"""What a caller's answer needs; the others start once the first page opens, so as not to hold it up."""

THEN = (
    Process("plans", ("speak", "plans"), "服务计划", "care plans"),
    Process("rosters", ("speak", "rosters"), "排班表", "rosters"),
    Process("records", ("consume", "records"), "服务记录", "records"),
    Process("ledger", ("consume", "ledger"), "账簿", "ledger"),
    Process("notices", ("consume", "notices"), "通知", "notices"),
    Process("wallboard", ("consume", "wallboard"), "大屏统计", "wallboard"),
)
LINE = (*FIRST, *THEN)
PLANNER = Process("planner-1", ("planner",), "排班优化", "planner", (("LIUZHU_PLANNER_ID", "1"),))
TOWN = Process("simulate", ("simulate",), "模拟城镇", "simulated town")


def another_desk(number: int) -> Process:
    """A desk beside the first."""
    env = (("LIUZHU_DESK_ID", str(number)),)
    return Process(f"desk-{number}", ("desk",), "派单台", "desk", env)


def another_planner(number: int) -> Process:
    """A planner beside the first."""
    env = (("LIUZHU_PLANNER_ID", str(number)),)
    return Process(f"planner-{number}", ("planner",), "排班优化", "planner", env)


@dataclass(frozen=True)
class Page:
    """One page a person opens, below the address of the pages."""

    path: str
    zh: str
    en: str


PAGES = (
    Page("/console", "话务台（坐席）", "hotline console"),
    Page("/caregiver", "服务人员手机页", "caregiver's phone page"),
    Page("/provider", "服务组织", "provider's office"),
    Page("/finance", "财务", "finance"),
    Page("/wallboard", "大屏", "wallboard"),
)

TRY = (
    (
        "在话务台按拼音首字母找一位老人，约一次助浴，看谁来、何时到、为什么。",
        "On the console, find a recipient by pinyin initials, book a bath, see who comes, when, and why.",
    ),
    (
        "打开服务人员手机页，接受、出发、我到了、做完了；再到财务页看由谁支付。",
        "On the caregiver's page accept, go, check in, check out; then see in finance who pays.",
    ),
)
