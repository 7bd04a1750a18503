// # >>> stickhooks >>>
// The talking stick in VS Code 1.79 or newer. VS Code lets nobody refuse a save; an editor that is
// read-only for its session is neither typed into nor saved. So: read-only while one may not write.
"use strict";

const vscode = require("vscode");
const { ask, run, saved } = require("./gate");
const { Guard } = require("./guard");
const rooms = require("./rooms");

const LOOK_MS = 1000;

function fileOf(document) {
  return document && document.uri.scheme === "file" ? document.uri.fsPath : null;
}

function act(name) {
  return vscode.commands.executeCommand(`workbench.action.files.${name}`);
}

const editor = {
  active: () => fileOf(vscode.window.activeTextEditor && vscode.window.activeTextEditor.document),
  lock: () => act("setActiveEditorReadonlyInSession"),
  unlock: () => act("resetActiveEditorReadonlyInSession"),
  save: () => act("save"),
  tell: (line) => void vscode.window.setStatusBarMessage(line, 15000),
};

async function saveAnyway(guard) {
  const why = await vscode.window.showInputBox({ prompt: "Save without the stick, because" });
  if (why) await guard.bypass(why);
}

async function join() {
  const file = editor.active();
  const room = file && rooms.roomAbove(file);
  if (!room) return editor.tell("stick: this file is in no room");
  const name = await vscode.window.showInputBox({ prompt: "Your name as a member" });
  if (!name) return undefined;
  const { said } = await run(["stick", "join", "--room", room, "--as", name]);
  return editor.tell(said);
}

function activate(context) {
  const guard = new Guard({ ...rooms, ask }, editor);
  const look = () => guard.look().catch((error) => editor.tell(`stick: ${error.message}`));
  const timer = setInterval(look, LOOK_MS);
  context.subscriptions.push(
    { dispose: () => clearInterval(timer) },
    vscode.window.onDidChangeActiveTextEditor(look),
    vscode.window.onDidChangeWindowState(look),
    vscode.workspace.onWillSaveTextDocument((event) => {
      const file = fileOf(event.document);
      if (file) event.waitUntil(guard.saving(file));
    }),
    vscode.workspace.onDidSaveTextDocument((document) => {
      const file = fileOf(document);
      if (file && rooms.roomAbove(file)) saved(file);
    }),
    vscode.commands.registerCommand("stick.saveAnyway", () => saveAnyway(guard)),
    vscode.commands.registerCommand("stick.join", join),
  );
  look();
}

module.exports = { activate, deactivate: () => {} };
// # <<< stickhooks <<<
