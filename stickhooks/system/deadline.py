"""A hook's own time limit: clients give up on a hook that is late, and then let the tool run."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal  # the real one brings enum, which doubles the gate's start
    from collections.abc import Callable
else:
    import _signal

GRACE_S = 2.0
_LAST: "list[Callable[[], None]]" = []


class OutOfTime(BaseException):
    """No Exception, so that nothing on the way takes it for a fault that it can handle."""


def begin(seconds: float, last: "Callable[[], None] | None" = None) -> None:
    """Raise OutOfTime in this process after so many seconds, unless ``end`` comes first.

    Python swallows an exception in some places (a callback of a weak reference, as the import system
    has them). Where nothing has come of it after two seconds, ``last`` is called, which says no and
    ends the process; without one, it is killed. Where there are no interval timers (Windows) nothing happens.
    """
    _LAST[:] = [] if last is None else [last]
    if hasattr(_signal, "setitimer"):
        _signal.signal(_signal.SIGALRM, _ring)
        _signal.setitimer(_signal.ITIMER_REAL, seconds)


def end() -> None:
    if hasattr(_signal, "setitimer"):
        _signal.setitimer(_signal.ITIMER_REAL, 0)


def _ring(number: int, frame: object) -> None:
    _signal.signal(_signal.SIGALRM, _say_no if _LAST else _signal.SIG_DFL)
    _signal.setitimer(_signal.ITIMER_REAL, GRACE_S)
    raise OutOfTime("it took too long")


def _say_no(number: int, frame: object) -> None:
    _signal.signal(_signal.SIGALRM, _signal.SIG_DFL)
    _signal.setitimer(_signal.ITIMER_REAL, GRACE_S)
    _LAST[0]()
