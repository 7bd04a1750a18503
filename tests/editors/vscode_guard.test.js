// The guard of the VS Code extension, in a world of plain values. Run by test_editor_vscode.py.
"use strict";

const assert = require("node:assert");
const path = require("node:path");
const test = require("node:test");
const { Guard } = require(path.join(process.env.STICK_EXTENSION, "guard.js"));

/** A room at /shop in state "1", an editor at /shop/app.py; all that is done to it is in `done`. */
function bench(answer) {
  const done = [];
  const world = {
    state: "1",
    answer,
    asked: [],
    roomAbove: (file) => (file.startsWith("/shop/") ? "/shop" : null),
    stateOf: () => world.state,
    ask: async (file, options = []) => {
      world.asked.push([file, ...options]);
      return world.answer;
    },
  };
  const editor = {
    file: "/shop/app.py",
    active: () => editor.file,
    lock: async () => done.push("lock"),
    unlock: async () => done.push("unlock"),
    save: async () => done.push("save"),
    tell: (line) => done.push(line),
  };
  return { done, editor, guard: new Guard(world, editor), world };
}

const NO = { code: 75, said: "READ-ONLY  bob holds" };
const YES = { code: 0, said: "" };

test("a file that somebody else may write is locked, with the reason, once", async () => {
  const { done, guard, world } = bench(NO);
  await guard.look();
  world.state = "2"; // bob's lease was renewed
  await guard.look();
  assert.deepStrictEqual(done, ["lock", "READ-ONLY  bob holds"]);
});

test("it is unlocked when the stick arrives", async () => {
  const { done, guard, world } = bench(NO);
  await guard.look();
  Object.assign(world, { state: "2", answer: YES });
  await guard.look();
  assert.deepStrictEqual(done.slice(2), ["unlock", "stick: you may write app.py now"]);
});

test("the gate is asked once for each state of the room and file", async () => {
  const { editor, guard, world } = bench(YES);
  for (const file of ["/shop/app.py", "/shop/app.py", "/shop/b.py", "/shop/app.py"]) {
    editor.file = file;
    await guard.look();
  }
  assert.deepStrictEqual(world.asked, [
    ["/shop/app.py", "--look"],
    ["/shop/b.py", "--look"],
  ]);
});

test("outside of rooms, and without a file, nothing is asked", async () => {
  const { editor, guard, world } = bench(NO);
  for (const file of ["/tmp/notes.txt", null]) {
    editor.file = file;
    await guard.look();
  }
  await guard.saving("/tmp/notes.txt");
  assert.deepStrictEqual(world.asked, []);
});

test("an answer for an editor that is no longer active locks nothing, and is asked for again", async () => {
  const { done, editor, guard, world } = bench(NO);
  const looking = guard.look();
  editor.file = "/tmp/notes.txt";
  await looking;
  assert.deepStrictEqual(done, []);
  editor.file = "/shop/app.py";
  await guard.look();
  assert.deepStrictEqual(done, ["lock", "READ-ONLY  bob holds"]);
  assert.strictEqual(world.asked.length, 2);
});

test("a gate that fails locks nothing", async () => {
  const { done, guard } = bench({ code: 127, said: "" });
  await guard.look();
  assert.deepStrictEqual(done, []);
});

test("the override needs a reason, saves, and the next look locks again", async () => {
  const { done, guard, world } = bench(NO);
  await guard.look();
  assert.strictEqual(await guard.bypass("  "), false);
  world.answer = YES;
  assert.strictEqual(await guard.bypass("it burns"), true);
  assert.deepStrictEqual(world.asked.at(-1), ["/shop/app.py", "--bypass", "it burns"]);
  world.answer = NO;
  await guard.look();
  assert.deepStrictEqual(done.slice(2), ["unlock", "save", "lock", "READ-ONLY  bob holds"]);
});

test("an override that the gate refuses, to an agent, saves nothing", async () => {
  const { done, guard } = bench(NO);
  assert.strictEqual(await guard.bypass("why not"), false);
  assert.deepStrictEqual(done, [NO.said]);
});

test("a save has written down what it made due", async () => {
  const { done, guard, world } = bench({ code: 0, said: "the stick of /shop is yours now" });
  await guard.saving("/shop/app.py");
  assert.deepStrictEqual(world.asked, [["/shop/app.py"]]);
  assert.deepStrictEqual(done, ["the stick of /shop is yours now"]);
});
