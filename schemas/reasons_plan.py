"""Sentences of plans: why one changes a visit, and why a visit or a caregiver could not be planned."""

OF_PLANS: dict[str, tuple[str, str]] = {
    # why a plan changes a visit
    "GIVEN_A_HOME": ("原来没有人去，现在有人了", "nobody went before; now somebody does"),
    "KEEPS_PROMISE": (
        "照原来的会偏离说好的时间 {saved_s:min} 分钟",
        "as it was, it would have missed its time by {saved_s:min} min",
    ),
    "SAVES_TRAVEL": ("少走 {saved_s:min} 分钟的路", "saves {saved_s:min} min of travel"),
    "LESS_LATE": ("少迟到，合 {saved_s:min} 分钟", "less late, worth {saved_s:min} min"),
    "USUAL_CAREGIVER": (
        "换成常去的人，合 {saved_s:min} 分钟的路",
        "goes to the usual caregiver, worth {saved_s:min} min of travel",
    ),
    "EVENS_HOURS": ("工时更均匀，合 {saved_s:min} 分钟", "evens out the hours, worth {saved_s:min} min"),
    "EVENS_BURDENS": (
        "难活分得更均匀，合 {saved_s:min} 分钟",
        "shares out hard visits, worth {saved_s:min} min",
    ),
    "LESS_OVERTIME": ("少加班，合 {saved_s:min} 分钟", "less overtime, worth {saved_s:min} min"),
    "MAKES_ROOM": ("给另一单让出时间：{visit_id:name}", "makes room for another visit: {visit_id:name}"),
    "PART_OF_PLAN": ("和别的改动一起才省", "saves only together with other changes"),
    # why a visit or a caregiver could not be planned
    "NO_CAREGIVER": ("没有能做这单的人；请改人数或要求", "Nobody may take it; change what it asks for"),
    "NO_ROOM": ("排不进任何人的时间；请另约时间", "It fits into nobody's day; agree another time"),
    "ID_REPEATED": (
        "编号重复，只排了第一个；请查登记",
        "The id is there twice, the first was planned; check it",
    ),
    "DURATION_WRONG": ("服务时长不大于 0；请改价目或请求", "Its duration is not above zero; correct it"),
    "WINDOW_CONTRADICTS": (
        "时段、说好的时间或两人的间隔互相矛盾；请另约时间",
        "Its window, promise or offsets contradict one another; agree another time",
    ),
    "PLACE_UNKNOWN": ("不知道它在哪里；请核对地址", "Its place is unknown; check the address"),
    "ROLES_WRONG": ("人数写得不对；请改请求", "Its roles are not well told; correct the request"),
    "SHIFT_REVERSED": (
        "班次或休息的结束早于开始；请改班次",
        "The shift or a break ends before it begins; correct it",
    ),
    "TOO_FAR_AWAY": (
        "当班时间内赶不到任何一家；请核对位置",
        "Nobody's home can be reached within the shift; check the position",
    ),
}
