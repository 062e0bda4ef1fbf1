"""The closed lists of the trade. A member may be added; none is ever renamed or removed."""

from enum import StrEnum


class HelpKind(StrEnum):
    """The six helps (六助) and the four kinds beside them."""

    MEAL = "MEAL"
    BATHING = "BATHING"
    CLEANING = "CLEANING"
    MOBILITY = "MOBILITY"
    MEDICAL = "MEDICAL"
    EMERGENCY = "EMERGENCY"
    CARE = "CARE"
    VISITING = "VISITING"
    COMFORT = "COMFORT"
    HOUSEHOLD = "HOUSEHOLD"


class Gender(StrEnum):
    """As registered."""

    FEMALE = "FEMALE"
    MALE = "MALE"


class Acceptance(StrEnum):
    """How a provider accepts an offer: a published shift counts, its clerk does, or the caregiver does."""

    SHIFT = "SHIFT"
    CLERK = "CLERK"
    CAREGIVER = "CAREGIVER"


class TravelMode(StrEnum):
    """How a caregiver moves."""

    FOOT = "FOOT"
    BICYCLE = "BICYCLE"
    E_SCOOTER = "E_SCOOTER"
    CAR = "CAR"
    BUS = "BUS"


class Channel(StrEnum):
    """Where a request was spoken."""

    HOTLINE = "HOTLINE"
    CARE_PLAN = "CARE_PLAN"
    DEVICE = "DEVICE"
    PROVIDER = "PROVIDER"
    REPLAY = "REPLAY"


class AlarmKind(StrEnum):
    """What raised an alarm."""

    BUTTON = "BUTTON"
    FALL = "FALL"
    SMOKE = "SMOKE"
    INACTIVITY = "INACTIVITY"
    OPERATOR = "OPERATOR"


class AlarmRule(StrEnum):
    """Whether help goes at once, or after a call back."""

    AT_ONCE = "AT_ONCE"
    CALL_BACK = "CALL_BACK"


class CallBackOutcome(StrEnum):
    """What the voice at the other end said."""

    REAL = "REAL"
    FALSE = "FALSE"
    NO_ANSWER = "NO_ANSWER"


class CloseProof(StrEnum):
    """What closes a case: a voice heard, or somebody there."""

    VOICE = "VOICE"
    ON_SITE = "ON_SITE"


class Origin(StrEnum):
    """Where a choice of caregiver came from."""

    INSERTION = "INSERTION"
    PLAN = "PLAN"
    OPERATOR = "OPERATOR"
    EMERGENCY = "EMERGENCY"


class Grade(StrEnum):
    """What the evidence of a visit is worth."""

    VERIFIED = "VERIFIED"
    UNVERIFIED = "UNVERIFIED"
    EXCEPTION = "EXCEPTION"


class Payer(StrEnum):
    """Who pays a share."""

    INSURANCE = "INSURANCE"
    BUREAU = "BUREAU"
    SELF = "SELF"


class EvidenceMethod(StrEnum):
    """How a check-in or check-out was proven. A face is never the only way."""

    POSITION = "POSITION"
    BEACON = "BEACON"
    RECIPIENT_CODE = "RECIPIENT_CODE"
    LANDLINE = "LANDLINE"
    NONE = "NONE"


class Obstruction(StrEnum):
    """Why a caregiver at the door could not serve."""

    NOBODY_HOME = "NOBODY_HOME"
    REFUSED = "REFUSED"
    UNFIT = "UNFIT"
    WRONG_ADDRESS = "WRONG_ADDRESS"
    UNSAFE = "UNSAFE"


class Human(StrEnum):
    """The role to whom something is handed by name."""

    OPERATOR = "OPERATOR"
    SHIFT_LEAD = "SHIFT_LEAD"
    CLERK = "CLERK"
    SUPERVISOR = "SUPERVISOR"
