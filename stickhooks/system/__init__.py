"""The operating system: files, locks, clocks, processes."""
