// Which editors are to be read-only. Knows neither VS Code nor processes: both come in.
"use strict";

/**
 * Decides, file by file, once for each state of its room.
 *
 * `world` has roomAbove(file), stateOf(room), ask(file, options); `editor` has lock(), unlock(),
 * save() and tell(line), each for the editor that is active now, and active(), its file or null.
 */
class Guard {
  constructor(world, editor) {
    this.world = world;
    this.editor = editor;
    this.seen = new Map();
    this.denied = new Map();
    this.busy = false;
  }

  /** Look at the active editor. Returns once it is as it should be. */
  async look() {
    const file = this.editor.active();
    const room = file && this.world.roomAbove(file);
    if (!room || this.busy) return;
    const state = this.world.stateOf(room);
    if (this.seen.get(file) === state) return;
    this.busy = true;
    try {
      const { code, said } = await this.world.ask(file, ["--look"]);
      if (this.editor.active() !== file) return; // the next look is for the editor that is active
      this.seen.set(file, state);
      if (code === 75) await this.deny(file, said);
      else if (code === 0) await this.allow(file);
    } finally {
      this.busy = false;
    }
  }

  async deny(file, line) {
    const news = !this.denied.has(file);
    this.denied.set(file, line);
    if (!news) return;
    await this.editor.lock();
    this.editor.tell(line);
  }

  async allow(file) {
    if (!this.denied.delete(file)) return;
    await this.editor.unlock();
    this.editor.tell(`stick: you may write ${file.split(/[\\/]/).pop()} now`);
  }

  /** Save past the gate for a reason, on the record. Resolves to whether that was let. */
  async bypass(why) {
    const file = this.editor.active();
    if (!file || !why.trim()) return false;
    const { code, said } = await this.world.ask(file, ["--bypass", why]);
    if (said) this.editor.tell(said);
    if (code === 75) return false;
    if (this.denied.delete(file)) await this.editor.unlock();
    await this.editor.save();
    this.seen.delete(file);
    return true;
  }

  /** Write down what a save made due: a lease is renewed, a free stick taken. It stops nothing. */
  async saving(file) {
    if (!this.world.roomAbove(file)) return;
    const { code, said } = await this.world.ask(file);
    if (said) this.editor.tell(code === 75 ? `saved all the same: ${said}` : said);
  }
}

module.exports = { Guard };
