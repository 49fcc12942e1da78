"""By what operators search for an application in the Temporal UI; never a person's name or number.

What its page says stands in `workflows/page.py`.
"""

from datetime import datetime
from typing import Any

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    SearchAttributeUpdate,
    TypedSearchAttributes,
)

from models.clocks import limits_passed
from models.lifecycle import Stage
from models.messages import Opening
from models.regulation import VISIT
from models.state import State

STAGE = SearchAttributeKey.for_keyword("Stage")
CHANNEL = SearchAttributeKey.for_keyword("Channel")
OFFICE = SearchAttributeKey.for_keyword("Office")
REGISTRATION_NUMBER = SearchAttributeKey.for_keyword("RegistrationNumber")
DUE_AT = SearchAttributeKey.for_datetime("DueAt")
LIMITS_PASSED = SearchAttributeKey.for_keyword_list("LimitsPassed")

ALL_KEYS: tuple[SearchAttributeKey[Any], ...] = (
    STAGE,
    CHANNEL,
    OFFICE,
    REGISTRATION_NUMBER,
    DUE_AT,
    LIMITS_PASSED,
)


def registered() -> dict[str, IndexedValueType.ValueType]:
    """What a namespace has to know of them: name and type."""
    return {key.name: IndexedValueType.ValueType(key.indexed_value_type) for key in ALL_KEYS}


def flags() -> dict[str, str]:
    """The same as a server's --search-attribute takes it: name and the type's word, as in KeywordList."""
    return {
        name: "".join(part.title() for part in IndexedValueType.Name(kind).split("_")[3:])
        for name, kind in registered().items()
    }


def opening_attributes(opening: Opening, first: Stage, due_at: datetime | None = None) -> TypedSearchAttributes:
    """What is known before the first fact: the stage that it leads to, and when its clock will be due."""
    known = [
        SearchAttributePair(STAGE, first),
        SearchAttributePair(CHANNEL, opening.channel),
        SearchAttributePair(OFFICE, opening.office),
    ]
    return TypedSearchAttributes([*known, SearchAttributePair(DUE_AT, due_at)] if due_at else known)


def standing_attributes(state: State) -> TypedSearchAttributes:
    """All that is known of an execution that goes on from the record."""
    opening, known = state.opening, attributes(state)
    known |= {CHANNEL: str(opening.channel), OFFICE: opening.office}
    return TypedSearchAttributes([SearchAttributePair(key, value) for key, value in known.items() if value])


def changes(state: State, known: TypedSearchAttributes) -> list[SearchAttributeUpdate[Any]]:
    """What has to be told anew of a state, beside what the server knows: each telling is an event of history."""
    return [
        key.value_unset() if value is None else key.value_set(value)
        for key, value in attributes(state).items()
        if known.get(key) != value
    ]


def attributes(state: State) -> dict[SearchAttributeKey[Any], Any]:
    """The search attributes of a state; DueAt is the earliest due instant of a running clock.

    The minutes of a visit are over before anybody searches for them; that they passed is in LimitsPassed.
    """
    running = [clock.due_at for clock in state.clocks if clock.is_running and clock.clock not in VISIT]
    return {
        STAGE: str(state.stage),
        REGISTRATION_NUMBER: state.registration_number,
        DUE_AT: min(running, default=None),
        LIMITS_PASSED: [str(kind) for kind in limits_passed(state.clocks)] or None,
    }
