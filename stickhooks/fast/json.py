"""In place of ``json``: the C scanner and encoder of CPython alone, which it always has.

``import json`` loads ``re`` and costs the gate 1.0 B0. This one is stricter: no NaN, no
Infinity, and no floats at all unless asked for.
"""

from _json import encode_basestring_ascii, make_encoder, make_scanner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Scanner = Callable[[str, int], tuple[object, int]]

_BLANK = " \t\n\r"


class _Strict:
    """The attributes that the scanner asks its context for."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    memo: "dict[str, str]" = {}  # noqa: RUF012 - the scanner's own scratch table
    parse_int = int

    @staticmethod
    def parse_float(text: str) -> float:
        raise ValueError(f"the number {text[:20]} is not whole")

    @staticmethod
    def parse_constant(text: str) -> float:
        raise ValueError(f"{text} is not a number")


class _Lenient(_Strict):
    parse_float = float  # type: ignore[assignment]


def scanner(floats: bool = False) -> "Scanner":
    """Return what ``read`` scans with: to be made once, for many texts."""
    return make_scanner(_Lenient() if floats else _Strict())  # type: ignore[arg-type]


def read(text: str, floats: bool = False, scan: "Scanner | None" = None) -> object:
    """Return the value of one JSON text, or raise ValueError saying what is wrong with it."""
    stripped = text.strip(_BLANK)
    if not stripped:
        raise ValueError("it is empty")
    try:
        value, end = (scan or scanner(floats))(stripped, 0)
    except StopIteration:
        raise ValueError("it is not JSON") from None
    except SystemError:  # the scanner found a fault, and json.decoder is not loaded to name it
        raise ValueError("it is not JSON") from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"it is not JSON: {error}") from None
    if end != len(stripped):
        raise ValueError(f"there is more after its end, at character {end}")
    return value


def write(value: object) -> str:
    """Return dicts, lists, strings, whole numbers, booleans and None as JSON in ASCII."""
    return "".join(_encode(value, 0))


def _foreign(value: object) -> object:
    raise TypeError(f"{type(value).__name__} has no place in a state file")


_encode = make_encoder(None, _foreign, encode_basestring_ascii, None, ":", ",", False, False, False)
