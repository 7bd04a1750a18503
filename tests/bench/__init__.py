"""How fast it is: every speed of the goals, as ratios inside one interleaved run.

A benchmark, not a test: nothing here fails for being slow.
"""
