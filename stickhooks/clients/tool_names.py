"""What the name of a tool says that it does: to write or run something, or only to read.

A name only claims: see ``clients.foreign``.
"""

#: Other agents, that do what they are told, in the folder that they are told.
_AGENTS = frozenset((
    "codex", "claude", "aider", "opencode", "goose", "agent", "subagent", "delegate",
))  # fmt: skip
_READING = (
    "get list read search find fetch query describe show view stat stats grep cat tree status diff"
    " info lookup head tail count inspect browse resolve hover definition definitions references"
    " symbols outline glob ls exists preview help version whoami docs explain diagnostics"
)
#: Verbs that write or run. The strong ones count joined to other words as well (``writefile``).
_STRONG = (
    "write edit create delete remove rename replace insert update modify overwrite rewrite append prepend"
    " execute install generate mkdir rmdir truncate unlink chmod upsert rollback checkout refactor"
    " scaffold compile"
)
_WRITING = (
    "move copy apply patch save put set format fix commit reset run exec eval evaluate start build"
    " change add pull merge rebase stash revert restore clean clear drop rm mv cp ln touch sed store persist"
    " codegen dump export download sync extract unzip unpack convert transform undo redo init clone launch"
    " spawn invoke deploy migrate bootstrap swap make switch cherry test organize mutate paste cut"
    " erase destroy purge wipe trash shell bash"
)
#: After one of these, with nothing joined to it, the next ones are things: get_commit, list_pull_requests.
_ASKING = frozenset(["get", "list", "show", "describe", "view", "search", "find", "count", "read"])
_JOINING = frozenset(("and", "or", "then"))
_CALLED = frozenset(["commit", "pull", "run", "build", "change", "patch", "merge", "test"])
READS = frozenset(_READING.split())
STRONG = tuple(_STRONG.split())
WRITES = frozenset((*STRONG, *_WRITING.split()))
_INFLECTED = ("s", "es", "d", "ed", "r", "er", "ing", "ion", "ions", "or", "ors", "ers", "able")
_NOUNS = (
    "file", "files", "dir", "dirs", "directory", "directories", "folder", "folders", "text", "lines",
    "content", "contents",
)  # fmt: skip


def said_by(tool: str) -> "tuple[bool, bool]":
    """Return whether a tool's name says that it writes or runs, and whether it only reads."""
    server, names = "", words(tool)
    if tool.lower().startswith("mcp__"):
        names = words(tool[5:].partition("__")[2] or tool[5:])
    elif tool.lower().startswith("mcp:"):
        names = words(tool.rpartition(":")[2])
    elif len(names) > 1:  # where the server's name ends is not told: it does not read for its tool
        names = names[names[0] == "mcp" :]
        server, names = names[0], names[1:]
    writes, reads = is_writing(server, read=False), False
    for one in names:
        writes = writes or is_writing(one, read=reads)
        reads = reads or one in READS or _reads_joined(one)
    pairs = (one + after for one, after in zip(names, names[1:], strict=False))  # noqa: RUF007 - the gate loads no itertools
    if names[:1] and names[0] in _ASKING and _JOINING.isdisjoint(names):
        writes = is_writing(server, read=False) or any(
            one not in _CALLED and is_writing(one, read=True) for one in names
        )
    writes = writes or not WRITES.isdisjoint(pairs)  # check_out, roll_back
    reads = reads or names[-1:] == ["log"]
    writes = writes or (not reads and not _AGENTS.isdisjoint(names))
    return writes, reads and not writes


def is_writing(name: str, *, read: bool) -> bool:
    """Tell whether a word of a name is a verb that writes; after a reading one nouns are passed over."""
    if name in WRITES:
        return True
    for verb in STRONG:
        at = name.find(verb)
        if at < 0 or (verb == "edit" and "credit" in name):
            continue
        if not (read and at == 0 and name[len(verb) :] in _INFLECTED):
            return True
    plain = {name[: -len(end)] for end in ("s", "es", "ing", "ed") if name.endswith(end)}
    return not read and bool(plain & WRITES)


def _reads_joined(name: str) -> bool:
    return any(name.endswith(noun) and name[: -len(noun)] in READS for noun in _NOUNS)


def words(name: str) -> "list[str]":
    """Return the words of a name, in small letters: split at what is no letter, and at case."""
    found, start = [], 0
    for i in range(1, len(name) + 1):
        if i == len(name) or _ends(name, i):
            piece = name[start:i].strip("_-./: ").lower()
            start = i
            if piece:
                found.append(piece)
    return [one for one in found if one.isalpha()]


def _ends(name: str, i: int) -> bool:
    """Tell whether a word ends before a letter: ``readFile``, ``HTTPGet``, ``edit2``, ``a_b``."""
    before, here = name[i - 1], name[i]
    if not (before.isalpha() and here.isalpha()):
        return True
    if before.islower() and here.isupper():
        return True
    after = name[i + 1 : i + 2]
    return before.isupper() and here.isupper() and after.islower()
