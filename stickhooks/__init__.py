"""stickhooks: a talking stick for a working tree that several agents and people share."""

__version__ = "0.2.0"
