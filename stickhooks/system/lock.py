"""Lock an open file: alone, shared, or alone within a time limit. The kernel wakes who waits.

It is the lock that filelock takes, on the same file: each excludes the other. Who finds it taken
does not ask again and again (50 ms of filelock's polling are twenty turns lost, and some never
get through): a thread blocks in ``flock`` while the caller waits for the thread with its time limit.

The thread works on a descriptor of its own, for the same open file, and closes it as soon as it
has the lock. So there is nothing to take back: the lock stays for as long as the caller keeps
its descriptor open, and where the caller has given up and closed it, the lock goes with the thread's.
"""

import os
import time

try:
    import fcntl
except ImportError:  # Windows: there filelock asks the system
    fcntl = None  # type: ignore[assignment]

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal  # the real one brings enum, which costs more than a lock
else:
    import _signal

POLL_S = 0.005
_yield = getattr(os, "sched_yield", None)


def alone(fd: int) -> bool:
    """Take the lock for ourselves if it is free. Tell whether we have it. Raises OSError."""
    if fcntl is None:
        return _by_filelock(fd)
    return _flock(fd, fcntl.LOCK_EX)


def shared(fd: int) -> bool:
    """Take the lock beside others who share it. On Windows nobody shares. Raises OSError."""
    if fcntl is None:
        return _by_filelock(fd)
    return _flock(fd, fcntl.LOCK_SH)


def within(fd: int, seconds: float) -> bool:
    """Take the lock for ourselves, waiting up to ``seconds``. Tell whether we have it.

    Closing ``fd`` gives it back, and must follow if this returns False or raises: a lock that
    comes late then frees itself. Signals are heard as ever: Ctrl-C or a handler that raises
    ends the waiting. Raises OSError for what is no lock's fault.
    """
    if alone(fd):
        return True
    until = time.monotonic() + seconds
    waiter = _Waiter.start(fd)
    if waiter is not None:
        return waiter.wait(seconds)
    while not alone(fd):
        left = until - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(POLL_S, left))
    return True


def give_back(fd: int) -> None:
    """Close the descriptor of a lock, which frees it, and yield the processor to a waiter.

    The process that releases the lock is still running; the waiter it woke is not. Without the
    yield it would usually win the lock again. No order is promised.
    """
    os.close(fd)
    if _yield is not None:
        _yield()


class _Waiter:
    """A thread that blocks until the lock is had."""

    __slots__ = ("done", "error")

    def __init__(self) -> None:
        import _thread

        self.error: OSError | None = None
        self.done = _thread.allocate_lock()
        self.done.acquire()

    @staticmethod
    def start(fd: int) -> "_Waiter | None":
        """Begin to wait; None where the system gives no thread or no descriptor for it.

        The thread hears no signals: one that it got would not wake the caller. They are held
        back while it starts, so that none comes between the descriptor and who closes it.
        """
        if fcntl is None:
            return None
        import _thread

        waiter = _Waiter()
        before = _signal.pthread_sigmask(_signal.SIG_BLOCK, ())
        try:
            _signal.pthread_sigmask(_signal.SIG_BLOCK, _signal.valid_signals())
            own = os.dup(fd)
            try:
                _thread.start_new_thread(waiter._block, (own,))
            except BaseException:
                os.close(own)
                raise
        except (OSError, RuntimeError):
            return None
        finally:
            _signal.pthread_sigmask(_signal.SIG_SETMASK, before)
        return waiter

    def _block(self, own: int) -> None:
        try:
            fcntl.flock(own, fcntl.LOCK_EX)
        except OSError as error:
            self.error = error
        finally:
            os.close(own)
            self.done.release()

    def wait(self, seconds: float) -> bool:
        import _thread

        if not self.done.acquire(True, min(max(seconds, 0.0), _thread.TIMEOUT_MAX)):
            return False
        if self.error is not None:
            raise self.error
        return True


def _flock(fd: int, how: int) -> bool:
    try:
        fcntl.flock(fd, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _by_filelock(fd: int) -> bool:
    from filelock import lock_descriptor

    return lock_descriptor(fd, blocking=False)
