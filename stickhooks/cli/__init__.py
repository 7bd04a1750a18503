"""What people type: verbs, their options, and what is printed for an error."""
