"""The lock under contention: it excludes filelock, is left by no one, and lets signals through."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from stickhooks.system import deadline, lock
from tests.support.shells import eventually
from tests.support.world import HANDOFF, Workspace, python, refused


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "lock"
    made.touch()
    return made


@contextmanager
def opened(file: Path) -> Iterator[int]:
    fd = os.open(file, os.O_RDWR | os.O_CREAT)
    try:
        yield fd
    finally:
        os.close(fd)


KEEP = """
import sys
from filelock import FileLock
with FileLock(sys.argv[1], fallback_to_soft=False, preserve_lock_file=True):
    print("kept", flush=True)
    sys.stdin.read()
"""


@contextmanager
def kept(file: Path) -> Iterator[Callable[[], None]]:
    """Have filelock keep the lock in another process. Yields what makes it let go."""
    with python("-c", KEEP, str(file)) as keeper:
        assert keeper.stdout
        assert keeper.stdin
        assert keeper.stdout.readline() == "kept\n"
        try:
            yield keeper.stdin.close
        finally:
            keeper.kill()


def is_free(file: Path) -> bool:
    with opened(file) as fd:
        return lock.alone(fd)


def threads() -> int:
    return len(os.listdir("/proc/self/task"))


# --- filelock, both ways ---------------------------------------------------------------


def test_who_holds_it_keeps_filelock_out(file: Path) -> None:
    other = FileLock(file, timeout=0.05, fallback_to_soft=False)
    with opened(file) as fd:
        assert lock.within(fd, 1)
        with pytest.raises(Timeout):
            other.acquire()
    other.acquire()
    other.release()


def test_filelock_keeps_us_out_until_it_lets_go(file: Path) -> None:
    with kept(file) as let_go:
        with opened(file) as fd:
            assert not lock.alone(fd)
            assert not lock.shared(fd)
            assert not lock.within(fd, 0.05)
        with opened(file) as fd:
            threading.Timer(0.1, let_go).start()
            assert lock.within(fd, 240)
            with pytest.raises(Timeout):
                FileLock(file, timeout=0.05, fallback_to_soft=False).acquire()


def test_a_killed_holder_frees_it(file: Path) -> None:
    with kept(file), opened(file) as fd:
        assert not lock.within(fd, 0)
    with opened(file) as fd:
        assert lock.within(fd, 240)


def test_filelock_on_a_workspaces_lock_keeps_every_write_out(tmp_path: Path) -> None:
    ws = Workspace(tmp_path)
    lease = ws.take("ana", ws.join("ana"))
    ws.store.lock_timeout = 0.05
    with kept(tmp_path / ".talking-stick/lock"):
        assert (
            "has kept the lock" in refused(lambda: ws.rooms.release(*lease, HANDOFF), "io").message
        )
    assert ws.rooms.release(*lease, HANDOFF)


def test_a_write_keeps_filelock_out_of_the_workspaces_lock(tmp_path: Path) -> None:
    ws = Workspace(tmp_path)
    ws.join("ana")
    other = FileLock(tmp_path / ".talking-stick/lock", timeout=0.05, fallback_to_soft=False)
    with ws.store.exclusive(), pytest.raises(Timeout):
        other.acquire()
    with other:
        pass


# --- nothing is left -------------------------------------------------------------------


def test_a_lock_that_comes_after_the_time_out_frees_itself(file: Path) -> None:
    before, descriptors = threads(), len(os.listdir("/proc/self/fd"))
    with opened(file) as holder:
        assert lock.alone(holder)
        for _ in range(20):
            with opened(file) as fd:
                assert not lock.within(fd, 0.001)
        assert threads() > before  # they still wait, and would get it
    eventually(lambda: threads() <= before)
    assert len(os.listdir("/proc/self/fd")) <= descriptors
    assert is_free(file)


def test_another_file_under_the_number_of_a_closed_descriptor_is_not_touched(
    file: Path, tmp_path: Path
) -> None:
    before = threads()
    with opened(file) as holder:
        assert lock.alone(holder)
        fd = os.open(file, os.O_RDWR)
        assert not lock.within(fd, 0.001)
        os.close(fd)
        with opened(tmp_path / "other") as again:
            assert again == fd
            assert lock.alone(again)
    eventually(lambda: threads() <= before)
    assert is_free(file)
    assert is_free(tmp_path / "other")


def test_a_lock_that_comes_in_time_is_kept_when_its_thread_has_gone(file: Path) -> None:
    before = threads()
    with ExitStack() as first, opened(file) as fd:
        assert lock.alone(first.enter_context(opened(file)))
        threading.Timer(0.1, first.close).start()
        assert lock.within(fd, 240)
        eventually(lambda: threads() <= before)
        assert not is_free(file)
    assert is_free(file)


def test_without_a_further_descriptor_it_is_had_all_the_same(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(fd: int) -> int:
        raise OSError(24, "too many open files")

    with ExitStack() as first, opened(file) as fd:
        assert lock.alone(first.enter_context(opened(file)))
        monkeypatch.setattr(os, "dup", none)
        assert not lock.within(fd, 0.02)
        threading.Timer(0.05, first.close).start()
        assert lock.within(fd, 240)


def test_it_works_off_the_main_thread(file: Path) -> None:
    got: list[bool] = []
    with opened(file) as holder, opened(file) as fd:
        assert lock.alone(holder)
        thread = threading.Thread(target=lambda: got.append(lock.within(fd, 0.02)))
        thread.start()
        thread.join()
    assert got == [False]


def test_what_cannot_be_locked_is_an_error_and_not_a_time_out() -> None:
    fd = os.open(os.devnull, os.O_RDONLY)
    os.close(fd)
    with pytest.raises(OSError, match="Bad file descriptor"):
        lock.within(fd, 1)


# --- signals ---------------------------------------------------------------------------


def test_the_time_limit_of_a_hook_interrupts_it(file: Path) -> None:
    before = signal.getsignal(signal.SIGALRM)
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:
        with opened(file) as holder:
            assert lock.alone(holder)
            with opened(file) as fd:
                deadline.begin(0.05)
                with pytest.raises(deadline.OutOfTime):
                    lock.within(fd, 60)
    finally:
        deadline.end()
        signal.signal(signal.SIGALRM, before)
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == mask
    eventually(lambda: is_free(file))


TAKE = """
import os, sys
from stickhooks.system import lock
fd = os.open(sys.argv[1], os.O_RDWR)
print("begin", flush=True)
try:
    lock.within(fd, 60)
