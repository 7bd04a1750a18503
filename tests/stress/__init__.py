"""Long-running tests as commands: ``python -m tests.stress.crash_points``, ``… .soak``."""
