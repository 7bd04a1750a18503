"""``stick demo --engine git``: two clones, as on two machines, with the room on the remote that both have."""

from __future__ import annotations

from pathlib import Path

from stickhooks.cli import demo
from stickhooks.cli.demo import Member, say


def story(folder: Path, members: list[Member]) -> None:
    """Tell it in a throwaway folder; whatever comes out otherwise raises ``Unlike``."""
    env = demo.environment(folder)
    remote = folder / "team.git"
    demo.by_git(
        ["clone", "-q", "--bare", str(demo.repository_in(folder, env)), str(remote)], folder, env
    )

    def clones(name: str, host: str) -> Member:
        demo.by_git(["clone", "-q", str(remote), host], folder, env)
        members.append(Member(f"{name}@{host}", folder / host, env))
        return members[-1]

    say("", f"1. A bare repository, {remote}, and two clones of it, as on two machines.")
    ada, bob = clones("ada", "desk"), clones("bob", "laptop")
    ada.types("stick init --only git --engine git:origin", says="rooms on git:origin, made there")
    bob.types("stick init --only git --engine git:origin", says="as they are there")

    say(
        "",
        "2. ada joins in her clone and takes the stick: one push of the room, none of the branch.",
    )
    ada.types("stick join --as ada", quiet=True)
    ada.types('stick take --why "refactor the login"', says="yours")

    say("", "3. bob, in his clone, may not write: it is one stick.")
    bob.types("stick join --as bob", quiet=True)
    bob.types("stick take", expect=75, says="ada holds")
    bob.types('git commit -q --allow-empty -m "sweep it in"', expect=1, says="NOT COMMITTED")

    say("", "4. ada commits, pushes with the stick, and hands over.")
    ada.types("echo \"print('login')\" >> app.py && git commit -qam 'start the login'")
    ada.types("stick push")
    ada.types('stick handoff bob --status "login drafted" --next "write its tests"')

    say("", "5. bob takes it, reads the handoff, pulls, commits and pushes.")
    bob.types("stick take", says="write its tests")
    bob.types("git pull -q && touch test_app.py && git add . && git commit -qm 'test the login'")
    bob.types("stick push")

    say("", "6. ada holds no more: neither her commits nor her pushes pass.")
    ada.types("git commit -q --allow-empty -m more", expect=1, says="NOT COMMITTED")
    ada.types("git push -q", expect=1, says="bob holds")
