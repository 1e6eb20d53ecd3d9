"""Who did something, and when, as facts of the ledger say it."""

import getpass
from datetime import UTC, datetime


def moment(when: datetime) -> str:
    """UTC, RFC 3339, to the second."""
    return when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def user_name() -> str:
    """Who is logged in."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user without a name, as in many containers
        return "unknown"
