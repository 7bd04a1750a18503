"""The log of a room as a picture: on a terminal, as SVG, as HTML."""
