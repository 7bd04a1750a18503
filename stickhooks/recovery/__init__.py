"""Snapshots: what differs from HEAD in a working tree at one moment, kept where no git command reaches.

No hook can stop `git checkout .`, a formatter or a program that is no client. So what differs from
HEAD is kept when a turn begins and ends, and before commands that destroy.
"""
