"""Programs that run others, or code: what they run is judged where it can be read."""

from __future__ import annotations

from stickhooks.fast.os import os
from stickhooks.fast.records import replace
from stickhooks.shell import tables, variables
from stickhooks.shell.interpreters import INTERPRETERS, TELLING, interpreter
from stickhooks.shell.options import options
from stickhooks.shell.state import Call, Outcome
from stickhooks.shell.words import UNKNOWN, is_known, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from stickhooks.shell.state import Nested

#: Run the command that follows: the options with a value, how many operands stand before it,
#: and the options that write a file.
WRAPPERS: Final = {
    **dict.fromkeys(
        ("command", "builtin", "nohup", "setsid", "unbuffer", "noglob", "nocorrect", "chronic"), ("", 0, ""),
    ),
    **dict.fromkeys(("time", "gtime"), ("f o format output", 0, "o output")),
    **dict.fromkeys(("timeout", "gtimeout"), ("k s kill-after signal", 1, "")),
    "nice": ("n adjustment", 0, ""),
    "ionice": ("c n p class classdata", 0, ""),
    "chrt": ("T P D", 1, ""),
    "taskset": ("", 1, ""),
    "stdbuf": ("i o e input output error", 0, ""),
    "caffeinate": ("t w", 0, ""),
    "doas": ("u C", 0, ""),
    "sudo": (
        "u g h p C T D R U r t user group host prompt close-from chdir chroot role type", 0, "",
    ),
}  # fmt: skip
#: Run any program whatever: by options they have of that kind.
OPENING: Final = {"sudo": "e edit i login s shell", "doas": "s", "time": ""}

SHELLS: Final = ("sh", "bash", "zsh", "dash", "ksh", "ash", "rbash", "busybox-sh")
_PLAIN_SHELLS: Final = ("sh", "dash", "ash", "busybox-sh")
BUILDERS: Final = tables.by_program("builders")
#: Builders, test runners, formatters, package managers: they run the project's code, and leave
#: caches and build output in the tree. With some words they only tell something: see ``telling``.
TOOLS: Final = (
    *BUILDERS, "pip", "pip3", "npm", "pnpm", "yarn", "cargo", "go", "uv", "poetry", "docker",
    "docker-compose", "podman", "kubectl", "oc", "terraform", "tofu", "brew", "apt", "apt-get",
    "apt-cache", "apt-mark", "systemctl", "rustup", "nvm", "pyenv", "gh",
)  # fmt: skip
#: Those whose words are no paths: targets, tasks, scripts of the project.
RUNNING: Final = frozenset((
    "make", "gmake", "ninja", "meson", "bazel", "gradle", "gradlew", "mvn", "ant", "sbt", "rake", "just",
    "task", "tox", "nox", "npm", "pnpm", "yarn", "composer", "mix", "pre-commit", "turbo", "nx", "hatch",
))  # fmt: skip
ASSIGNMENT: Final = "="


def wrapper(call: Call) -> Outcome | None:
    takes, skipped, written = WRAPPERS[call.name]
    if call.name == "command" and call.words[:1] in (["-v"], ["-V"], ["-pv"], ["-pV"]):
        return None
    given = options(call.words, takes, permute=False)
    call.paths(given.values(written))
    if given.has(OPENING.get(call.name, "")):
        call.nobody_knows(f"{call.name} opens a shell or an editor")
        return None
    words = given.operands[skipped:]
    if call.name in ("sudo", "doas"):
        for folder in given.values("D chdir") if call.name == "sudo" else []:
            call = call.moved(folder)
        call, words = _assigned(call, words)
    return call.run(words) if words else None


def exec_(call: Call) -> Outcome | None:
    """Judge ``exec``: with a command the shell ends there, without one only redirections stay."""
    given = options(call.words, "a", permute=False)
    if not given.operands:
        return None
    call.run(given.operands)
    return Outcome(None, None)


def env(call: Call) -> Outcome | None:
    given = options(call.words, "u unset C chdir S split-string", permute=False)
    if given.has("S split-string"):
        call.nobody_knows("env -S takes a string apart by rules of its own")
        return None
    for folder in given.values("C chdir"):
        call = call.moved(folder)
    call, words = _assigned(call, given.operands)
    if words:
        call.run(words)
    return None


def _assigned(call: Call, words: list[str]) -> tuple[Call, list[str]]:
    """Judge the variables that are set for a command; return its call with them, and its words."""
    for place, word in enumerate(words):
        if not _is_assignment(word):
            return call, words[place:]
        name, _, value = word.partition(ASSIGNMENT)
        variables.judge(call, name, value, exported=True)
        call = call.with_variables({name: value})
    return call, []


def _is_assignment(word: str) -> bool:
    name, equals, _ = word.partition(ASSIGNMENT)
    return bool(equals) and name.isidentifier()


def xargs(call: Call) -> None:
    """Judge what xargs runs: its last words, or those in place of a mark, are not known."""
    given = options(
        call.words,
        "I n P L d s a E J R S arg-file max-args max-procs replace delimiter max-lines max-chars",
        permute=False,
        attached="ile",
    )
    command = given.operands
    if given.has("process-slot-var"):
        call.nobody_knows("xargs gives a variable a value")
    if not command:
        return
    marks = given.values("I J replace") + (["{}"] if given.has("i replace") else [])
    marks = [mark for mark in marks if mark]
    for mark in marks:
        command = [word.replace(mark, UNKNOWN) for word in command]
    call.run(command if marks else [*command, UNKNOWN])


