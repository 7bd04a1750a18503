"""stickhooks: a talking stick for a working tree that several agents and people share."""

__version__ = "0.1.0"
