"""Reasons as sentences, Chinese first. A code that lacks either language fails the tests.

A template names numbers and refs of the `Reason`; a format says how a number is read:
`{late_s:min}` minutes rounded up, `{amount_fen:yuan}` yuan with two decimals, `{start_s:when}` or
`{start_s:clock}` a moment given in seconds since 1970, `{count}` as it is.
Refs (`{caregiver_id:name}`) are looked up in the names the page hands in, and stay ids where there is none;
`{why:reason}` is the sentence of the code in ref `why`.
"""

import string
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from schemas.base import Reason
from schemas.reasons_notices import NOTICES
from schemas.reasons_plan import OF_PLANS
from schemas.reasons_weighed import WEIGHED

Language = Literal["zh", "en"]
_ZONE = ZoneInfo("Asia/Shanghai")

SENTENCES: dict[str, tuple[str, str]] = {
    **OF_PLANS,
    # reading a message
    "BODY_MISSING": ("消息没有内容；请重新发送", "The message has no body; send it again"),
    "BODY_TOO_LARGE": ("内容超过 256 KB；请缩短后重发", "The body exceeds 256 kB; shorten it and send again"),
    "TYPE_UNKNOWN": ("不认识这种事实；请核对 ce_type", "This kind of fact is unknown; check ce_type"),
    "FACT_TOO_NEW": (
        "事实的版本比本机新；请先升级派单台",
        "The fact is of a newer version; upgrade the desk first",
    ),
    "NOT_JSON": ("内容不是 JSON；请检查发送方", "The body is not JSON; check the sender"),
    "FIELD_UNKNOWN": ("有不认识的字段；请按公布的格式填写", "A field is unknown; use the published schema"),
    "FIELD_WRONG": ("有字段不合规定；请按提示改正", "A field is not valid; correct it as shown"),
    "FEN_NOT_WHOLE": (
        "金额须是不小于 0 的整数分；请改正",
        "Money must be whole fen, zero or more; correct it",
    ),
    "POSITION_IMPOSSIBLE": (
        "经纬度超出范围，可能填反了；请核对",
        "Latitude or longitude is out of range, perhaps swapped",
    ),
    "POSITION_SWAPPED": ("经度和纬度填反了；请对调", "Latitude and longitude are swapped; exchange them"),
    "POSITION_OUTSIDE": (
        "位置不在本片区内；请核对地址",
        "The position lies outside the area; check the address",
    ),
    "HEADER_MISMATCH": ("消息头和内容不一致；请重新发送", "Headers and body differ; send it again"),
    "SEAL_MISSING": (
        "个人信息没有加封；请由登记程序发送",
        "Personal details are not sealed; use the register",
    ),
    "SEAL_BROKEN": (
        "加封内容打不开；请重新登记此人",
        "The sealed part does not open; enrol the person again",
    ),
    "FACT_ID_REUSED": (
        "同一编号发过不同内容；请用新编号重发",
        "The same id was used with other content; use a new id",
    ),
    "DECIDE_FAILED": (
        "这条没能处理，已留存；请话务员人工处理",
        "This could not be decided and is kept; handle it by hand",
    ),
    "BLOB_MISSING": (
        "所引用的数据表没有存好；请先存好再重发",
        "The table it refers to is not stored; store it first and send again",
    ),
    "AREA_UNKNOWN": ("没有这个片区；请先开通或改正", "The area is unknown; open it first or correct it"),
    "AREA_NOT_OPEN": (
        "片区还没有开通；请先发布片区设置",
        "The area is not open yet; publish its settings first",
    ),
    # unknown or contradictory things
    "RECIPIENT_UNKNOWN": ("没有这位服务对象；请先登记", "The recipient is unknown; enrol them first"),
    "RECIPIENT_FORGOTTEN": (
        "此人的资料已按要求删除；请重新登记",
        "This person's details were erased; enrol them again",
    ),
    "RECIPIENT_INACTIVE": (
        "服务对象已停用；请先恢复登记",
        "The recipient is not active; restore the enrolment",
    ),
    "PROVIDER_UNKNOWN": ("没有这家服务组织；请先登记", "The provider is unknown; enrol it first"),
    "CAREGIVER_UNKNOWN": ("没有这位服务人员；请先登记", "The caregiver is unknown; enrol them first"),
    "ITEM_UNKNOWN": ("价目里没有这个项目；请另选项目", "The item is not in the tariff; choose another"),
    "DESTINATION_MISSING": (
        "没有说明陪同去哪里；请补充目的地",
        "Where the escort leads is not said; name the destination",
    ),
    "TARIFF_MISSING": ("当天没有有效价目；请先发布价目", "No tariff holds on that day; publish one first"),
    "PROGRAMME_UNKNOWN": ("没有这个补贴项目；请先发布", "The programme is unknown; publish it first"),
    "CLASS_UNKNOWN": ("补贴项目没有这个档次；请核对", "The programme has no such class; check it"),
    "REQUEST_UNKNOWN": ("没有这个请求；请核对编号", "The request is unknown; check its id"),
    "REQUEST_REPEATED": ("这个请求已经登记过；不用再发", "The request was already made; nothing to do"),
    "REQUEST_CLOSED": ("这个请求已经结束；请另建请求", "The request is over; make a new one"),
    "OFFER_UNKNOWN": ("没有这个邀约；请刷新后再看", "The offer is unknown; look again"),
    "OFFER_CLOSED": ("邀约已经结束；请看最新安排", "The offer is over; see the present plan"),
    "VISIT_UNKNOWN": ("没有这个服务单；请核对编号", "The visit is unknown; check its id"),
    "VISIT_CLOSED": ("服务单已经结束；不能再改", "The visit is over and can no longer change"),
    "VISIT_STARTED": ("服务已经开始；请等做完再改", "The service has begun; wait until it is done"),
    "NOT_THEIR_VISIT": ("这单不是派给此人的；请核对", "The visit is not this caregiver's; check it"),
    "CASE_UNKNOWN": ("没有这个急救单；请核对编号", "The case is unknown; check its id"),
    "CASE_OVER": ("急救单已经关闭", "The case is closed"),
    "CALLBACK_UNKNOWN": ("没有这个回访；请刷新后再看", "The call-back is unknown; look again"),
    "WINDOW_REVERSED": ("结束时间早于开始；请改正时段", "The window ends before it starts; correct it"),
    "WINDOW_PAST": ("时段已经过去；请选以后的时间", "The window has passed; choose a later time"),
    "WINDOW_TOO_FAR": (
        "时段太远；请选 {days} 天以内",
        "The window is too far ahead; choose within {days} days",
    ),
    "SHIFT_OVERLAPS": ("和已有班次重叠；请改时间", "The shift overlaps another; change its times"),
    # why not this caregiver
    "NOT_ACTIVE": ("已停派", "not active"),
    "NO_SHIFT": ("那时不当班", "not on shift then"),
    "SKILL_MISSING": ("没有这项技能", "lacks the skill"),
    "CERTIFICATE_MISSING": ("没有要求的证件", "lacks the certificate"),
    "CERTIFICATE_EXPIRED": ("证件 {days} 天前到期", "the certificate expired {days} days before"),
    "GENDER_ASKED": ("服务对象对性别有要求", "the recipient asks for another gender"),
    "BARRED": ("双方约定不派", "not to be sent to this recipient"),
    "OTHER_PROVIDER": ("不是签约的服务组织", "not of the recipient's provider"),
    "ARRIVES_LATE": ("赶不到，晚 {late_s:min} 分钟", "would arrive {late_s:min} min late"),
    "BREAKS_PROMISE": ("会误后面的单 {late_s:min} 分钟", "would make a later visit {late_s:min} min late"),
    "SHIFT_ENDS": ("做不完就下班，超 {late_s:min} 分钟", "the shift ends {late_s:min} min too early"),
    "WEEK_FULL": ("本周工时已满", "has no hours left this week"),
    "BOX_SMALL": ("餐箱装不下", "the box is too small for it"),
    "STALE": ("送到要凉，多 {late_s:min} 分钟", "a meal would be {late_s:min} min too long on the way"),
    "BUSY_WITH_CASE": ("正在助急", "is helping in an emergency"),
    "IN_SERVICE": ("正在服务，不能中断", "is serving and cannot be interrupted"),
    "DECLINED_BEFORE": ("这单已经推辞过", "has declined this visit"),
    "LAPSED_BEFORE": ("这单没有及时答复", "did not answer this offer in time"),
    "NO_PARTNER": ("没有能一起去的第二人", "no second caregiver can join"),
    "COSTS_MORE": ("比选中的多走 {more_s:min} 分钟", "costs {more_s:min} min more than those chosen"),
    "POSITION_UNKNOWN": ("不知道位置", "position unknown"),
    # why this caregiver
    "KNOWN_CAREGIVER": ("常去的熟人", "the usual caregiver"),
    "CHEAPEST_DETOUR": ("顺路，多走 {travel_s:min} 分钟", "on the way, {travel_s:min} min more travel"),
    "ASKED_FOR": ("服务对象点名要的", "asked for by the recipient"),
    "PLAN_BETTER": ("排班优化后省 {saved_s:min} 分钟", "the day's plan saves {saved_s:min} min"),
    "PLAN_WAIT_OVER": ("等排班已到时限，按插入的安排", "the wait for a plan is over; the insertion stands"),
    "START_NEAR": ("马上要去，先按插入派出", "the start is near; sent from the insertion"),
    "NEAREST": ("最近，{travel_s:min} 分钟到", "the nearest, {travel_s:min} min away"),
    "ROOM_MADE": ("给别人腾出时间，另作安排", "moved so that somebody else can be served too"),
    "ROOM_FOUND": ("挪动一单后排得上", "fits now that another visit was moved"),
    "NOBODY_CAN": ("这个时段没有人能去", "nobody can come in this window"),
    "CHOICE_IMPOSSIBLE": ("点名的人去不了，已换人", "the caregiver asked for cannot come; another was found"),
    # changes
    "NOT_WANTED": ("服务对象不要了", "the recipient no longer wants it"),
    "MOVED": ("服务对象改了时间", "the recipient changed the time"),
    "DECLINED": ("服务人员推辞", "the caregiver declined"),
    "LAPSED": ("没有及时答复", "no answer in time"),
    "NOT_DELIVERED": ("手机没收到，转给服务组织", "the phone was not reached; the provider answers"),
    "NOBODY_LEFT": ("没有别的人可派，请人工安排", "nobody else can be sent; arrange it by hand"),
    "PROMISE_CHANGED": (
        "说好的时间变了，请告诉服务对象",
        "what was promised has changed; tell the recipient",
    ),
    "PLAN_ADOPTED": ("按新排班换人", "changed by the day's plan"),
    "SHIFT_WITHDRAWN": ("班次取消", "the shift was withdrawn"),
    "CAREGIVER_GONE": ("服务人员停派", "the caregiver is no longer active"),
    "PRE_EMPTED": ("临时抽调去助急", "taken for an emergency"),
    "PLAN_CHANGED": ("安排有变化", "the plan has changed"),
    "NEW_REQUEST": ("有新请求", "a new request"),
    "PERSON_FORGOTTEN": ("此人要求删除资料", "the person asked to be forgotten"),
    # evidence
    "POSITION_NEAR": ("签到位置离家 {distance_m} 米", "checked in {distance_m} m from home"),
    "POSITION_FAR": ("签到位置离家 {distance_m} 米，太远", "checked in {distance_m} m from home: too far"),
    "POSITION_MISSING": ("没有位置", "no position"),
    "POSITION_MOCKED": ("位置是模拟的", "the position was mocked"),
    "POSITION_INEXACT": (
        "位置误差 {accuracy_m} 米，太大",
        "the position is {accuracy_m} m inexact: too much",
    ),
    "OTHER_PROOF": ("用别的方式核实", "proven in another way"),
    "SERVICE_SHORT": ("少做 {short_s:min} 分钟", "{short_s:min} min shorter than asked"),
    "CHECK_IN_MISSING": ("没有签到", "no check-in"),
    "CHECK_OUT_MISSING": ("没有签退", "no check-out"),
    "OUT_BEFORE_IN": ("签退早于签到", "checked out before checking in"),
    "UPLOADED_LATE": ("晚 {late_s:min} 分钟上传", "uploaded {late_s:min} min late"),
    "CREW_INCOMPLETE": ("两人只到了 {came} 人", "only {came} of the crew came"),
    "CREW_APART": ("两人开始相差 {apart_s:min} 分钟", "the crew started {apart_s:min} min apart"),
    "CLOCK_IN_FUTURE": ("手机时间超前 {ahead_s:min} 分钟", "the phone's time is {ahead_s:min} min ahead"),
    "OBSTRUCTED": ("到门口但没能服务", "at the door but could not serve"),
    "REPORTED_MISSED": ("服务对象说没人来", "the recipient says nobody came"),
    "UPLOAD_LIMIT": ("过了 {hours} 小时还没有记录", "no record after {hours} hours"),
    # money
    "PRICE": ("价目 {price_fen:yuan} 元", "list price {price_fen:yuan} yuan"),
    "PRICE_CUT_SHORT": (
        "时长不足，按 {billed_s:min} 分钟计 {price_fen:yuan} 元",
        "short service, {billed_s:min} min: {price_fen:yuan} yuan",
    ),
    "QUOTA_PAYS": (
        "补贴付 {amount_fen:yuan} 元，额度还剩 {left_quota_fen:yuan} 元",
        "subsidy pays {amount_fen:yuan} yuan, {left_quota_fen:yuan} left of the quota",
    ),
    "QUOTA_EMPTY": ("本月额度用完", "this month's quota is used up"),
    "NOT_ENTITLED": ("没有补贴资格", "no entitlement"),
    "HELP_NOT_COVERED": ("补贴不含这项", "the programme does not cover this help"),
    "SELF_PAYS": ("自己付 {amount_fen:yuan} 元", "the recipient pays {amount_fen:yuan} yuan"),
    # emergency
    "ALARM_AT_ONCE": ("立即派人", "help goes at once"),
    "ALARM_CALL_BACK": ("先回拨确认", "call back first"),
    "NO_RESPONDER": ("没有能派的人，请话务员处理", "nobody can be sent; the operator must act"),
    "NO_ANSWER": ("回拨没人接，按真警处理", "no answer to the call back; treated as real"),
    "UNKNOWN_PERSON": ("不知道是谁、在哪里，请话务员问清", "who and where is unknown; the operator must ask"),
    # pages
    "HOST_NOT_LOCAL": (
        "页面只在本机地址上提供；请用 127.0.0.1 打开",
        "Pages are served on the loopback address only; open 127.0.0.1",
    ),
    "ORIGIN_FOREIGN": (
        "这个请求来自别的网站，没有受理；请从本页操作",
        "The request came from another site and was refused; use this page",
    ),
    "REQUEST_TOO_LARGE": ("提交的内容超过 512 KB；请缩短后再提交", "More than 512 kB was sent; shorten it"),
    "PAGE_UNKNOWN": ("没有这个页面；请从首页进入", "There is no such page; start from the first page"),
    "METHOD_WRONG": (
        "这个地址不接受这种请求；请从页面操作",
        "This address takes no such request; use a page",
    ),
    "FORM_WRONG": ("有一栏没填或填得不对；请按提示改正", "A field is missing or not valid; correct it"),
    "STORE_AWAY": (
        "数据库没有应答，您填的都还在；急事请用电话派人",
        "The database does not answer, what you filled in is kept; in need, send help by telephone",
    ),
    "LINE_AWAY": (
        "没有存进去，您填的都还在；请过几秒再按一次",
        "It was not stored, what you filled in is kept; press again in a few seconds",
    ),
    "PAGE_FAILED": (
        "这一页出了错，您填的都还在；请再试一次，仍不行请告诉值班长",
        "This page failed, what you filled in is kept; try again, then tell the shift lead",
    ),
    "WINDOW_UNREAD": (
        "看不懂这个时段；例如 mz9 是明早 9 点，jx 是今天下午",
        "This window cannot be read; mz9 is tomorrow 9 am, jx this afternoon",
    ),
    "WHO_UNKNOWN": ("先选您是谁；请到首页选身份", "Say who you are first; choose on the first page"),
    # caregivers' reasons for declining
    "ILL": ("身体不舒服", "ill"),
    "TOO_FAR": ("太远", "too far"),
    "BUSY": ("走不开", "cannot get away"),
    "OTHER": ("其他原因", "another reason"),
    # more of the desk's
    "BREAK_DUE": ("会误休息 {late_s:min} 分钟", "would delay a break by {late_s:min} min"),
    "COMPLAINT": ("服务对象不满意，请回访", "the recipient is not content; please call"),
    "TABLE_MISSING": ("没有存好的路程表；请重新发布", "The stored travel table is missing; publish it again"),
    "NOT_DUE_YET": ("还没到上门时间；到时再报", "The visit is not due yet; say it when it is"),
    "CALL_OVERDUE": ("回访过了时限还没打", "an owed call was not made in time"),
    "MEAL_COLD": (
        "前一家做得久，餐送到要凉，请告诉服务对象",
        "the visit before runs over; the meal would be cold; tell the recipient",
    ),
    "RUNS_LATE": ("前一家做得久，赶不上说好的时间", "the visit before runs over; the promise cannot be kept"),
    "PLAN_KEEPS": ("排班优化后仍是原来的安排", "the day's plan keeps the arrangement"),
    "NOBODY_FREE": ("那时没有人手", "nobody is free then"),
    "SAME_CAREGIVER_TWICE": ("两人的单不能派同一个人；请另选一人", "A crew needs two people; choose another"),
    "END_TO_COME": ("结束时间还没到；请填已经过去的时间", "That time is still to come; give a past one"),
    "SHIFT_UNKNOWN": ("没有这个班次；请刷新后再看", "The shift is unknown; look again"),
    "BREAK_OUTSIDE": ("休息不在班次里；请改休息开始的时间", "The break lies outside the shift; change it"),
    "LETTER_UNKNOWN": ("没有这件消息；请刷新后再看", "There is no such dead letter; look again"),
    **NOTICES,
    **WEIGHED,
}


