// Where the rooms are, and which state they are in. Knows the file system and nothing of VS Code.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

function look(name) {
  return fs.lstatSync(name, { throwIfNoEntry: false });
}

function real(folder) {
  try {
    return fs.realpathSync(folder);
  } catch {
    return folder;
  }
}

/** The folder above a file that has or had a room, or null. */
function roomAbove(file) {
  let folder = real(path.dirname(file));
  for (;;) {
    const dot = look(path.join(folder, ".git"));
    if (look(path.join(folder, ".talking-stick")) || (dot && dot.isFile())) return folder;
    if (dot && look(path.join(folder, ".git", "stickhooks"))) return folder;
    if (path.dirname(folder) === folder) return null;
    folder = path.dirname(folder);
  }
}

/** A mark that changes with every change of a room's state. */
function stateOf(room) {
  const found = fs.lstatSync(path.join(room, ".talking-stick"), {
    bigint: true,
    throwIfNoEntry: false,
  });
  return found ? String(found.mtimeNs) : "";
}

module.exports = { roomAbove, stateOf };
