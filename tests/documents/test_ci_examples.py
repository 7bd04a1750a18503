"""The jobs that docs/how-to/scripts-and-ci.md shows for GitHub Actions and GitLab are played: each step of
GitHub's by a shell of its own, the script of GitLab's by one, in a fresh clone whose HEAD is detached."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.documents import page
from tests.support.origin import git

yaml = pytest.importorskip("yaml")
PAGE = "how-to/scripts-and-ci"
#: What a job of GitLab's may say: docs.gitlab.com/ci/yaml, as far as the page needs it.
GITLAB = {"script", "before_script", "after_script", "image", "rules", "needs", "stage"}
GITHUB = {"runs-on", "steps", "needs", "if", "permissions"}


def jobs() -> list[tuple[str, list[str]]]:
    """Return the jobs of the page, each as what one shell after the other runs."""
    found = []
    for block in re.findall(r"^```yaml\n(.*?)^```$", page(PAGE), re.MULTILINE | re.DOTALL):
        read = yaml.safe_load(block)
        assert isinstance(read, dict), block
        github = "jobs" in read
        for name, job in (read["jobs"] if github else read).items():
            assert set(job) <= (GITHUB if github else GITLAB), job
            found.append((name, _of_github(job) if github else _of_gitlab(job)))
    return found


def _of_github(job: Mapping[str, Any]) -> list[str]:
    assert all(set(step) <= {"uses", "run", "if", "with", "name"} for step in job["steps"])
    return [step["run"] for step in job["steps"] if "run" in step]


def _of_gitlab(job: Mapping[str, Any]) -> list[str]:
    assert all(isinstance(line, str) for line in job["script"])
    return ["\n".join(job["script"])]


@pytest.fixture
def clone(tmp_path: Path, env: dict[str, str]) -> Path:
    """Return a clone as a runner makes it; its remote is the team's."""
    team, work, clone = (tmp_path / name for name in ("team.git", "work", "clone"))
    git(tmp_path, "init", "-q", "--bare", "-b", "main", str(team))
    git(tmp_path, "clone", "-q", str(team), str(work))
    (work / "release.sh").write_text("echo released >> ../released\n")
    git(work, "add", ".")
    git(work, "-c", "user.name=a", "-c", "user.email=a@x", "commit", "-qm", "one")
    git(work, "push", "-q", "origin", "HEAD:main")
    git(tmp_path, "clone", "-q", str(team), str(clone))
    git(clone, "checkout", "-q", "--detach")
    return clone


def play(steps: list[str], clone: Path, env: Mapping[str, str]) -> list[int]:
    numbers = {"CI": "true", "GITHUB_RUN_ID": "7", "CI_JOB_ID": "7"}
    return [
        subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step], cwd=clone,
            env={**env, **numbers}, stdin=subprocess.DEVNULL, start_new_session=True, check=False,
        ).returncode
        for step in steps
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "steps"), jobs(), ids=[f"{n} {i}" for i, (n, _) in enumerate(jobs())]
)
def test_a_job_of_the_page_does_what_it_says(
    name: str, steps: list[str], clone: Path, env: dict[str, str]
) -> None:
    assert not any(play(steps, clone, env))
    if name == "release":
        assert (clone.parent / "released").read_text() == "released\n"
        return
    (clone / ".talking-stick").mkdir()
    (clone / ".talking-stick/room.json").write_text("{}\n")
    git(clone, "add", "-f", ".talking-stick")
    assert any(play(steps, clone, env))


def test_both_hosts_have_both_jobs() -> None:
    names = [name for name, _ in jobs()]
    assert sorted(names) == ["no-room-in-git", "no-room-in-git", "release", "release"]
