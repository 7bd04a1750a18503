"""Rooms that several clones share: the engine has the truth, the files of each clone are its mirror."""