except KeyboardInterrupt:
    os.close(fd)
    print("interrupted", flush=True)
    sys.stdin.read()
"""


def waiting_in_vain(
    stack: ExitStack, file: Path
) -> tuple[Callable[[], None], subprocess.Popen[str]]:
    """Start a process that waits for a lock. Returns what gives the lock back, and the process."""
    let_go = stack.enter_context(kept(file))
    process = stack.enter_context(python("-c", TAKE, str(file)))
    stack.callback(process.kill)
    assert process.stdout
    assert process.stdout.readline() == "begin\n"
    eventually(lambda: len(os.listdir(f"/proc/{process.pid}/task")) == 2)
    return let_go, process


def test_ctrl_c_ends_the_waiting_and_a_process_that_lives_on_keeps_no_lock(file: Path) -> None:
    with ExitStack() as stack:
        let_go, process = waiting_in_vain(stack, file)
        process.send_signal(signal.SIGINT)
        assert process.stdout
        assert process.stdout.readline() == "interrupted\n"
        assert not is_free(file)
        let_go()
        eventually(lambda: is_free(file))
        assert process.poll() is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_who_is_ended_while_it_waits_is_ended_at_once(file: Path, number: signal.Signals) -> None:
    with ExitStack() as stack:
        _, process = waiting_in_vain(stack, file)
        process.send_signal(number)
        assert process.wait(20) == -number


# --- the cost where nobody is in the way -----------------------------------------------


def test_a_free_lock_costs_one_call_and_no_import(file: Path) -> None:
    code = (
        "import os, sys; from stickhooks.system import lock; before = set(sys.modules);"
        f" assert lock.within(os.open({str(file)!r}, os.O_RDWR), 1);"
        " print(set(sys.modules) - before, len(os.listdir('/proc/self/task')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )  # fmt: skip
    assert done.stdout == "set() 1\n"


def test_only_one_module_knows_how_to_lock_a_descriptor() -> None:
    package = Path(lock.__file__).parents[1]
    told = [p.name for p in package.rglob("*.py") if "fcntl.flock(" in p.read_text()]
    assert told == ["lock.py"]
