/* What the page says, in the caregiver's language. {x} is filled in. */
const WORDS = {
  zh: {
    head: "{name}，今天 {all} 家，做完 {done} 家", headNone: "{name}，今天没有排单",
    synced: "全部已上传", sending: "正在上传 {n}", kept: "已保存 · 待上传 {n}", noNet: "没有网络",
    notTaken: "有 {n} 条没被收下", uploaded: "已上传",
    offers: "{n} 个邀约等您答复", accept: "接受", acceptCase: "马上去", decline: "推辞", left: "还剩 {t}",
    leftNone: "时间到了，看看还在不在", undelivered: "收到后开始计时",
    declineWhy: "为什么推辞", ILL: "身体不舒服", TOO_FAR: "太远", BUSY: "走不开", OTHER: "其他原因",
    depart: "出发", arrive: "我到了", finish: "做完了", straight: "已经到了",
    crew2: "两人", crew3: "三人", arriveAt: "{span} 到", startAt: "{time} 开始", age: "{n} 岁",
    travel: "路上 {n} 分钟", meet: "{time} 在楼下等{name}", pay: "{yuan} 元",
    rest: "后面 {n} 家", earlier: "做完的", none: "今天没有要去的", noneLine: "有新邀约会马上显示在这里",
    allDone: "今天的都做完了", firstTime: "第一次打开要有网络，接上后就能离线用",
    today: "今天", tomorrow: "明天", shifts: "班次", income: "收入", menu: "页面",
    stepTaken: "接单", stepWent: "出发", stepThere: "我到了", stepDone: "做完了",
    stepWentAt: "出发 {t}", stepThereAt: "到了 {t}", stepDoneAt: "做完 {t}",
    doneAt: "做完了 {t}", obstructed: "没能服务", cancelled: "已取消", missed: "记为未服务", going: "在路上", serving: "在做",
    paid: "已核实", held: "待人核实", waiting: "待核实",
    navigate: "导航", callHim: "打给他", callHer: "打给她", together: "一起", wentThere: "去程", comesBack: "回程", note: "留言", key: "钥匙", tags: "情况",
    fetch: "先到{kitchen}取 {n} 份餐，{t} 前从食堂出发", fetchShort: "先取餐：{kitchen}，{n} 份", aKitchen: "食堂", callKitchen: "打给食堂", toKitchen: "去食堂",
    tripThere: "送到{goal}", tripBack: "从{goal}接回家：{home}", goalGone: "目的地（问话务台）",
    income1: "收入", incomeLine: "{yuan} 元，核实后付", incomeFull: "{yuan} 元，做满 {n} 分钟，核实后付",
    partnerOn: { BOUND: "已接单", DEPARTED: "在路上", STARTED: "已到", FINISHED: "做完了", OFFERED: "还没答复", PLANNED: "还没答复", OBSTRUCTED: "没能服务" },
    cannot: "今天做不了", cannotWhy: "为什么做不了", NOBODY_HOME: "没人应门", REFUSED: "对方不要", UNFIT: "身体不适合做",
    WRONG_ADDRESS: "地址不对", UNSAFE: "不安全", help: "我需要帮助", helpHead: "打电话给谁", office: "服务组织 {name}", hotline: "12349 话务台",
    back: "返回", close: "不选了", already: "已经做了", minutes: "{m} 分", hours: "{h} 小时 {m} 分",
    since: "从 {t} 起", sinceFull: "从 {t} 起，满 {n} 分钟，可以做完", sinceShort: "从 {t} 起，做满 {n} 分钟还差 {d} 分",
    onPhone: "在手机里", received: "已收到", refusedOne: "没被收下", p_departed: "出发", p_in: "我到了", p_out: "做完了", p_obstructed: "今天做不了",
    p_accept: "接受", p_decline: "推辞", position: "定位误差 {n} 米", noPosition: "没有定位，照样算数", locating: "正在定位",
    offlineNote: "照常做就好。有网会自己传，时间按您点的那一刻算；关机也不丢。", next: "下一家 {name}",
    noted: "记下了，{t}", undo: "撤回", understood: "知道了",
    noTomorrow: "明天还没有排单", noTomorrowLine: "今晚排好会显示在这里", noShifts: "这两周没有班次", noShiftsLine: "班次由服务组织发布",
    breakLine: "休息 {n} 分钟，{span} 之间", monthSum: "{m} 月收入", monthLine: "{n} 家：已核实 {paid} 元，待核实 {wait} 元",
    noIncome: "还没有做完的", noIncomeLine: "做完一家就会记在这里", gone: "这单已经不在您这里", goneLine: "可能改派了。看看今天的安排。",
    weekdays: "一二三四五六日", date: "{month} 月 {day} 日 周{w}", unsaved: "没有存进手机，请再按一次", unsavedEn: "Not stored on the phone; press again (NOT_STORED)",
  },
  en: {
    head: "{name}: {all} visits today, {done} done", headNone: "{name}: no visits today",
    synced: "All uploaded", sending: "Uploading {n}", kept: "Saved · {n} to upload", noNet: "No network",
    notTaken: "{n} not accepted", uploaded: "Uploaded",
    offers: "Offers to answer: {n}", accept: "Accept", acceptCase: "Go now", decline: "Decline", left: "{t} left",
    leftNone: "Time is up; it may be gone", undelivered: "The clock starts on receipt",
    declineWhy: "Why decline?", ILL: "I am ill", TOO_FAR: "Too far", BUSY: "Cannot get away", OTHER: "Another reason",
    depart: "Set out", arrive: "I am here", finish: "Done", straight: "Already there",
    crew2: "crew of 2", crew3: "crew of 3", arriveAt: "Arrive {span}", startAt: "Starts {time}", age: "{n}",
    travel: "{n} min on the way", meet: "Meet {name} downstairs at {time}", pay: "{yuan} yuan",
    rest: "{n} more", earlier: "Done", none: "Nothing to go to today", noneLine: "A new offer shows here at once",
    allDone: "All done for today", firstTime: "The first time needs a network; after that it works without",
    today: "Today", tomorrow: "Tomorrow", shifts: "Shifts", income: "Income", menu: "Pages",
    stepTaken: "Accepted", stepWent: "Set out", stepThere: "Arrived", stepDone: "Done",
    stepWentAt: "Left {t}", stepThereAt: "Here {t}", stepDoneAt: "Done {t}",
    doneAt: "Done {t}", obstructed: "Could not serve", cancelled: "Cancelled", missed: "Recorded as missed", going: "On the way", serving: "Serving",
    paid: "Verified", held: "Being checked", waiting: "To be verified",
    navigate: "Directions", callHim: "Call him", callHer: "Call her", together: "With", wentThere: "There with", comesBack: "Back with", note: "Note", key: "Key", tags: "About",
    fetch: "First fetch {n} portion(s) at {kitchen}; leave there by {t}", fetchShort: "First {kitchen}, {n} portion(s)", aKitchen: "the kitchen", callKitchen: "Call the kitchen", toKitchen: "To the kitchen",
    tripThere: "Take to {goal}", tripBack: "Bring home from {goal}: {home}", goalGone: "the destination (ask the hotline)",
    income1: "Pay", incomeLine: "{yuan} yuan, after checking", incomeFull: "{yuan} yuan for {n} min, after checking",
    partnerOn: { BOUND: "accepted", DEPARTED: "on the way", STARTED: "there", FINISHED: "done", OFFERED: "not answered yet", PLANNED: "not answered yet", OBSTRUCTED: "could not serve" },
    cannot: "Cannot serve", cannotWhy: "Why not?", NOBODY_HOME: "Nobody opens", REFUSED: "They do not want it", UNFIT: "Not fit for it today",
    WRONG_ADDRESS: "Wrong address", UNSAFE: "Not safe", help: "I need help", helpHead: "Whom to call", office: "Office: {name}", hotline: "12349 hotline",
    back: "Back", close: "Leave it", already: "Time so far", minutes: "{m} min", hours: "{h} h {m} min",
    since: "Since {t}", sinceFull: "Since {t}; {n} min reached, you may finish", sinceShort: "Since {t}; {d} min short of {n}",
    onPhone: "On the phone", received: "Received", refusedOne: "Not accepted", p_departed: "Set out", p_in: "I am here", p_out: "Done", p_obstructed: "Cannot serve",
    p_accept: "Accept", p_decline: "Decline", position: "position within {n} m", noPosition: "no position, it still counts", locating: "finding position",
    offlineNote: "Carry on. It uploads by itself when there is a network, with the time you pressed, even after a restart.", next: "Next: {name}",
    noted: "Noted, {t}", undo: "Undo", understood: "I see",
    noTomorrow: "Nothing planned for tomorrow yet", noTomorrowLine: "Tonight's plan will show here", noShifts: "No shifts in these two weeks", noShiftsLine: "Your provider publishes them",
    breakLine: "Break {n} min, {span}", monthSum: "Income, month {m}", monthLine: "{n} visits: {paid} verified, {wait} to be verified (yuan)",
    noIncome: "Nothing done yet", noIncomeLine: "Each finished visit is listed here", gone: "This visit is no longer yours", goneLine: "It may have been given to another. See today.",
    weekdays: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], date: "{w} {day} {month}", unsaved: "没有存进手机，请再按一次", unsavedEn: "Not stored on the phone; press again (NOT_STORED)",
  },
};
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

export const language = document.documentElement.lang.startsWith("en") ? "en" : "zh";

export function t(name, filled = {}) {
  const template = WORDS[language][name];
  if (typeof template !== "string") return template ?? name;
  return template.replace(/\{(\w+)\}/g, (_, key) => filled[key] ?? "");
}

export function itemName(visit) {
  return visit[`item_${language}`];
}

const HELPS = {
  zh: { MEAL: "助餐", BATHING: "助浴", CLEANING: "助洁", MOBILITY: "助行", MEDICAL: "助医", EMERGENCY: "助急", CARE: "护理", VISITING: "探访", COMFORT: "精神慰藉", HOUSEHOLD: "便民维修" },
  en: { MEAL: "Meal", BATHING: "Bathing", CLEANING: "Cleaning", MOBILITY: "Mobility", MEDICAL: "Medical", EMERGENCY: "Emergency", CARE: "Care", VISITING: "Visiting", COMFORT: "Comfort", HOUSEHOLD: "Household" },
};

export function helpName(help) {
  return HELPS[language][help] ?? help;
}

export function dateLine(there) {
  const month = language === "zh" ? there.month : MONTHS[there.month - 1];
  return t("date", { month, day: there.day, w: t("weekdays")[there.weekday] });
}
