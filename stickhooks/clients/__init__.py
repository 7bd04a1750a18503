"""The coding clients: one adapter a file, one registry. Imported by the gate."""

from stickhooks.clients import claude_code

CLIENTS = {claude_code.NAME: claude_code}
