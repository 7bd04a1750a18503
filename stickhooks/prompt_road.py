"""Commands that stand in prompts and status lines: answered by what the gate loads, and no more.

What they do not understand goes down the long road, where help and usage errors are told.
"""

STATUSLINE = "statusline"
NAMES = "__names"  # what the shell completions ask; not for people


def leads(arguments: "list[str]") -> bool:
    return bool(arguments) and arguments[0] in (STATUSLINE, NAMES)


def answer(arguments: "list[str]", env: "dict[str, str]") -> "int | None":
    """Answer a command line and return its exit code, or None: this one is not for here."""
    name, *rest = arguments
    if name == STATUSLINE:
        from stickhooks import statusline

        return statusline.main(rest, env)
    from stickhooks import names

    return names.main(rest, env)
