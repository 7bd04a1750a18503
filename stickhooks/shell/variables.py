"""Variables that change what a program does: which of them a command may set.

Most names are the shell's own business. Those of a family that programs look at are asked, but for
the ones that are listed here: ``GIT_TRACE=f git status`` writes f, ``LESSOPEN`` runs a program.
"""

from __future__ import annotations

from stickhooks.shell.folders import TEMPORARY, may_be_searched
from stickhooks.shell.state import Call
from stickhooks.shell.words import UNKNOWN, as_typed, is_known, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Beginnings of names that programs look at; a whole name ends with a blank.
_LOOKED_AT: Final = (
    "GIT_TRACE", "GIT_CONFIG", "GIT_EXEC_PATH", "GIT_TEMPLATE", "GIT_SSH", "GIT_ASKPASS",
    "GIT_PROXY", "GIT_EXTERNAL", "GIT_INDEX_FILE", "GIT_OBJECT_DIR", "GIT_ALTERNATE",
    "GIT_REDIRECT", "GIT_TEST_", "GIT_SHELL", "LD_", "DYLD_", "PYTHONPATH ", "PYTHONHOME ",
    "PYTHONSTARTUP ", "PYTHONBREAKPOINT ", "PYTHONUSERBASE ", "PERL5", "PERLLIB ", "RUBYOPT ",
    "RUBYLIB ", "NODE_OPTIONS ", "NODE_PATH ", "NPM_CONFIG_", "npm_config_", "JAVA_TOOL_OPTIONS ",
    "JDK_JAVA_OPTIONS ", "_JAVA_OPTIONS ", "LESSOPEN ", "LESSCLOSE ", "LESSKEY", "LESSEDIT ",
    "LESSHISTFILE ", "LESS ", "MANOPT ", "MANROFF", "BAT_CONFIG", "BAT_OPTS ", "BAT_CACHE", "BASH_",
    "ENV ", "SHELLOPTS ", "ZDOTDIR ", "RIPGREP_CONFIG_PATH ", "CURL_HOME ", "WGETRC ",
    "SYSTEM_WGETRC ", "TAR_OPTIONS ", "RSYNC_", "SSH_ASKPASS", "GH_CONFIG_DIR ", "GH_BROWSER ",
    "GOFLAGS ", "GOENV ", "TMPDIR ", "HOME ", "XDG_", "BROWSER ", "PS4 ", "PROMPT_COMMAND ",
    "GCONV_PATH ", "LOCPATH ", "OPENSSL_CONF ", "OPENSSL_MODULES ", "SSLKEYLOGFILE ",
    "MALLOC_TRACE ", "GLIBC_TUNABLES ", "AWKPATH ", "AWKLIBPATH ", "GAWK_", "ACKRC ",
    "ACK_OPTIONS ", "GREP_OPTIONS ", "VIEWER ", "HISTFILE ", "MAGIC ", "CSCOPE_", "GZIP ", "ZIPOPT ",
    "UNZIP ", "XZ_OPT ", "XZ_DEFAULTS ", "BZIP ", "BZIP2 ", "UV_PROJECT", "PIP_LOG ", "PIP_CONFIG",
    "RUSTC", "EDITOR ", "VISUAL ", "GZEXE_",
)  # fmt: skip
#: Where they are given to a program, all of these families: what is not listed below is asked.
_FAMILIES: Final = ("GIT_", "PYTHON", "PERL", "RUBY", "LESS", "BAT_", "PIP_", "UV_", "NODE_", "GH_")
_ENDINGS: Final = ("PAGER", "EDITOR", "_WRAPPER")
#: Of these families, what changes nothing but how an answer looks or who signs it.
_HARMLESS: Final = """
    GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_AUTHOR_DATE GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL
    GIT_COMMITTER_DATE GIT_DIR GIT_WORK_TREE GIT_COMMON_DIR GIT_TERMINAL_PROMPT GIT_OPTIONAL_LOCKS
    GIT_CONFIG_NOSYSTEM GIT_CEILING_DIRECTORIES GIT_DISCOVERY_ACROSS_FILESYSTEM
    GIT_NO_REPLACE_OBJECTS GIT_LITERAL_PATHSPECS GIT_GLOB_PATHSPECS GIT_NOGLOB_PATHSPECS
    GIT_ICASE_PATHSPECS GIT_FLUSH GIT_PREFIX GIT_ADVICE GIT_COLOR GIT_SSL_NO_VERIFY
    GIT_MERGE_AUTOEDIT GIT_LFS_SKIP_SMUDGE GIT_NAMESPACE GIT_PAGER_IN_USE GIT_CURL_VERBOSE
    GIT_HTTP_LOW_SPEED_LIMIT GIT_HTTP_LOW_SPEED_TIME GIT_PROTOCOL GIT_NO_LAZY_FETCH
    PYTHONUNBUFFERED PYTHONDONTWRITEBYTECODE PYTHONIOENCODING PYTHONUTF8 PYTHONWARNINGS
    PYTHONHASHSEED PYTHONNOUSERSITE PYTHONSAFEPATH NODE_ENV NODE_NO_WARNINGS LESSCHARSET LESSUTFCHARDEF
    LESSSECURE MANWIDTH MANPATH MANSECT BAT_THEME BAT_STYLE BAT_TABS GH_TOKEN GH_HOST GH_REPO GH_DEBUG
    GH_PROMPT_DISABLED GH_FORCE_TTY GH_NO_UPDATE_NOTIFIER GH_ENTERPRISE_TOKEN PIP_NO_COLOR
    PIP_DISABLE_PIP_VERSION_CHECK PIP_INDEX_URL UV_NO_PROGRESS UV_OFFLINE UV_INDEX_URL
    PERL_UNICODE PERL_BADLANG PERLIO
"""
#: A number or a word is standard error or a descriptor; a path is a file that git writes.
_SWITCHES: Final = ("", "0", "1", "2", "true", "false")
#: Where a program puts files of its own: a folder for temporary ones, or nothing.
_PLACES: Final = (
    "HOME", "TMPDIR", "XDG_", "GIT_INDEX_FILE", "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM", "HISTFILE", "LESSHISTFILE",
)  # fmt: skip
_NOWHERE: Final = (*TEMPORARY, "/dev/null/")
_LESS_LETTERS: Final = set("-FRXSMQeEqrinINJ ")
_COMMANDS: Final = ("GIT_EXTERNAL_DIFF", "GIT_SSH_COMMAND", "PROMPT_COMMAND", "VISUAL", "EDITOR")


