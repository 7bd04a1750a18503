"""Rooms on disk: read, written, watched, repaired."""
