"""Following a printed step: typed there, by whom it was printed to, until something else is said."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field

from tests.support.shells import Result, Shell

LENGTH = 4  # so many steps are followed: a circle of three shows
#: What a step leaves open, and what somebody would type there.
FILLED = {
    "YOUR-PROJECT": "../elsewhere",
    "YOUR-REPOSITORY": "../elsewhere",
    "--as NAME": "--as zoe",
    "VERB": "take",
    "--status … --next …": "--status done --next more",
    '--status "what was done" --next "what comes next" --artifact FILE': "--status done --next more",
}
#: Steps that wait for what others do, or that somebody else has to take: nothing to follow there.
ENDS = ("stick wait", "pip install", "ask who", "sudo ", "codex", "df ", "ls -ld", "command -v git")


@dataclass
class Walk:
    """What was typed, and what was said to it each time."""

    typed: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    end: str = ""

    def __str__(self) -> str:
        steps = zip(self.typed, self.codes, self.said, strict=True)
        return "\n".join(f"$ {typed}   [{code}]\n    {said}" for typed, code, said in steps)


def steps_of(result: Result) -> list[str]:
    return [
        line.strip()
        for line in re.findall(r"^ *(?:next|or): +(.+?)(?:   \(.*)?$", result.text, re.MULTILINE)
    ]


def sentence(result: Result) -> str:
    """Return what is said besides the steps; ages and times are no other sentence."""
    lines = [
        line.strip()
        for line in result.text.splitlines()
        if not re.match(r" *(next|or|urgent): ", line)
    ]
    return re.sub(r"\d+( s| min|:\d\d)|\(pid \d+\)|\.\d{6,}", "#", " / ".join(lines))


def follow(shell: Shell, command: str, env: dict[str, str] | None = None, within: str = "") -> Walk:
    """Type a command, then the first step of what it prints, and so on; stop where all is well.

    ``within`` is a program that runs each, with fewer rights.
    """
    walk = Walk()
    while len(walk.typed) < LENGTH:
        result = shell.run(f"{within} sh -c {shlex.quote(command)}" if within else command, env)
        assert "Traceback (most" not in result.text, result.text
        walk.typed.append(command)
        walk.said.append(sentence(result))
        walk.codes.append(result.code)
        steps = steps_of(result)
        walk.steps.append(" / ".join(steps))
        if result.code == 0 or not steps:
            walk.end = "" if result.code == 0 else "no step"
            return walk
        if steps[0].startswith("export "):  # of this shell: what was typed goes on from there
            command, walk.end = f"{command.partition(' ')[2]}", steps[0]
            steps = [f"{steps[0]}; {command}"]
        folder = re.match(r"cd \S+ && (?!.*&& cd)", command)  # typed where the first one was
        command = (
            steps[0] if steps[0].startswith("cd ") else f"{folder[0] if folder else ''}{steps[0]}"
        )
        for open_part, typed in FILLED.items():
            command = command.replace(open_part, typed)
        if any(part.strip().startswith(ENDS) for part in command.split("&&")):
            walk.end = command
            return walk
    walk.end = "it goes on and on"
    return walk


def is_circle(walk: Walk) -> bool:
    """Tell whether a step led to where one was: the same words, and the same steps, once more."""
    seen = list(zip(walk.said, walk.steps, walk.codes, strict=True))
    return len(set(seen)) < len(seen)