class _Reader(string.Formatter):
    def __init__(self, names: Mapping[str, str], language: Language, reason: Reason) -> None:
        self.names = names
        self.language = language
        self.reason = reason

    def told(self, code: str) -> str:
        """The sentence of another code with the same numbers; the code where there is none."""
        if code not in SENTENCES or code.startswith("NOTICE_"):
            return code
        return sentence(self.reason.model_copy(update={"code": code}), self.language, self.names)

    def get_value(self, key: int | str, args: Any, kwargs: Any) -> Any:
        return kwargs.get(key, "?")

    def format_field(self, value: Any, format_spec: str) -> str:
        if value == "?":
            return "?"
        if format_spec == "min":
            return str(-(-int(value) // 60))
        if format_spec == "yuan":
            return f"{int(value) / 100:.2f}"
        if format_spec == "when":
            return datetime.fromtimestamp(int(value), _ZONE).strftime("%m-%d %H:%M")
        if format_spec == "clock":
            return datetime.fromtimestamp(int(value), _ZONE).strftime("%H:%M")
        if format_spec == "reason":
            return self.told(str(value))
        if format_spec == "name":
            return self.names.get(str(value), str(value))
        return str(super().format_field(value, format_spec))


def sentence(reason: Reason, language: Language, names: Mapping[str, str] | None = None) -> str:
    """The reason as a sentence. `names` gives names for ids in refs."""
    zh, en = SENTENCES[reason.code]
    template = zh if language == "zh" else en
    return _Reader(names or {}, language, reason).vformat(template, (), {**reason.numbers, **reason.refs})
