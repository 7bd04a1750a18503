"""What a server is told to do with a database whose file may lie in the tree: does it only ask?"""

_CHANGES = frozenset((
    "insert", "update", "delete", "replace", "create", "drop", "alter", "vacuum", "reindex", "attach",
    "copy", "export", "import", "install", "truncate", "merge", "begin",
))  # fmt: skip


def change(sql: str) -> bool:
    """Tell whether one of the statements of a text changes something, by the word that it begins with."""
    for statement in sql.lower().split(";"):
        said = statement.replace("(", " ").split()
        first = said[0] if said else ""
        if first in _CHANGES or (first == "pragma" and "=" in statement):
            return True
        if first == "with" and not _CHANGES.isdisjoint(said):
            return True
    return False
