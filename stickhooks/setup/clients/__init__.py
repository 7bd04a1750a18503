"""The coding clients as ``stick init`` and ``stick doctor`` meet them: a cold file for each.

A file here is found by being here; its ``PLACE`` is all that anybody asks of it.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Final

from stickhooks.setup.client_places import Place

_MODULES: Final = [
    importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)
]
PLACES: Final[list[Place]] = sorted((m.PLACE for m in _MODULES), key=lambda place: place.rank)
BY_SHORT: Final = {place.short: place for place in PLACES}
