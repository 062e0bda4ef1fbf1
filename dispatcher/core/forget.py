"""A person asked to be forgotten: what is still to come of theirs is called off, then what was known goes."""

from __future__ import annotations

from dispatcher.core.draft import Draft
from dispatcher.core.eligible import plain_reason
from dispatcher.core.known import clear_shift
from dispatcher.core.moves import cancel
from schemas.decisions import PersonErased
from schemas.facts import PersonForgotten


def forgotten(draft: Draft, fact: PersonForgotten) -> None:
    """Said to every area; one that never knew the person says the same, so that the key may go."""
    for visit_id in draft.desk.visits_of.get(fact.person_id, ()):
        visit = draft.desk.visits[visit_id]
        if visit.closed is None and not visit.started:
            cancel(draft, visit_id, plain_reason("PERSON_FORGOTTEN"))
    draft.say(PersonErased(person_id=fact.person_id))
    for shift_id in draft.desk.shifts_of.get(fact.person_id, ()):
        clear_shift(draft, shift_id, "CAREGIVER_GONE", since_s=None)
