"""Names of accounts."""

from stickhooks.fast.os import os


def name_of(uid: int) -> str:
    """Return the name of an account, ``""`` for one that this machine does not know."""
    try:
        import pwd

        return pwd.getpwuid(uid).pw_name
    except (ImportError, KeyError):
        return ""


def login_name() -> str:
    """Return by what name we run: of the account, else of the environment."""
    name = name_of(os.geteuid()) if hasattr(os, "geteuid") else ""
    return name or os.environ.get("USERNAME") or os.environ.get("USER") or "somebody"
