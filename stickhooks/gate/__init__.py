"""May this caller write here? Decided from what lies on disk, and put into words."""
