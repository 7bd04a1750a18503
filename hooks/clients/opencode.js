// # >>> stickhooks >>>
// Asks the talking stick's gate before OpenCode changes a file or runs a command, and tells it of
// sessions: OpenCode tells of none that is resumed, and of no end of its own.
// Put here by `stick init`; `stick uninit` takes it away.
import { spawn, spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { basename, dirname, join, resolve } from "node:path"

const PRE_EDIT = @PRE_EDIT@
const LIFECYCLE = @LIFECYCLE@
const LIMIT_MS = 10000
const LEAVING_MS = 5000
const PROBE = "stick-doctor" // asks about one edit, and is no session
// Its own tools that write nothing. All others are judged: those of MCP servers and plugins have any name.
const HARMLESS = [
  "read", "glob", "grep", "list", "webfetch", "websearch", "codesearch", "todowrite", "todoread", "task",
  "question", "skill", "lsp", "invalid", "plan_enter", "plan_exit",
]

const WRITING = ["edit", "write", "apply_patch"] // what these left is kept

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

function asked(folder, payload) {
  return JSON.stringify({ cwd: folder, pid: process.pid, ...payload })
}

// The screen, and all sessions of a server, run in this process: it goes on while a hook is asked.
function call(wanted, names, folder, payload) {
  const [launcher, env] = found(wanted, folder)
  return new Promise((resolve) => {
    const answer = { status: null, stdout: "", stderr: "" }
    let child
    try {
      child = spawn(launcher, [...names, "opencode"], { cwd: folder, env })
    } catch (error) {
      resolve(Object.assign(answer, { error })) // Node throws what it does not emit: too much environment
      return
    }
    const timer = setTimeout(() => {
      answer.error = { code: "ETIMEDOUT" }
      child.kill("SIGKILL")
      finish() // what the hook has started may keep its output open
    }, LIMIT_MS)
    function finish() {
      clearTimeout(timer)
      resolve(answer)
    }
    for (const stream of ["stdout", "stderr"])
      child[stream]?.setEncoding("utf8").on("data", (text) => (answer[stream] += text))
    child.on("error", (error) => finish((answer.error = error)))
    child.on("close", (status, signal) => finish(Object.assign(answer, { status, signal })))
    child.stdin?.on("error", () => {}) // it has ended without reading
    child.stdin?.end(asked(folder, payload))
  })
}

// Nothing is awaited any more when a process exits.
const sessions = new Map()
process.on("exit", () => {
  for (const [session, folder] of sessions) {
    const [launcher, env] = found(LIFECYCLE, folder)
    const input = asked(folder, { hook_event_name: "exit", session_id: session, reason: "exit" })
    const limits = { timeout: LEAVING_MS, killSignal: "SIGKILL", stdio: ["pipe", "ignore", "ignore"] }
    spawnSync(launcher, ["session-end", "opencode"], { cwd: folder, env, input, ...limits })
  }
})

function field(answer, name) {
  try {
    return JSON.parse(answer.stdout)[name]
  } catch {
    return undefined
  }
}

function reason(answer) {
  return field(answer, "reason") ?? answer.stderr.trim()
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

  const begun = new Map()
  const untold = new Map()
  const given = new Map() // by call: what a tool that writes was called with
  const notes = new Map() // by call: shown with what the tool gives back

  // What the stick says to an idle session comes over a socket that this account alone can reach.
  let inbox
  function listening() {
    if (inbox !== undefined) return inbox
    inbox = null
    try {
      const folder = mkdtempSync(join(tmpdir(), "stick-"))
      const server = createServer((from) => {
        let data = ""
        from.setEncoding("utf8").on("error", () => {})
        from.on("data", (text) => (data += text).length > 65536 && from.destroy())
        from.on("end", () => said(data))
      })
      server.on("error", () => {})
      server.listen(join(folder, "inbox")).unref()
      process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
      inbox = join(folder, "inbox")
    } catch {} // then nobody is woken
    return inbox
  }

  async function said(data) {
    try {
      const { session, text } = JSON.parse(data)
      if (begun.has(session)) await client.session.promptAsync({ path: { id: session }, body: { parts: [{ type: "text", text }] } })
    } catch {} // it is told at its next call
  }

  function tell(name, session, event, more) {
    const payload = { hook_event_name: event, session_id: session, wake_socket: listening(), ...more }
    return call(LIFECYCLE, [name], directory, payload)
  }

  // A session that is resumed is told of by nothing but what it does first.
  function begin(session, event) {
    if (!session || session === PROBE || !hasRoom(directory)) return
    if (!begun.has(session)) {
      sessions.set(session, directory)
      const told = tell("session-start", session, event).then((answer) => {
        const text = field(answer, "additionalContext")
        if (text) untold.set(session, text)
      })
      begun.set(session, told)
    }
    return begun.get(session)
  }

  async function idle(session) {
    if (!sessions.has(session)) return
    const text = field(await tell("stop", session, "session.idle"), "reason")
    if (text) await client.session.promptAsync({ path: { id: session }, body: { parts: [{ type: "text", text }] } })
  }

  async function end(session) {
    begun.delete(session)
    if (sessions.delete(session)) await tell("session-end", session, "session.deleted")
  }

  return {
    "tool.execute.before": async (input, output) => {
      const session = await root(input.sessionID)
      await begin(session, "tool.execute.before")
      if (HARMLESS.includes(input.tool)) return
      const answer = await call(PRE_EDIT, [], directory, {
        hook_event_name: "PreToolUse",
        session_id: session,
        tool_use_id: input.callID,
        worktree,
        tool_name: input.tool,
        tool_input: output.args,
      })
      if (answer.status === 0) {
        if (WRITING.includes(input.tool)) given.set(input.callID, output.args)
        const text = field(answer, "additionalContext")
        if (text) notes.set(input.callID, text)
        return
      }
      const why = answer.status === 2 && reason(answer)
      if (why) throw new Error(why)
      if (!hasRoom(directory)) return // a fault of ours does not close other folders
      const code = answer.error?.code ?? answer.signal ?? answer.status
      throw new Error(`stick: NOT EDITED  the hook of this room could not be run (${code}); next: stick init`)
    },
    "tool.execute.after": async (input, output) => {
      const session = await root(input.sessionID)
      if (WRITING.includes(input.tool) && hasRoom(directory))
        await call(LIFECYCLE, ["after-tool"], directory, {
          hook_event_name: "PostToolUse",
          session_id: session,
          tool_use_id: input.callID,
          worktree,
          tool_name: input.tool,
          tool_input: input.args ?? given.get(input.callID),
        })
      given.delete(input.callID)
      if (typeof output?.output !== "string") return
      for (const [kept, key] of [[untold, session], [notes, input.callID]]) {
        if (kept.has(key)) output.output += `\n\n${kept.get(key)}`
        kept.delete(key)
      }
    },
    "chat.message": async (input, output) => {
      try {
        const session = await root(input.sessionID)
        const last = output.parts.at(-1)
        if (!last?.id || !begun.has(session)) return
        const prompt = output.parts.map((part) => part.text ?? "").join("\n")
        const text = field(await tell("prompt", session, "chat.message", { prompt }), "additionalContext")
        const place = { id: `${last.id}0`, sessionID: input.sessionID, messageID: output.message.id }
        if (text) output.parts.push({ ...place, type: "text", text, synthetic: true })
      } catch {} // a prompt goes on whatever becomes of us
    },
    "shell.env": async (input, output) => {
      const session = await root(input.sessionID)
      if (session) output.env.STICK_SESSION_ID = session
    },
    event: async ({ event }) => {
      const info = event.properties?.info
      const session = event.properties?.sessionID ?? info?.id
      try {
        if (info?.parentID || !session) return
        if (event.type === "session.created") await begin(session, event.type)
        if (event.type === "session.deleted") await end(session)
        if (event.type === "session.idle") await idle(session)
      } catch {} // a session goes on whatever becomes of us
    },
  }
}
// # <<< stickhooks <<<
