"""Who may do what: which role gives which command, in which office, and what no officer gives."""

from models.lifecycle import Command
from models.messages import APPLICANT, PROCESS
from models.regulation import Officer, Regulation, Role

AUTHORITY: dict[Command, frozenset[Role]] = {
    Command.CALL: frozenset({Role.INTAKE}),
    Command.LEAVE: frozenset({Role.INTAKE}),
    Command.LOOK_UP: frozenset({Role.INTAKE}),
    Command.ACCEPT: frozenset({Role.INTAKE}),
    Command.REFUSE_INTAKE: frozenset({Role.INTAKE}),
    Command.ATTACH: frozenset({Role.INTAKE, Role.SPECIALIST}),
    Command.TAKE: frozenset({Role.SPECIALIST, Role.HEAD}),
    Command.RELEASE: frozenset({Role.SPECIALIST, Role.HEAD}),
    Command.REASSIGN: frozenset({Role.SPECIALIST, Role.HEAD}),
    Command.ASK_AGAIN: frozenset({Role.SPECIALIST}),
    Command.PREPARE_DECISION: frozenset({Role.SPECIALIST}),
    Command.RETURN_DRAFT: frozenset({Role.HEAD}),
    Command.APPROVE: frozenset({Role.HEAD}),
    Command.DELIVER: frozenset({Role.INTAKE}),
    Command.COLLECT: frozenset({Role.INTAKE}),
    Command.HAND_OVER: frozenset({Role.INTAKE}),
    Command.WITHDRAW: frozenset({Role.INTAKE, Role.SPECIALIST}),
    Command.RECALL: frozenset({Role.INTAKE}),
    Command.SEND_BACK: frozenset({Role.INTAKE, Role.SPECIALIST}),
    Command.FOLLOW_CALENDAR: frozenset({Role.HEAD, Role.SUPERVISOR}),
}
"""Which role gives which command. An officer may enter a withdrawal for the applicant, under their own name."""

_AT_THE_PROVIDER = frozenset({Command.SEND_BACK})
"""Intake officers act for the office an application came in by; these commands are the provider's (R10)."""

OF_THE_STATE = frozenset({Command.FOLLOW_CALENDAR})
"""Given to all applications at once, by an officer of any office: the state's calendar is one for all."""

BY_OTHERS = {APPLICANT: {Command.SUBMIT, Command.ATTACH, Command.WITHDRAW}, PROCESS: {Command.ASK_AGAIN}}
"""What people and things that are no officers may give; the process asks again what was left unanswered (R17)."""


def may_command(regulation: Regulation, office: str, command: Command, officer: Officer) -> bool:
    """Whether an officer's post allows a command on an application of an office (its own or its provider's)."""
    roles = AUTHORITY.get(command, frozenset())
    home = regulation.office(office)
    if home is None:
        return False
    at_home = command not in _AT_THE_PROVIDER
    return any(
        role in officer.roles
        and (
            command in OF_THE_STATE
            or officer.office == (home.code if role is Role.INTAKE and at_home else home.decided_by)
        )
        for role in roles
    )


def may_ask_registers(regulation: Regulation, office: str, officer: Officer) -> bool:
    """Whether an officer may ask the registers about people of an application, and see what they said (R17).

    Whoever takes it in at its office, and whoever decides it at the provider's; a supervisor has no need to.
    """
    home = regulation.office(office)
    if home is None:
        return False
    takes_in = Role.INTAKE in officer.roles and officer.office == home.code
    decides = bool({Role.SPECIALIST, Role.HEAD} & set(officer.roles)) and officer.office == home.decided_by
    return takes_in or decides


def may_erase(provider: str, officer: Officer) -> bool:
    """Whether an officer may have the personal data of a finished application erased: the head of the office that
    decided it, who answers for its files."""
    return Role.HEAD in officer.roles and officer.office == provider
