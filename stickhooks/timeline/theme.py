"""The colours of a timeline, for light and for dark. No colour says what a shape does not say as well."""

from __future__ import annotations

from typing import Final

_LIGHT: Final = {
    "paper": "#ffffff", "ink": "#1f2328", "dim": "#59636e", "grid": "#e2e6ea", "held": "#2767ad",
    "inside": "#ffffff", "lost": "#a63d1e", "stripe": "#d9805f", "waiting": "#a9b3be",
    "reserved": "#9a6700", "takeover": "#a63d1e", "refused": "#c62a1b",
    "bypass": "#8034c9", "outside": "#8034c9", "commit": "#1a7f37", "back": "#0b7285", "paths": "#0e9488",
}  # fmt: skip
_DARK: Final = {
    "paper": "#0d1117", "ink": "#e6edf3", "dim": "#9aa4ae", "grid": "#262c35", "held": "#2f77c8",
    "inside": "#ffffff", "lost": "#a8442a", "stripe": "#dd8a6c", "waiting": "#5c6773",
    "reserved": "#d9a634", "takeover": "#e8906f", "refused": "#ff7a6e",
    "bypass": "#c297ff", "outside": "#c297ff", "commit": "#4ac26b", "back": "#4fc3d9", "paths": "#2dd4bf",
}  # fmt: skip
_RULES: Final = """\
.stick text{fill:ink;font-size:12px}
.stick .paper{fill:paper}
.stick .grid{stroke:grid;fill:none}
.stick .now{stroke:dim;fill:none}
.stick .dim{fill:dim}
.stick .held{fill:held}
.stick .lost{fill:url(#stick-lost);stroke:lost}
.stick .stripe{stroke:stripe}
.stick .ground{fill:lost}
.stick .waiting{fill:waiting}
.stick .paths{fill:paths;stroke:paper}
.stick .reserved{fill:none;stroke:reserved}
.stick .refused{stroke:refused}
.stick .takeover{fill:takeover;stroke:paper}
.stick .bypass{fill:bypass;stroke:paper}
.stick .outside{fill:outside;stroke:paper}
.stick .back{fill:back;stroke:paper}
.stick .ask{fill:paper;stroke:reserved}
.stick .note{fill:paper;stroke:dim}
.stick .part{fill:held;stroke:paper}
.stick .commit{fill:commit;stroke:paper}
.stick .inside{fill:inside}
.stick .number{fill:ink;stroke:paper}
"""
_SHAPES: Final = """\
.stick{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
.stick .title{font-size:17px;font-weight:600}
.stick .figures{font-weight:600}
.stick .small{font-size:11px}
.stick .middle{text-anchor:middle}
.stick .name{text-anchor:end}
.stick .inside{font-size:11px}
.stick .reserved{stroke-width:1.5;stroke-dasharray:4 3}
.stick .thin{stroke-width:0}
.stick .refused{stroke-width:2.2;fill:none}
.stick .number{font-size:9px;stroke-width:2;paint-order:stroke}
.stick .bypass,.stick .outside,.stick .takeover{stroke-width:1;paint-order:stroke}
.stick .back,.stick .part,.stick .commit{stroke-width:1;paint-order:stroke}
"""


def _coloured(colours: dict[str, str]) -> str:
    """Return the rules with names of colours replaced by colours."""
    lines = []
    for rule in _RULES.splitlines():
        selector, _, body = rule.partition("{")
        fields = [field.partition(":") for field in body.rstrip("}").split(";")]
        declarations = [f"{name}:{colours.get(value, value)}" for name, _, value in fields]
        lines.append(f"{selector}{{{';'.join(declarations)}}}")
    return "\n".join(lines)


def _coloured_page(colours: dict[str, str]) -> str:
    paper, ink, grid = colours["paper"], colours["ink"], colours["grid"]
    return f"body{{background:{paper};color:{ink}}}\nth,td{{border-color:{grid}}}"


STYLE: Final = f"""\
<style>
{_SHAPES}{_coloured(_LIGHT)}
@media (prefers-color-scheme:dark){{
{_coloured(_DARK)}
}}
</style>
<defs><pattern id="stick-lost" width="7" height="7" patternUnits="userSpaceOnUse" \
patternTransform="rotate(45)"><rect class="ground" width="7" height="7"/>\
<path class="stripe" d="M0 0V7" stroke-width="3"/></pattern></defs>"""

#: A page around the picture: paper, ink, dim and grid are the picture's own, and so is its edge of
#: 20 in 1,040. What is wider than the page scrolls in its own box; on paper all is there, and open.
PAGE: Final = "\n".join(
    [
        "body{margin:0;font:14px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}",
        "main{max-width:1400px;margin:0 auto}",
        ".wide{overflow-x:auto}",
        "svg{display:block;width:100%;min-width:760px;height:auto}",
        ".tables{padding:0 max(1.923%,14.6px)}",
        "table{border-collapse:collapse;margin:8px 0 28px;width:100%}",
        "caption{text-align:left;font-weight:600;padding:4px 0}",
        "th,td{text-align:left;padding:3px 14px 3px 0;vertical-align:top;border-bottom:1px solid}",
        "th:last-child,td:last-child{padding-right:0}",
        ".number{text-align:right;font-variant-numeric:tabular-nums}",
        ".number+th:not(.number),.number+td:not(.number){padding-left:8px}",
        "summary{cursor:pointer}",
        "details p{margin:2px 0 6px;overflow-wrap:anywhere}",
        _coloured_page(_LIGHT),
        "@media screen and (prefers-color-scheme:dark){",
        _coloured_page(_DARK),
        "}",
        "@media (max-width:600px){.tables{font-size:11px}th{font-size:10px}th,td{padding-right:5px}",
        "#members th,#members td{padding-right:2px}#members th{font-size:9.5px}",
        "#turns td:nth-child(5),#turns td:last-child,#marks td:last-child{overflow-wrap:anywhere}}",
        "@media print{",
        "svg{min-width:0}",
        "*{print-color-adjust:exact;-webkit-print-color-adjust:exact}",
        "details::details-content{display:block;content-visibility:visible;height:auto}",
        "tr{break-inside:avoid}",
        ".wide{overflow:visible}",
        "}",
    ]
)
