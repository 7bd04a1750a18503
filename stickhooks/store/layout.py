"""The names of our files on disk: in ``.talking-stick``, and in our folder of the git dir."""

#: In the git dir: the entries of the list of stashes that were made in this room, a line each.
STASHES = "stashes"
PATCHES = ("back.0", "back.1")  # in our folder of the git dir
