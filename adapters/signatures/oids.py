"""The object identifiers of the national certificates and their algorithms."""

FOR_SIGNING = "1.3.6.1.5.5.7.3.4"
"""What a certificate for signing is used for; one for signing in has another (…3.2)."""
OF_A_PERSON = "1.2.398.3.3.4.1.1"
OF_AN_ORGANISATION = "1.2.398.3.3.4.1.2"
"""With more numbers behind it: the first head, an employee, … of one."""
FIRST_HEAD = f"{OF_AN_ORGANISATION}.1"
EMPLOYEE = f"{OF_AN_ORGANISATION}.5"

GOST = "1.2.398.3.10."
"""What the national algorithms begin with, of 2004 and of 2015."""


def is_gost(oid: str) -> bool:
    """Whether it names an algorithm that no library in use can check."""
    return oid.startswith(GOST)
