"""A server of tools (Model Context Protocol, standard input and output) that reads and writes files.

python mcp_server.py: it is started by coding clients in ``real_clients``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

PATH = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
NOTHING: dict[str, Any] = {"type": "object", "properties": {}}
TOOLS = {"write_file": PATH, "read_file": PATH, "frob": PATH, "do_commit": NOTHING, "tell": NOTHING}


def call(name: str, given: dict[str, Any]) -> str:
    path = Path(given.get("path") or "by_mcp.txt")
    if name == "read_file":
        return path.read_text()
    if name == "tell":
        return "nothing was written"
    path.write_text(f"written by {name}\n")
    return f"wrote {path}"


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    method, given = asked.get("method"), asked.get("params") or {}
    if method == "initialize":
        about = {"name": "files", "version": "1"}
        version = given.get("protocolVersion", "2024-11-05")
        return {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": about}
    if method == "tools/list":
        tools = [
            {"name": name, "description": f"does {name}", "inputSchema": schema}
            for name, schema in TOOLS.items()
        ]
        return {"tools": tools}
    if method == "tools/call":
        text = call(given["name"], given.get("arguments") or {})
        return {"content": [{"type": "text", "text": text}]}
    return {}


def main() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        if "id" in asked:
            told = {"jsonrpc": "2.0", "id": asked["id"], "result": answer(asked)}
            print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
