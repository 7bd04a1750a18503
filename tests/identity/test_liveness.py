"""Alive, gone or unknown: only proof kills. With real processes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from stickhooks.fast.records import replace
from stickhooks.identity import liveness
from stickhooks.identity.liveness import ALIVE, GONE, UNKNOWN
from stickhooks.protocol.model import Process
from stickhooks.system import clock, processes

linux = pytest.mark.skipif(not processes.LINUX, reason="reads /proc")
HERE = processes.where()
INITIAL = processes.INITIAL_PIDNS


def recorded(pid: int) -> Process:
    """Return a process as a join writes it down."""
    seen = processes.see(pid)
    assert seen is not None
    machine, boot, pidns = HERE
    return Process(pid, seen.start, machine or "m", boot, pidns, seen.name)


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


def verdict(process: Process) -> str:
    machine, boot, pidns = HERE
    return liveness.judge(process, (machine or "m", boot, pidns))[0]


def test_a_running_process_is_alive(sleeper: subprocess.Popen[bytes]) -> None:
    assert verdict(recorded(sleeper.pid)) == ALIVE


def test_a_stopped_process_is_alive(sleeper: subprocess.Popen[bytes]) -> None:
    process = recorded(sleeper.pid)
    sleeper.send_signal(signal.SIGSTOP)
    assert verdict(process) == ALIVE
    sleeper.send_signal(signal.SIGCONT)


def test_a_killed_and_reaped_process_is_gone(sleeper: subprocess.Popen[bytes]) -> None:
    process = recorded(sleeper.pid)
    sleeper.kill()
    sleeper.wait()
    assert verdict(process) == GONE


@linux
def test_a_zombie_is_gone(sleeper: subprocess.Popen[bytes]) -> None:
    process = recorded(sleeper.pid)
    sleeper.kill()
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
    assert processes.exists(sleeper.pid)
    assert verdict(process) == GONE


def test_a_pid_that_another_process_has_now_is_gone(sleeper: subprocess.Popen[bytes]) -> None:
    process = recorded(sleeper.pid)
    assert process.start is not None
    assert verdict(replace(process, start=process.start - 100_000)) == GONE


def test_a_foreign_machine_is_never_taken_for_gone() -> None:
    dead = Process(2**22 + 1, 1, "another machine", *HERE[1:])
    assert verdict(dead) == UNKNOWN
    assert verdict(replace(dead, boot="another boot", pidns=INITIAL)) == UNKNOWN


@linux
def test_an_earlier_boot_of_the_same_machine_is_gone() -> None:
    here = ("machine", "this boot", INITIAL)
    process = Process(os.getpid(), 1, "machine", "last boot", INITIAL)
    assert liveness.judge(process, here)[0] == GONE


@pytest.mark.parametrize(
    ("recorded_ns", "our_ns"), [("4026532999", INITIAL), (INITIAL, "4026532999"), ("1", "1"), ("", "")]
)  # fmt: skip
def test_another_boot_is_no_proof_where_a_container_may_be(recorded_ns: str, our_ns: str) -> None:
    process = Process(os.getpid(), 1, "machine", "last boot", recorded_ns)
    assert liveness.judge(process, ("machine", "this boot", our_ns))[0] == UNKNOWN


@pytest.mark.parametrize("boots", [("", "this boot"), ("last boot", "")])
def test_a_boot_without_a_name_proves_nothing(boots: tuple[str, str]) -> None:
    process = Process(os.getpid(), 1, "machine", boots[0], INITIAL)
    assert liveness.judge(process, ("machine", boots[1], INITIAL))[0] == UNKNOWN


@pytest.mark.parametrize("pidns", ["4026532999", ""])
def test_another_pid_namespace_is_unknown(pidns: str) -> None:
    process = Process(2**22 + 1, 1, "machine", "boot", pidns)
    assert liveness.judge(process, ("machine", "boot", INITIAL))[0] == UNKNOWN


@linux
def test_who_cannot_tell_its_own_namespace_proves_nothing() -> None:
    process = Process(2**22 + 1, 1, "machine", "boot", "")
    assert liveness.judge(process, ("machine", "boot", ""))[0] == UNKNOWN


def test_a_process_without_a_start_is_unknown() -> None:
    assert verdict(Process(2**22 + 1, None, *HERE)) == UNKNOWN


def test_a_machine_without_a_name_proves_nothing() -> None:
    process = Process(2**22 + 1, 1, "", "boot", INITIAL)
    assert liveness.judge(process, ("", "boot", INITIAL))[0] == UNKNOWN


def test_a_written_proof_counts_wherever_it_is_read() -> None:
    process = Process(os.getpid(), None, "another machine", "x", "y", dead=True)
    assert verdict(process) == GONE


@pytest.mark.parametrize("pid", [0, 2**31, 2**62])
def test_a_pid_that_cannot_be_is_no_fault(pid: int) -> None:
    assert verdict(Process(pid, 1, HERE[0] or "m", *HERE[1:])) in (UNKNOWN, GONE)


def test_only_the_proven_dead_are_returned(sleeper: subprocess.Popen[bytes]) -> None:
    alive = recorded(sleeper.pid)
    reused = replace(alive, start=1)
    foreign = replace(alive, machine="another machine")
    assert liveness.proven_dead([alive, reused, foreign]) == {reused}


def test_the_evidence_names_the_process(sleeper: subprocess.Popen[bytes]) -> None:
    _, evidence = liveness.judge(recorded(sleeper.pid))
    assert str(sleeper.pid) in evidence


@linux
def test_a_name_with_a_bracket_does_not_hide_the_start() -> None:
    code = "open('/proc/self/comm', 'w').write('a) Z 1 ('); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as odd:
        assert odd.stdout
        odd.stdout.readline()
        seen = processes.see(odd.pid)
        odd.kill()
    assert seen
    assert (seen.name, seen.parent) == ("a) Z 1 (", os.getpid())
    assert seen.state in "RSD"


@linux
def test_our_ancestors_end_at_the_first_process() -> None:
    found = processes.ancestors()
    assert found[0].pid == os.getppid()
    assert [a.parent for a in found[:-1]] == [b.pid for b in found[1:]]


def test_one_boot_has_one_name_and_its_clock_goes_forward() -> None:
    first, second = clock.read(), clock.read()
    assert second[1] >= first[1]
    assert second[2] == first[2]


@linux
@pytest.mark.parametrize("space", ["--pid", "--time --boottime 100000"])
def test_in_another_namespace_nothing_is_proven(space: str) -> None:
    """A sandbox sees neither the processes outside nor that they are dead, or dates them otherwise."""
    code = (
        "from stickhooks.identity import liveness; "
        "from stickhooks.system import processes; "
        "from stickhooks.protocol.model import Process;"
        f"print(liveness.judge(Process({os.getpid()}, 1, *{HERE!r}))[0])"
    )
    try:
        done = subprocess.run(
            ["unshare", *space.split(), "--fork", sys.executable, "-c", code],
            capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip
    except FileNotFoundError:
        pytest.skip("no unshare here")
    if done.returncode and "unshare" in done.stderr:
        pytest.skip("this system gives no namespaces")
    assert done.stdout.strip() == UNKNOWN, done.stderr


@linux
def test_another_time_namespace_proves_nothing_of_a_process() -> None:
    """Start ticks are counted from another moment there: time_namespaces(7)."""
    if shutil.which("unshare") is None:
        pytest.skip("not installed: unshare")
    process = recorded(os.getpid())
    assert liveness.judge(process)[0] == ALIVE
    code = (
        "from stickhooks.identity import liveness; from stickhooks.protocol.model import Process;"
        f"process = {process!r};"
        "print(liveness.judge(process)[0], len(liveness.proven_dead([process])))"
    )
    words = ["unshare", "-T", "--boottime", "100000", sys.executable, "-c", code]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode and not done.stdout:
        pytest.skip(f"no time namespace may be made here: {done.stderr[-200:]}")
    assert done.stdout.split() == [UNKNOWN, "0"]
