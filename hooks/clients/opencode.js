// # >>> stickhooks >>>
// Asks the talking stick's gate before OpenCode changes a file or runs a command.
// Put here by `stick init`; `stick uninit` takes it away.
import { spawnSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { basename, dirname, join, resolve } from "node:path"

const PRE_EDIT = @PRE_EDIT@
const LIFECYCLE = @LIFECYCLE@
const LIMIT_MS = 10000
const TOOLS = ["edit", "write", "multiedit", "patch", "apply_patch", "bash"]
const EVENTS = { "session.created": "session-start", "session.deleted": "session-end" }

function hasRoom(folder) {
  for (;;) {
    if (existsSync(join(folder, ".talking-stick"))) return true
    const above = dirname(folder)
    if (above === folder) return false
    folder = above
  }
}

// In a linked worktree ``.git`` is a file that names the git dir: see gitrepository-layout(5).
function gitDir(tree) {
  const git = join(tree, ".git")
  try {
    return resolve(tree, readFileSync(git, "utf8").replace(/^gitdir: /, "").replace(/\r?\n$/, ""))
  } catch {
    return git
  }
}

// Where the tree stands at another path than it did at `stick init`, the launcher is found in the room.
function found(launcher, folder) {
  const name = basename(launcher)
  for (let at = folder; !existsSync(launcher); at = dirname(at)) {
    const places = [join(gitDir(at), "stickhooks", name), join(at, ".talking-stick", "stickhooks", name)]
    const there = existsSync(join(at, ".talking-stick")) && places.find((place) => existsSync(place))
    if (there) return [there, { ...process.env, stick_moved: "1" }]
    if (at === dirname(at)) break
  }
  return [launcher, { ...process.env, stick_moved: "" }]
}

function call(wanted, names, folder, payload) {
  const [launcher, env] = found(wanted, folder)
  return spawnSync(launcher, [...names, "opencode"], {
    cwd: folder,
    env,
    input: JSON.stringify({ cwd: folder, pid: process.pid, ...payload }),
    encoding: "utf8",
    timeout: LIMIT_MS,
    killSignal: "SIGKILL",
  })
}

function reason(answer) {
  try {
    return JSON.parse(answer.stdout).reason
  } catch {
    return (answer.stderr || "").trim()
  }
}

export const TalkingStick = async ({ client, directory, worktree }) => {
  const roots = new Map()

  // A task's session acts for the session that it was started from.
  async function root(session) {
    if (!session || roots.has(session)) return roots.get(session)
    let parent
    try {
      parent = (await client.session.get({ path: { id: session } }))?.data?.parentID
    } catch {
      parent = undefined
    }
    const top = parent ? await root(parent) : session
    roots.set(session, top)
    return top
  }

  return {
    "tool.execute.before": async (input, output) => {
      if (!TOOLS.includes(input.tool)) return
      const answer = call(PRE_EDIT, [], directory, {
        hook_event_name: "PreToolUse",
        session_id: await root(input.sessionID),
        tool_use_id: input.callID,
        worktree,
        tool_name: input.tool,
        tool_input: output.args,
      })
      if (answer.status === 0) return
      const why = answer.status === 2 && reason(answer)
      if (why) throw new Error(why)
      if (!hasRoom(directory)) return // a fault of ours does not close other folders
      const code = answer.error?.code ?? answer.signal ?? answer.status
      throw new Error(`stick: NOT EDITED  the hook of this room could not be run (${code}); next: stick init`)
    },
    "shell.env": async (input, output) => {
      const session = await root(input.sessionID)
      if (session) output.env.STICK_SESSION_ID = session
    },
    event: async ({ event }) => {
      const name = EVENTS[event.type]
      const info = event.properties?.info
      const session = event.properties?.sessionID ?? info?.id
      if (name && session && !info?.parentID && hasRoom(directory))
        call(LIFECYCLE, [name], directory, { hook_event_name: event.type, session_id: session })
    },
  }
}
// # <<< stickhooks <<<
