"""Builders, package managers and clients of servers: the words with which they only tell something.

``tools.txt``, and then ``lookers.txt``, have the options that may stand before a program's verb, and its
verbs (of one or more words) with theirs. A verb that is not there may write anywhere; an option that is
not there is asked.
"""

from __future__ import annotations

from stickhooks.shell import tables
from stickhooks.shell.media import SCRIPTS
from stickhooks.shell.options import ANY, Options, both, listed, one_dash
from stickhooks.shell.words import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from stickhooks.shell.state import Call

#: These tell something alone; with another word they change it: `uv version 2.0`.
_ALONE: Final = (
    "uv version",
    "poetry version",
    "npm root",
    "npm version",
    "mount *",
    "composer config",
    "poetry config",
    "rustup default",
    "hg branch",
    "hg bookmark",
    "hg bookmarks",
    "npm prefix",
    "npm bin",
    "pnpm root",
    "pnpm bin",
)
#: Their long options have one dash.
_ONE_DASH: Final = (
    "go", "terraform", "tofu", "openssl", "ffprobe", "identify", "actionlint", "clang-format", "shfmt",
    "plutil", "lipo", "javap", "grpcurl", "networksetup", "system_profiler", "staticcheck", "govulncheck",
    "errcheck", "gocyclo", "deadcode", "misspell", "pdfimages", "7z", "7za", "7zz", "7zr", "unrar", "rar",
    "xcrun", "nomad", "consul", "vault", "keytool", "jarsigner", "xclip", "jstat",
)  # fmt: skip
#: A format that is a file's name is a program: pandoc(1), custom readers and writers.
_FORMATS: Final = {"pandoc *": "f from r read t to w write"}
#: Any other value is a program.
_SYSTEMS: Final = {"cloc *": ("vcs", ("auto", "git", "svn"))}
#: With a value that begins so, it loads what it tells of: yt-dlp's README, ``--print``.
_LATE: Final = {
    "yt-dlp *": (
        "O print",
        ("before_dl:", "post_process:", "after_move:", "after_video:", "playlist:"),
    )
}
#: Its operands begin so; others are files that it writes, and programs that it runs.
_BEGINNINGS: Final = {"websocat *": ("ws://", "wss://", "-")}
#: An operand that begins so is a script, or is removed: ImageMagick's formats.
_SCRIPTS: Final = {"identify *": SCRIPTS}
#: Without an operand it takes commands of its own, one of which runs a shell.
_ASKED: Final = ("telnet *",)
#: A folder in place of a name would have its scripts run.
_NAMED: Final = tuple(f"{name} activate" for name in ("conda", "mamba", "micromamba"))
_IN_FORMATS: Final = str.maketrans("", "", "+-_")
#: Values with which an option that makes a trial of something makes none.
_NO: Final = ("false", "none", "0", "no", "off")
#: A program's first verb where none is typed.
_UNTYPED: Final = {"ast-grep": "run"}
#: Verbs that run what stands behind them: there ``--help`` may be another program's.
_RUNNING: Final = ("run", "exec", "x", "dlx", "start", "test", "create", "init", "do", "task", "script",
                   "node", "shell", "ssh", "sh", "bash", "tool", "e", "env", "with", "-")  # fmt: skip
#: Options that write with one verb, though others have the same letter.
_WRITING: Final = {
    "gh pr close": "d delete-branch delete-branch-on-merge", "gh pr comment": "e editor",
    "gh issue comment": "e editor",
    "kubectl cluster-info": "output-directory", "kubectl config use-context": "kubeconfig",
    "oc config use-context": "kubeconfig", "gh copilot explain": "S shell-out",
    "gh repo create": "s source c clone p push r remote",
    "gh pr merge": "d delete-branch delete-branch-on-merge",
    "kubectl kustomize": "o output", "oc kustomize": "o output",
}  # fmt: skip

