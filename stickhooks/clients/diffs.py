"""Which files a diff would change, in any of its forms: unified, context, git's, agents' patches."""

from stickhooks.clients import patches

_GITS = ("rename from ", "rename to ", "copy from ", "copy to ")
_GIT = "diff --git "
#: How the heads of a file begin, line by line: of a unified, a context, and a Subversion diff.
_PAIRS = (("--- ", "+++ "), ("*** ", "--- "), ("Inde", "===="))


def paths_of(text: str) -> "list[str]":
    """Return every path that the heads of a diff name, each once; none where a text is no diff.

    Raises ValueError saying what is wrong with a patch that cannot be read.
    """
    if patches.BEGIN in text:
        return patches.paths_of(text)
    found: dict[str, None] = {}
    for line in text.splitlines():
        for head in _heads(line):
            path = _unquoted(head.split("\t")[0].strip())
            if path and path != "/dev/null":
                found[path[2:] if path[:2] in ("a/", "b/") else path] = None
    return list(found)


def is_one(text: str) -> bool:
    """Tell whether a text that nothing calls a diff is one: by two heads in a row, or as git or an agent
    begins one. A line of three dashes alone may stand in any text."""
    lines = text.splitlines()
    pairs = zip(lines, lines[1:], strict=False)  # noqa: RUF007 - the gate loads no itertools
    return (
        patches.BEGIN in text
        or any(line.startswith(_GIT) for line in lines)
        or any((one[:4], two[:4]) in _PAIRS for one, two in pairs)
    )


def _heads(line: str) -> "list[str]":
    """Return what a line names: two files in git's first line of each."""
    if line[:4] in ("--- ", "+++ ") or (line[:4] == "*** " and not line.endswith("****")):
        return [line[4:]]
    if line.startswith("Index: "):
        return [line[7:]]
    for start in _GITS:
        if line.startswith(start):
            return [line[len(start) :]]
    if not line.startswith(_GIT):
        return []
    both = line[len(_GIT) :].strip()
    old, mark, new = both.partition(' "b/' if ' "b/' in both else " b/")
    if mark:
        return [old, mark.strip() + new]
    half = len(both) // 2  # without prefixes: a name twice, a blank between
    return [both[:half], both[half + 1 :]]


def _unquoted(name: str) -> str:
    """Return a name as it is; git writes one with odd letters in quotes, its bytes in octal."""
    if name[:1] != '"' or name[-1:] != '"' or len(name) < 2:
        return name
    try:
        raw = name[1:-1].encode("latin-1").decode("unicode_escape").encode("latin-1")
    except (UnicodeError, ValueError):
        raise ValueError(f"the name {name[:80]} is not understood") from None
    return raw.decode("utf-8", "surrogateescape")
