"""Commands that stand in prompts, status lines and hooks: answered by what the gate loads, and no more.

What they do not understand goes down the long road, where help and usage errors are told.
"""

STATUSLINE = "statusline"
NAMES = "__names"  # what the shell completions of an older version ask; not for people
OFFERS = "__offers"  # what those of this version ask
HOOK = "hook"


def answer(arguments: "list[str]", env: "dict[str, str]") -> "int | None":
    """Answer a command line and return its exit code, or None: this one is not for here."""
    name, *rest = arguments
    if name == STATUSLINE:
        from stickhooks.views import statusline

        return statusline.main(rest, env)
    if name == HOOK:
        if not rest or rest[0].startswith("-"):
            return None
        from stickhooks.handlers import common

        return common.main(rest)
    if name == OFFERS:
        from stickhooks.cli import completion

        return completion.main(rest)
    from stickhooks.cli import completion_names

    return completion_names.main(rest)
