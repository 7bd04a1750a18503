"""Use cases: join, take, release, wait, run, policy, audit."""
