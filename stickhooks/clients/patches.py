"""Which files a patch in the ``*** Begin Patch`` form would touch: Codex's, and those who took it over.

The clients differ in what they forgive (an indented header, a missing space, words around the
patch), so every line that one of them would take for a header counts as one.
"""

BEGIN = "*** Begin Patch"
HEADERS = ("*** Add File:", "*** Update File:", "*** Delete File:", "*** Move to:")
OTHERS = (BEGIN, "*** End Patch", "*** End of File", "*** Environment ID:")


def paths_of(text: str) -> "list[str]":
    """Return every path that is added, updated, deleted or moved to, as written, each once.

    Raises ValueError saying what is wrong with a text that is no patch, or that names no file.
    """
    lines = text.split("\n")
    if not any(line.strip() == BEGIN for line in lines):
        raise ValueError(f"it is no patch: there is no line '{BEGIN}'")
    found: dict[str, None] = {}
    for number, line in enumerate(lines, 1):
        path = _named(line, number)
        if path is not None:
            found[path] = None
    if not found:
        raise ValueError("the patch names no file")
    return list(found)


def _named(line: str, number: int) -> "str | None":
    """Return the path that a header names, or None where the line is none."""
    bare = line.strip()
    for header in HEADERS:
        if bare.startswith(header):
            path = bare[len(header) :].strip()
            if not path:
                raise ValueError(f"line {number} of the patch names no file: {bare}")
            return path
    if line.startswith("***") and not bare.startswith(OTHERS):
        raise ValueError(f"line {number} of the patch is not understood: {bare[:80]}")
    return None
