"""A hook's own time limit: clients give up on a hook that is late, and then let the tool run."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal  # the real one brings enum, which doubles the gate's start
else:
    import _signal

GRACE_S = 2.0


class OutOfTime(BaseException):
    """No Exception, so that nothing on the way takes it for a fault that it can handle."""


def begin(seconds: float) -> None:
    """Raise OutOfTime in this process after so many seconds, unless ``end`` comes first.

    What does not come to an end even then is killed two seconds later. Where there are no
    interval timers (Windows) nothing happens.
    """
    if hasattr(_signal, "setitimer"):
        _signal.signal(_signal.SIGALRM, _ring)
        _signal.setitimer(_signal.ITIMER_REAL, seconds)


def end() -> None:
    if hasattr(_signal, "setitimer"):
        _signal.setitimer(_signal.ITIMER_REAL, 0)


def _ring(number: int, frame: object) -> None:
    _signal.signal(_signal.SIGALRM, _signal.SIG_DFL)
    _signal.setitimer(_signal.ITIMER_REAL, GRACE_S)
    raise OutOfTime("it took too long")