def shell(call: Call) -> Outcome | None:
    """Judge a shell by its script: after ``-c``, from a here-document, or in a file."""
    flags, words = _shell_flags(call.words)
    if any(word in ("--rcfile", "--init-file") for word in call.words):
        call.nobody_knows(f"{call.name} is given a script to begin with")
    if words and words[0].startswith(("--version", "--help")):
        return None
    if "n" in flags:
        return None
    if "c" in flags and words:
        for place, word in enumerate(words[1:]):
            call = replace(call, state=call.state.knowing(str(place), word))
        _script(call, words[0])
    elif words and "s" not in flags:
        call.tree(f"{call.name} runs a script that may write anywhere: {plain(words[0])}", "yes")
    elif call.stdin is not None:
        _script(call, call.stdin)
    else:
        call.nobody_knows(f"{call.name} reads its commands from where they cannot be seen")
    return None


def _script(call: Call, text: str) -> None:
    """Judge a shell's script. ``sh`` may be one for which ``[[`` is a program and ``((`` two brackets:
    there `[[ a > b ]]` writes b, and `[[ a && b ]]` runs b."""
    call.script(text, call.name)
    if call.name in _PLAIN_SHELLS and any(mark in text for mark in ("[[", "((")):
        call.script(text, call.name, "posix")


def _shell_flags(words: list[str]) -> tuple[str, list[str]]:
    """Return a shell's one-letter options, and the words after all options."""
    flags, rest = "", list(words)
    while rest and rest[0][:1] in ("-", "+") and len(rest[0]) > 1:
        word = rest.pop(0)
        if word == "--":
            break
        if word in ("--version", "--help"):
            return flags, [word]
        if word in ("--rcfile", "--init-file"):
            rest = rest[1:]
        elif not word.startswith("--"):
            flags += word[1:] if word[0] == "-" else ""
            if word[-1] in "oO":
                rest = rest[1:]
    return flags, rest


def evaluate(call: Call) -> Outcome | None:
    return call.script(" ".join(call.words), "eval") if call.words else None


#: Scripts that shells begin with, and those of version managers: what each new shell runs as well.
_BEGINNINGS: Final = """
    .bashrc .zshrc .profile .bash_profile .zprofile .zshenv .cargo/env .nvm/nvm.sh nvm/nvm.sh
    .asdf/asdf.sh asdf.sh sdkman-init.sh etc/profile profile.d/conda.sh conda.sh .ghcup/env
    .local/bin/env .deno/env .fnm/env .bash_aliases google-cloud-sdk/path.bash.inc
    google-cloud-sdk/path.zsh.inc .elan/env .opam/opam-init/init.sh .rvm/scripts/rvm
    .foundry/bin/env
"""


#: Scripts of installed packages that make these known.
_OF_PACKAGES: Final = (
    "/setup.bash",
    "/setup.zsh",
    "/setup.sh",
    "/setvars.sh",
    "/env.sh",
    "/settings64.sh",
    "/bash_completion",
)


def source(call: Call) -> None:
    """Judge ``source``: a script, but for those that make an environment known, or begin a shell."""
    script = plain(call.words[0]) if call.words else ""
    folder = os.path.basename(os.path.dirname(script))
    home = plain(call.state.variables.get("HOME", ""))
    packaged = script.startswith(("/usr/", "/opt/")) and script.endswith(_OF_PACKAGES)
    begins = script.startswith(("/usr/", "/opt/", "/etc/", home + "/" if home else "/usr/"))
    known = packaged or (begins and script.endswith(tuple(_BEGINNINGS.split())))
    if known and ".." not in script and is_known(call.words[0]):
        return
    if os.path.basename(script) != "activate" or folder not in ("bin", "Scripts"):
        call.tree(f"it runs a script that may write anywhere: {script}", "yes")


def trap(call: Call) -> None:
    words = [word for word in call.words if word not in ("--", "-p", "-l")]
    if len(words) < 2 or words[0] in ("-", ""):
        return
    turns = call.found.turns
    call.script(words[0], "trap")
    if set(words[1:]) <= {"EXIT", "0"}:
        call.found.turns = turns  # what it puts down is put down at the end


def alias(call: Call) -> None:
    if any("=" in word for word in call.words):
        call.nobody_knows("an alias changes what a command's name means")


def watch(call: Call) -> None:
    given = options(call.words, "n interval q equexit", permute=False)
    if given.operands:
        call.script(" ".join(given.operands), "watch")


def flock(call: Call) -> None:
    given = options(call.words, "w timeout E conflict-exit-code", permute=False)
    lock, command = given.operands[:1], given.operands[1:]
    call.paths(lock if not "".join(lock).isdigit() else [])
    if command[:1] in (["-c"], ["--command"]) and len(command) > 1:
        call.script(command[1], "flock")
    elif command:
        call.run(command)


def tool(call: Call) -> None:
    if call.words in TELLING or (not call.words and call.name == "gh"):
        return
    from stickhooks.shell import services, telling

    if telling.judged(call) or services.inside(call):
        return
    first = next((word for word in call.words if not word.startswith("-")), "")
    shown = f"{call.name} {plain(first)}" if first and call.name not in BUILDERS else call.name
    nested: Nested = "yes" if call.name in RUNNING else "unnamed"
    call.tree(f"{shown} runs the project's own code or tools, and may write anywhere", nested)


HANDLERS: Final[dict[str, Callable[[Call], Outcome | None]]] = {
    **dict.fromkeys(WRAPPERS, wrapper),
    **dict.fromkeys(SHELLS, shell),
    **dict.fromkeys(INTERPRETERS, interpreter),
    **dict.fromkeys(TOOLS, tool),
    **dict.fromkeys((".", "source"), source),
    "exec": exec_,
    "env": env,
    "xargs": xargs,
    "eval": evaluate,
    "trap": trap,
    "alias": alias,
    "watch": watch,
    "flock": flock,
}
