"""The hooks that stickhooks answers, by the names that git calls them by."""

#: Those that can refuse; ``reference-transaction`` has a file of its own in ``hooks/``.
ASKING = (
    "pre-commit", "pre-merge-commit", "prepare-commit-msg", "applypatch-msg", "pre-rebase",
)  # fmt: skip
TRANSACTION = "reference-transaction"
#: Those that come too late to refuse; they note what was done without the stick.
NOTING = ("post-commit", "post-merge", "post-checkout", "post-rewrite")
PUSH = "pre-push"  # where the rooms are on an engine: see ``handlers.git_push``
RECEIVE = "pre-receive"  # a server's: put in by hand
GIT_HOOKS = (*ASKING, TRANSACTION, *NOTING)
BEFORE = (
    "before"  # core.fsmonitor, which git asks before it changes anything: see ``setup.before_hook``
)
LOST = "lost"  # asked by the transaction hook after a reset, to tell what that took
PROBE = "probe"  # what a hook of ours asks where `stick doctor` tries it: see ``setup.hook_probe``