def judge(call: Call, name: str, value: str, exported: bool) -> None:
    """Judge a variable that is given a value; ``exported`` where programs are given it as well."""
    if is_known(value) and runs_when_counted(as_typed(value)):
        call.nobody_knows(f"{name} holds a subscript with a command in it")
    if name == "PATH":
        _path(call, value)
    if not _is_looked_at(name, exported) or name in _HARMLESS.split():
        return
    if name in _COMMANDS or name.endswith(("PAGER", "EDITOR")):
        if value:
            call.script(value, name)
        if value and is_known(value) and not name.endswith(("PAGER", "PROMPT_COMMAND")):
            call.run([*plain(value).split(), UNKNOWN])  # they are given files
    elif not _may_be(name, value):
        call.nobody_knows(f"{name} changes what programs write, load or run")


def set_somehow(call: Call, name: str) -> None:
    """Judge a variable that is given a value nobody can tell: by ``read``, ``printf -v``, a loop."""
    if name == "PATH" or (_is_looked_at(name, exported=True) and name not in _HARMLESS.split()):
        call.nobody_knows(f"{name} changes what programs write, load or run")


def _path(call: Call, value: str) -> None:
    """Judge PATH: what is found in the shell's own folder need not be what its name says."""
    for folder in as_typed(value).split(":"):
        if is_known(folder) and not may_be_searched(folder, call.state.cwds):
            call.nobody_knows(f"programs would be looked for in {plain(folder) or '.'}")


def runs_when_counted(text: str) -> bool:
    """Tell whether bash runs a command where this is taken for a variable or counted."""
    before, bracket, inside = text.partition("[")
    return bool(
        bracket and ("$(" in inside or "`" in inside) and (before[-1:] + "x").isidentifier()
    )


def _is_looked_at(name: str, exported: bool) -> bool:
    if exported and name.startswith(_FAMILIES):
        return True
    return name.endswith(_ENDINGS) or (name + " ").startswith(_LOOKED_AT)


def _may_be(name: str, value: str) -> bool:
    if name.startswith("GIT_TRACE"):
        return plain(value).lower() in _SWITCHES
    if name.startswith(_PLACES):
        return (plain(value) + "/").startswith(_NOWHERE) and ".." not in value
    return name == "LESS" and set(plain(value)) <= _LESS_LETTERS


def counts_a_command(node: object) -> bool:
    """Tell whether an expression of the shell has such a text in quotes."""
    todo = [node]
    while todo:
        one = todo.pop()
        if isinstance(one, list):
            todo += one
        elif isinstance(one, dict) and one.get("Type") == "SglQuoted":
            if runs_when_counted(str(one.get("Value", ""))):
                return True
        elif isinstance(one, dict):
            todo += list(one.values())
    return False
