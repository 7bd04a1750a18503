"""OpenCode: where our plugin for it lies, and how it is asked about one edit."""

from __future__ import annotations

from typing import Final

from stickhooks.setup.client_places import FOREIGN, Place

#: Loads a plugin from standard input, and asks it about one edit as OpenCode does.
_HOST: Final = """
const [source, root, path] = JSON.parse(require("fs").readFileSync(0, "utf8"))
import("data:text/javascript;base64," + Buffer.from(source).toString("base64")).then(async (m) => {
  const hooks = await Object.values(m)[0]({ directory: root, worktree: root, client: {} })
  const input = { tool: "edit", sessionID: "stick-doctor", callID: "call_0" }
  try { await hooks["tool.execute.before"](input, { args: { filePath: path } }) }
  catch (error) { process.stderr.write(String(error.message)); process.exit(2) }
})
"""

PLACE = Place(
    5, "opencode", "opencode", "OpenCode", ("opencode",), (".opencode", ".config/opencode"),
    project=".opencode/plugins/stick.js",
    user="opencode/plugins/stick.js", home=".config", moved_by="XDG_CONFIG_HOME",
    kind="plugin", own="clients/opencode.js", host=_HOST,
    lets=("`--pure`", FOREIGN),
    switches=("--pure",),
    edit=lambda path: ("edit", {"filePath": path, "oldString": "a", "newString": "b"}),
)  # fmt: skip
