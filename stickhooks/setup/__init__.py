"""Into other people's places and out again: git hooks, client hooks, editor plugins, doctor."""
