"""What a server is told to do with a database whose file may lie in the tree: does it only ask?"""

_CHANGES = frozenset((
    "insert", "update", "delete", "replace", "create", "drop", "alter", "vacuum", "reindex", "attach",
    "copy", "export", "import", "install", "truncate", "merge", "begin",
))  # fmt: skip


def change(sql: str) -> bool:
    """Tell whether one of the statements of a text changes something, by the word that it begins with."""
    told = sql.lower()  # as it stands too: a text with the marks of a remark hides nothing
    for statement in (*told.split(";"), *_unremarked(told).split(";")):
        said = statement.replace("(", " ").split()
        first = said[0] if said else ""
        if first in _CHANGES or (first == "pragma" and "=" in statement):
            return True
        if first in ("with", "explain") and not _CHANGES.isdisjoint(said):
            return True
    return False


def _unremarked(sql: str) -> str:
    """Return statements without their remarks, and without what only looks like one."""
    lines = (line for line in sql.split("\n") if not line.lstrip().startswith(("--", "#")))
    first, *others = "\n".join(lines).split("/*")
    return " ".join((first, *(one.partition("*/")[2] if "*/" in one else one for one in others)))
