"""Sentences of what a choice was weighed by: the interval, who is known, who is moved, the ways out.

Read by `schemas.reasons`.
"""

WEIGHED: dict[str, tuple[str, str]] = {
    # how an interval was found
    "TOLD_AS_SEEN": (
        "按同类 {seen} 次实际上门：九成在计划前 {early_s:min} 分钟到后 {late_s:min} 分钟之间开始",
        "of {seen} visits like it nine in ten began from {early_s:min} min before to {late_s:min} min after",
    ),
    "TOLD_AT_LIMIT": (
        "按同类 {seen} 次实际上门要前 {early_s:min}、后 {late_s:min} 分钟，已按本市上限截短",
        "of {seen} like it {early_s:min} min before to {late_s:min} min after; cut to the city's limit",
    ),
    "TOLD_AT_LEAST": (
        "同类 {seen} 次实际上门都很准时，按最短的一段告知",
        "{seen} visits like it were on time; the shortest interval is told",
    ),
    # who is known there
    "CAME_OF_LATE": (
        "{caregiver_id:name}近 14 天来过 {times} 次（共 {visits} 次、{caregivers} 人）",
        "{caregiver_id:name} came {times}× in 14 days (of {visits}, by {caregivers} caregivers)",
    ),
    "NOT_OF_LATE": (
        "{caregiver_id:name}近 14 天没来过（共 {visits} 次、{caregivers} 人）",
        "{caregiver_id:name} did not come in 14 days ({visits} visits, {caregivers} caregivers)",
    ),
    # who is moved
    "MOVES_NOBODY": ("不用挪动别人", "nobody else is moved"),
    "MOVES_VISIT": (
        "{visit_id:name}那一单晚 {later_s:min} 分钟，还在说好的时间内，余 {left_s:min} 分钟",
        "the visit of {visit_id:name} starts {later_s:min} min later, within its promise by {left_s:min} min",
    ),
    "MOVES_UNTOLD": (
        "{visit_id:name}那一单晚 {later_s:min} 分钟，还没有说好时间",
        "the visit of {visit_id:name} starts {later_s:min} min later; nothing was promised there",
    ),
    "MOVES_OTHERS": (
        "别的 {count} 单最多晚 {later_s:min} 分钟，不误说好的时间",
        "{count} other visits start up to {later_s:min} min later; no promise is broken",
    ),
    # how a meal comes to the door
    "FETCHED_ALONE": (
        "单独去食堂取，{left_s:clock} 离开食堂",
        "fetched by itself, leaving the kitchen at {left_s:clock}",
    ),
    "FETCHED_WITH": (
        "和别的 {others} 份餐一趟送，{left_s:clock} 离开食堂",
        "fetched with {others} other portions, leaving the kitchen at {left_s:clock}",
    ),
    # who could be at an emergency, and what it takes
    "ARRIVES_IN": ("路上 {travel_s:min} 分钟", "{travel_s:min} min of travel"),
    "LOSES_VISIT": ("{visit_id:name}那一单要改派", "the visit of {visit_id:name} needs a new home"),
    # why not, without figures: for a count, or where the figure stands with each name
    "BARE_ARRIVES_LATE": ("赶不到", "too far"),
    "BARE_BREAKS_PROMISE": ("误别的单", "would delay others"),
    "BARE_SHIFT_ENDS": ("要下班", "shift ends"),
    "BARE_BREAK_DUE": ("误休息", "would delay a break"),
    "BARE_STALE": ("送到要凉", "meals would be cold"),
    "BARE_CERTIFICATE_EXPIRED": ("证件到期", "certificate lapsed"),
    "BARE_COSTS_MORE": ("走得更远", "farther away"),
    # what could be given up
    "WAY_LATER": ("晚 {shift_s:min} 分钟", "{shift_s:min} min later"),
    "WAY_EARLIER": ("早 {shift_s:min} 分钟", "{shift_s:min} min earlier"),
    "WAY_PROVIDER": ("换一家服务组织", "another provider"),
    "WAY_GENDER": ("男女都可以", "any gender"),
    "WAY_ONE_CAREGIVER": ("只来一个人", "one person alone"),
    "WAY_NEIGHBOUR_AREA": (
        "问问邻近片区，那边有没有人要问了才知道",
        "ask a neighbouring area; whether it has somebody is not known here",
    ),
}
