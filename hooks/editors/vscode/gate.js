// Asks the gate. Knows processes and nothing of VS Code.
"use strict";

const { execFile } = require("node:child_process");

const REFUSED = 75;
const GONE = [2, 126, 127];
const COMMANDS = [
  [@PYTHON@, "-I", "-S", "-X", "utf8", @GATE@, "pre-save"],
  ["stick", "hook", "pre-save"],
];

/** Run a command. Resolves to its exit code (127 where it is not there) and one line. */
function run(command, env = process.env) {
  return new Promise((resolve) => {
    const [program, ...words] = command;
    execFile(program, words, { env, timeout: 20000 }, (error, out, err) => {
      const code = !error ? 0 : typeof error.code === "number" ? error.code : 127;
      resolve({ code, said: (out + err).trim().replace(/\n+/g, "  ") });
    });
  });
}

/** Ask about a file; where interpreter or gate are gone after an upgrade, `stick` on PATH. */
async function ask(file, options = [], commands = COMMANDS, env = process.env) {
  let answer = { code: 127, said: "" };
  for (const command of commands) {
    answer = await run([...command, ...options, "--path", file], env);
    if (!GONE.includes(answer.code)) break;
  }
  return answer;
}

/** Have what was saved be kept, with who did so. A bonus: what goes wrong there is not said. */
function saved(file, env = process.env) {
  return run([...COMMANDS[0].slice(0, -1), "post-save", "--path", file], env);
}

module.exports = { REFUSED, ask, run, saved };