#: What these print makes an environment known to the shell that takes it for commands: `eval "$(…)"`.
ENVIRONMENTS: Final = (
    "ssh-agent", "ssh-agent -s", "pyenv init -", "pyenv init --path", "pyenv virtualenv-init -",
    "rbenv init -", "rbenv init - bash", "nodenv init -", "goenv init -", "jenv init -", "brew shellenv",
    "fnm env", "fnm env --use-on-cd", "conda shell.bash hook", "conda shell.zsh hook", "opam env",
    "minikube docker-env", "minikube -p minikube docker-env", "mise activate bash", "mise activate zsh",
    "starship init bash", "starship init zsh", "zoxide init bash", "zoxide init zsh", "luarocks path",
    "dircolors", "dircolors -b", "lesspipe", "pip completion --bash",
)  # fmt: skip
#: Words with which a program tells something, alone.
_SAYING: Final = (
    ("npm pnpm", ("run", "-v")), ("yarn npx bun composer", ("-v",)), ("yarn", ("versions",)),
    ("pipenv", ("graph", "--venv", "--where", "--py", "--envs")), ("php", ("-v",)),
    ("bun", ("pm ls", "pm ls --all", "pm cache", "pm bin", "pm whoami", "outdated", "pm hash")),
    ("cargo", ("--list", "install --list")),
    ("brew", ("--prefix", "--cellar", "--repository", "--cache", "doctor")),
    ("apachectl apache2ctl", ("configtest", "status", "-S", "-M", "-t", "-v", "-V")),
    ("java", ("-XshowSettings:properties -version", "-XshowSettings:all -version")),
    ("deno", ("info", "doc --help", "types")), ("lua luajit", ("-v",)),
    ("pnpm", ("-r ls", "-r list", "recursive list", "recursive ls", "m ls")),
    ("sysctl", ("-a",)), ("xcodebuild", ("-version -sdk",)),
    ("sw_vers", ("-productVersion", "-buildVersion", "-productName")),
    ("bazel bazelisk", ("version", "info", "help")), ("nixos-version", ("", "--json")),
    ("lein kotlin kotlinc", ("version", "-version")), ("deno", ("--version", "-V")),
    ("gst-inspect-1.0", ("",)), ("ocaml ocamlopt ocamlfind", ("-version", "-vnum", "list")),
    ("dotnet", ("--info", "--list-sdks", "--list-runtimes")), ("go", ("help",)),
    ("rustc", ("--version --verbose", "-vV", "-Vv")),
    ("timedatectl hostnamectl localectl loginctl", ("", "status")),
    ("screen", ("-ls", "-list")), ("xcode-select", ("-p", "--print-path", "--install")), ("sw_vers", ("",)),
    ("xcodebuild", ("-showsdks",)), ("xcrun", ("--show-sdk-path", "--show-sdk-version")), ("sensors", ("",)),
    ("rfkill bootctl nmcli", ("", "list", "status")), ("ssh-agent", ("-k",)),
    ("neofetch fastfetch screenfetch pfetch cmatrix sl cowsay", ("",)),
    ("fc-cache", ("-f", "-v", "-fv", "-vf", "-r", "-rv", "-h")), ("pbpaste pbcopy wl-copy", ("",)),
    ("nmcli", ("device", "dev", "d", "connection", "con", "c", "general", "g", "radio", "device status",
               "connection show", "connection show --active", "device wifi list", "dev wifi", "dev status",
               "device wifi", "device show", "general status", "networking", "radio wifi")),
    ("ufw", ("status", "status verbose", "status numbered")),
    ("gcc cc g++ c++ clang clang++", (
        "-v", "-dumpversion", "-dumpmachine", "-print-search-dirs", "-print-resource-dir",
        "-print-sysroot", "-dumpfullversion")),
    ("make gmake mvn gradle tsc vite ninja", ("-v",)),
    ("make gmake cmake ninja pytest ruff mypy black isort flake8 pylint eslint prettier tsc jest vitest "
     "cargo docker kubectl helm npm poetry uv pip pip3 just coverage tox nox pre-commit", ("-h",)),
)  # fmt: skip


def judged(call: Call) -> bool:
    """Judge a program by its verb; False where no verb that is listed stands there."""
    if says(call) or helps(call.name, call.words) or _tells_of_another(call.name, call.words):
        return True
    return any(_listed(call, table) for table in ("tools", "lookers"))


def says(call: Call) -> bool:
    """Tell whether these words alone have a program tell something about itself."""
    said = " ".join(call.words)
    if f"{call.name} {said}".strip() in ENVIRONMENTS:
        return True
    return any(call.name in names.split() and said in ways for names, ways in _SAYING)


def _listed(call: Call, table: str) -> bool:
    tools, words = tables.load(table), call.words
    if call.name in _ONE_DASH:
        words = one_dash(words)
    if call.name in ("cargo", "rustc", "rustfmt") and words[:1] and words[0].startswith("+"):
        words = words[1:]  # the toolchain
    if call.name in _UNTYPED and words[:1] and words[0].startswith("-"):
        words = [_UNTYPED[call.name], *words]
    alone = tools.get((call.name, "*"))
    if alone is not None:
        return _options(call, "*", alone, words, table)
    before = tools.get((call.name,))
    if before is None:
        return False
    given = listed(words, before, permute=False)
    verb, spec, rest = _verb(call.name, given.operands, before, tools)
    if given.odd or spec is None:
        return False
    return _options(call, verb, spec, rest, table)


