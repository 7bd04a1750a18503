"""What only the start-up budget forces: replacements of library modules that start too slowly.

Prices are in B0, the instructions of a bare interpreter (``python -I -S -c pass``). The gate
may take 1.3 of them, ``stick take`` 2.4.
"""
