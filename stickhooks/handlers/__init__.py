"""What a hook runs: git's, a coding client's, an editor's."""