def _needed(name: str, verb: str, table: str) -> str:
    """Return the options without one of which a verb writes."""
    key = ("needs", name, *verb.split())
    return tables.load("telling").get(key, "") or tables.load(table).get(key, "")


def _has(given: Options, needed: str) -> bool:
    values = given.values(needed)
    return bool(values) and not any(plain(value).lower() in _NO for value in values)


def helps(name: str, words: list[str]) -> bool:
    """Tell whether a program is asked how one of its verbs is used."""
    if words[-1:] not in (["--help"], ["-h"], ["-help"]) or not 1 < len(words) < 5:
        return False
    verbs, telling = words[:-1], tables.load("telling")
    if ("helps-by", name) in telling and all(
        word.replace("-", "").isalnum() and word[0] != "-" and word not in _RUNNING
        for word in verbs
    ):
        return True
    known = telling.get(("helps", name), "").split()
    return words[-1] == "--help" and all(word in known for word in verbs)


def _tells_of_another(name: str, words: list[str]) -> bool:
    """Tell whether an installed program is asked for its version through one that runs it."""
    rest = [word for word in words if word not in ("-y", "--yes", "--no-install", "--no")]
    plainly = len(rest) == 2 and rest[0].replace("-", "").isalnum()
    return name in ("npx", "bunx", "pnpx") and plainly and rest[1] in ("--version", "-v", "--help")


def _verb(
    name: str, words: list[str], before: str, tools: dict[tuple[str, ...], str]
) -> tuple[str, str | None, list[str]]:
    """Return the verb that stands there, all its words, its options, and what follows it."""
    key: tuple[str, ...] = (name,)
    rest, spec = words, None
    while rest:
        key, rest = (*key, rest[0]), rest[1:]
        spec = tools.get(key)
        if not any(len(other) > len(key) and other[: len(key)] == key for other in tools):
            break
        before = both(before, spec or "-")
        given = listed(rest, before, permute=False)
        if given.odd:
            return "", None, []
        rest = given.operands
    return " ".join(key[1:]), spec if spec in (None, ANY) else both(before, str(spec)), rest


def _runs_or_writes(what: str, given: Options) -> str | None:
    """Return the value or operand by which a program that only tells something does more."""
    name, usual = _SYSTEMS.get(what, ("", ()))
    late, beginnings = _LATE.get(what, ("", ()))
    odd = [
        *(one for one in given.values(_FORMATS.get(what, "")) if not _is_format(plain(one))),
        *(one for one in given.values(name) if plain(one) not in usual),
        *(one for one in given.values(late) if plain(one).startswith(beginnings)),
        *(one for one in given.operands if not plain(one).startswith(_BEGINNINGS.get(what, ""))),
        *(one for one in given.operands if plain(one).lower().startswith(_SCRIPTS.get(what, ()))),
        *(one for one in given.operands if what in _NAMED and not _is_name(plain(one))),
        *(["no operand"] if what in _ASKED and not given.operands else []),
    ]
    return odd[0] if odd else None


def _is_name(text: str) -> bool:
    return _is_format(text.replace(".", ""))


def _is_format(text: str) -> bool:
    return text.translate(_IN_FORMATS).isalnum()


def _options(call: Call, verb: str, spec: str, words: list[str], table: str) -> bool:
    """Judge what follows a verb; False where an option is missing without which it writes."""
    what = f"{call.name} {verb}"
    if spec == ANY:
        return True
    if table == "lookers" and verb != "*":
        spec = both(tables.load(table)["common",], spec)
    given: Options = listed(words, spec, permute=call.name != "just")
    needed = _needed(call.name, verb, table)
    if needed and not _has(given, needed) and "--check" not in given.operands:
        return False
    if verb == "*" and given.odd:
        return False
    odd = given.odd
    if what in _ALONE and given.operands:
        odd = odd or given.operands[0]
    odd = odd or _runs_or_writes(what, given)
    if what in _WRITING and given.has(_WRITING[what]):
        odd = odd or f"--{_WRITING[what].split()[-1]}"
    if verb == "cluster-info" and "dump" in given.operands:
        odd = odd or "dump"
    call.outputs(given.written)
    if odd:
        call.nobody_knows(f"{plain(what)} may write or run something: {plain(odd)}")
    return True
