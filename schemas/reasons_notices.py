"""Sentences of notices: what the receiver reads or hears. Read by `schemas.reasons`."""

NOTICES: dict[str, tuple[str, str]] = {
    "NOTICE_OFFER": (
        "新邀约：{start_s:when} 到 {recipient_id:name}家，{pay_fen:yuan} 元，请答复",
        "New offer: {start_s:when} at {recipient_id:name}'s, {pay_fen:yuan} yuan; please answer",
    ),
    "NOTICE_OFFER_CASE": (
        "助急：请马上去 {recipient_id:name}家，能去请按接受",
        "Emergency: please go to {recipient_id:name}'s at once; accept if you can",
    ),
    "NOTICE_OFFER_CLERK": (
        "请答复：{caregiver_id:name} {start_s:when} 到 {recipient_id:name}家",
        "Please answer: {caregiver_id:name}, {start_s:when}, at {recipient_id:name}'s",
    ),
    "NOTICE_OFFER_UNREACHED": (
        "{caregiver_id:name}的手机没收到邀约，请代为答复：{start_s:when}，{recipient_id:name}家",
        "{caregiver_id:name}'s phone was not reached; please answer: {start_s:when}, {recipient_id:name}'s",
    ),
    "NOTICE_ASSIGNED": (
        "已排给您：{start_s:when} 到 {recipient_id:name}家，{pay_fen:yuan} 元",
        "Assigned to you: {start_s:when} at {recipient_id:name}'s, {pay_fen:yuan} yuan",
    ),
    "NOTICE_TAKEN_BACK": (
        "{recipient_id:name}家的这单不用去了：{why:reason}",
        "No need to go to {recipient_id:name}'s: {why:reason}",
    ),
    "NOTICE_PROMISE": (
        "{provider_id:name}将在 {from_s:when} 到 {until_s:clock} 之间上门",
        "{provider_id:name} will come between {from_s:when} and {until_s:clock}",
    ),
    "NOTICE_PROMISE_NAMED": (
        "{caregiver_id:name}将在 {from_s:when} 到 {until_s:clock} 之间上门，{provider_id:name}",
        "{caregiver_id:name} of {provider_id:name} will come between {from_s:when} and {until_s:clock}",
    ),
    "NOTICE_PROMISE_CHANGED": (
        "上门时间改为 {from_s:when} 到 {until_s:clock}，{provider_id:name}；话务员会再打电话说明",
        "New time: {from_s:when} to {until_s:clock}, {provider_id:name}; the hotline will call to explain",
    ),
    "NOTICE_CANCELLED": (
        "{start_s:when} 的上门服务已取消：{why:reason}",
        "The visit of {start_s:when} is cancelled: {why:reason}",
    ),
    "NOTICE_BILL": (
        "{start_s:when} 的服务共 {total_fen:yuan} 元，您自己付 {self_fen:yuan} 元",
        "The visit of {start_s:when} costs {total_fen:yuan} yuan; you pay {self_fen:yuan} yuan",
    ),
    "NOTICE_CALL_BACK": (
        "请在 {due_s:clock} 前给 {recipient_id:name}回电话：{why:reason}",
        "Call {recipient_id:name} back before {due_s:clock}: {why:reason}",
    ),
    "NOTICE_ESCALATED": ("要您处理：{why:reason}", "For you to handle: {why:reason}"),
    "NOTICE_CASE": (
        "紧急呼叫：{recipient_id:name}，{why:reason}",
        "Emergency call: {recipient_id:name}, {why:reason}",
    ),
    "NOTICE_CASE_TOLD": (
        "{recipient_id:name}按了紧急呼叫，我们正在派人，请尽快联系或前往",
        "{recipient_id:name} has raised an emergency call; help is being sent, please call or go there",
    ),
    "NOTICE_CASE_ON_WAY": (
        "已派 {caregiver_id:name}去 {recipient_id:name}家，约 {arrive_s:clock} 到",
        "{caregiver_id:name} is on the way to {recipient_id:name}'s, arriving about {arrive_s:clock}",
    ),
    "NOTICE_CASE_CLOSED": (
        "{recipient_id:name}的紧急呼叫已处理完，人平安见到或听到",
        "The emergency of {recipient_id:name} is over; they were seen or heard",
    ),
    "NOTICE_OVERDUE": (
        "{caregiver_id:name} {start_s:clock} 该到 {recipient_id:name}家，还没签到",
        "{caregiver_id:name} was due at {recipient_id:name}'s at {start_s:clock} and has not checked in",
    ),
    "NOTICE_MISSED": (
        "{recipient_id:name}家这单没有去成：{why:reason}",
        "The visit to {recipient_id:name} did not take place: {why:reason}",
    ),
    "NOTICE_EXCEPTION": (
        "{recipient_id:name}家这单付款前要人看：{why:reason}",
        "The visit to {recipient_id:name} needs a look before it is paid: {why:reason}",
    ),
    "NOTICE_OBSTRUCTED": (
        "{caregiver_id:name}到了 {recipient_id:name}家，没能服务，请跟进",
        "{caregiver_id:name} was at {recipient_id:name}'s door and could not serve; please follow up",
    ),
}
