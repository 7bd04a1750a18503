"""Programs that turn files into others: their last words, and some options, name what is written."""

from __future__ import annotations

from stickhooks.shell.options import listed, one_dash
from stickhooks.shell.state import Call
from stickhooks.shell.words import is_known, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

#: Options of ffmpeg with a value, without what stands behind a colon: `-c:v`.
_TAKES: Final = """
    i ss t to sseof frames vframes aframes vf af filter filter_complex c codec vcodec acodec b r s f crf
    preset map q qscale pix_fmt ar ac aspect loglevel v threads movflags metadata loop stream_loop
    itsoffset profile level tune g maxrate bufsize rtsp_transport user_agent update start_number
    framerate pattern_type lavfi
"""
_FLAGS: Final = "y n hide_banner an vn sn nostdin nostats shortest re version help h"
#: Filters and muxers with one of these in their text write files of their own.
_WRITING: Final = (
    "file",
    "result",
    "tee",
    "fifo",
    "sendcmd",
    "segment",
    "ssim",
    "psnr",
    "vmaf",
    "vidstab",
)
#: What is written there is no file.
_FAR: Final = (
    "http", "https", "rtmp", "rtmps", "rtsp", "srt", "udp", "tcp", "tls", "rtp", "sftp", "ftp", "icecast",
    "pipe",
)  # fmt: skip
#: ImageMagick's ways to write another file, or to run a script.
_ASIDE: Final = ("-write", "+write", "-script", "-process", "-log", "-debug", "-regard-warnings")
SCRIPTS: Final = ("msl:", "ephemeral:", "@", "|")


def ffmpeg(call: Call) -> None:
    """Judge ``ffmpeg``: what is no option, no option's value and no input is written."""
    rest = list(call.words)
    from_filters = "lavfi" in map(plain, rest)  # inputs may be filters then
    while rest:
        word = rest.pop(0)
        name = plain(word)[1:].partition(":")[0]
        if not word.startswith("-") or word == "-":
            _written(call, word)
        elif name in _TAKES.split():
            given = rest.pop(0) if rest else ""
            odd = not is_known(given) or any(one in plain(given) for one in _WRITING)
            if odd and (name != "i" or from_filters):
                call.nobody_knows(f"ffmpeg writes what {plain(word)} names")
        elif name not in _FLAGS.split():
            call.nobody_knows(f"stick does not know what ffmpeg does with {plain(word)}")


def _written(call: Call, word: str) -> None:
    protocol, colon, _ = plain(word).partition(":")
    if word == "-" or (protocol in _FAR and colon and is_known(word)):
        return
    if colon and len(protocol) > 1 and protocol.isalnum() and protocol != "file":
        call.nobody_knows(f"stick does not know what ffmpeg writes to {plain(word)}")
    else:
        call.path(word.removeprefix("file:"))


def convert(call: Call) -> None:
    """Judge ImageMagick's ``convert`` and ``magick``: its last word is written."""
    words = call.words
    if words[:1] in (["identify"], ["-version"], ["-list"]) and call.name == "magick":
        if words[0] == "identify":
            call.run(words)
        return
    lowered = [plain(word).lower() for word in words]
    odd = any(
        word in _ASIDE or word.startswith(SCRIPTS) or word.endswith(".msl") for word in lowered
    )
    tools = words[:1] in (
        ["mogrify"],
        ["import"],
        ["conjure"],
        ["stream"],
        ["compare"],
        ["montage"],
    )
    if odd or tools or len(words) < 2:
        call.tree(f"{call.name} may write anywhere")
        return
    form, _, path = words[-1].rpartition(":")
    if form not in ("info", "txt", "json") or path not in ("", "-"):
        call.outputs([path if form.isalnum() else words[-1]])


def jar(call: Call) -> None:
    """Judge ``jar``: with t it lists, whatever stands before or behind it."""
    mode = plain(call.words[0]).lstrip("-") if call.words else ""
    if mode not in ("list", "version", "help") and ("t" not in mode or not set(mode) <= set("tvf")):
        call.tree("jar may write files")


#: Options of exiftool that change nothing, in small letters. A name with a capital is a tag that is shown.
_EXIF: Final = """
    a b csv d c e ee ee2 ee3 f fast fast2 g g0 g1 g2 g3 g4 h j json l lang m n php q r s s1 s2
    s3 sort struct t table u u2 ver x xmlformat z progress ignoreminorerrors short veryshort
    long args duplicates groupnames unknown ext common listx list listw listf listr listg
    validate charset
"""
_EXIF_WRITES: Final = """
    tagsfromfile textout tagout config execute out geotag use if delete restore overwrite
    srcfile stay argfile w o p printformat fileorder efile trailer userparam echo
"""


def exiftool(call: Call) -> None:
    """Judge ``exiftool``: tags are shown by their names, and written where a mark stands behind these."""
    for word in map(plain, call.words):
        name = word[1:].rstrip("#*").replace(":", "")
        odd = word.startswith("-") and not (
            name.lower() in _EXIF.split()
            or (
                name[:1].isupper()
                and name.isalnum()
                and not name.lower().startswith(tuple(_EXIF_WRITES.split()))
                and len(name) > 2
            )
        )
        if odd or not all(map(is_known, call.words)):
            call.tree(f"exiftool may write files: {word}")
            return


def tesseract(call: Call) -> None:
    given = listed(
        call.words,
        "l: psm= oem= dpi= tessdata-dir= list-langs version help help-extra help-psm",
    )
    if given.odd or (given.operands and plain("".join(given.operands[1:2])) not in ("-", "stdout")):
        call.tree("tesseract writes a text beside its file")


def pdftotext(call: Call) -> None:
    given = listed(
        call.words,
        "f:l:r:nqx:y:W:H: layout raw table enc= eol= nopgbrk bbox fixed= nodiag simple htmlmeta",
    )
    if given.operands[1:] != ["-"]:
        call.tree("pdftotext writes a text beside its file")


_PICTURES: Final = """
    - f= l= r= rx= ry= scale-to= scale-to-x= scale-to-y= x= y= W= H= png jpeg tiff singlefile gray mono
    cropbox svg pdf ps eps aa= aaVector= hide-annotations o e
"""


def pdftoppm(call: Call) -> None:
    """Judge ``pdftoppm`` and its like: pictures beside the last word's name."""
    given = listed(one_dash(call.words), _PICTURES)
    if given.odd or len(given.operands) < 2:
        call.tree(f"{call.name} writes pictures")
        return
    call.path(given.operands[-1])
    call.path(given.operands[-1] + "-1")


def textutil(call: Call) -> None:
    """Judge ``textutil`` of macOS: what it makes lies beside its file, unless it is told."""
    given = listed(
        one_dash(call.words),
        "- convert= output> stdout info cat= format= encoding= inputencoding= help",
    )
    if given.odd or not given.has("output stdout info help"):
        call.tree("textutil writes beside its file")
    call.paths(given.written)


HANDLERS: Final[dict[str, Callable[[Call], None]]] = {
    "ffmpeg": ffmpeg,
    "convert": convert,
    "magick": convert,
    "jar": jar,
    "exiftool": exiftool,
    "textutil": textutil,
    "tesseract": tesseract,
    "pdftotext": pdftotext,
    **dict.fromkeys(("pdftoppm", "pdftocairo"), pdftoppm),
}
