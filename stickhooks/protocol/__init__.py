"""The law: who may do what with the stick, and what follows. Pure."""
