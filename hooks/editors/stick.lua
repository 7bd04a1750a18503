-- # >>> stickhooks >>>
-- The talking stick in micro 2. Put here by `stick editor micro --install`;
-- `stick editor micro --uninstall` takes it away.
--
-- A save of a file that one may not write is refused: the text stays, the file is untouched, and
-- one line says who holds the stick. Such a file opens read-only, and is writable by itself as
-- soon as the stick arrives.
--
--   > stickwrite WHY   saves it all the same; that is written down, `stick log` shows it
--
-- micro asks plugins before the action Save alone. `autosave` and the prompts of Quit and SaveAs
-- write without asking: there it is the read-only buffer that refuses, as of the last look.
-- SaveAs from a buffer that may be written to a file that may not is not stopped.
VERSION = "1.0.0"

local micro = import("micro")
local shell = import("micro/shell")
local config = import("micro/config")
local goos = import("os")
local filepath = import("path/filepath")

local PYTHON = @PYTHON@
local GATE = @GATE@
local COMMANDS = {{PYTHON, "-I", "-S", "-X", "utf8", GATE, "pre-save"}, {"stick", "hook", "pre-save"}}
local WATCH = 'while kill -0 $PPID && [ "$(stat -c %y "$1")" = "$2" ]; do sleep 1; done'

local denied = {} -- by path: why it may not be saved
local seen = {} -- by path: the state of its room when it was last asked about

local function exists(path)
    local _, err = goos.Lstat(path)
    return err == nil
end

-- Return the folder above a file that has or had a room.
local function room_above(path)
    local folder, err = filepath.EvalSymlinks(filepath.Dir(path))
    if err ~= nil then folder = filepath.Dir(path) end
    while true do
        if exists(folder .. "/.talking-stick") or exists(folder .. "/.git/stickhooks") then
            return folder
        end
        local info, absent = goos.Lstat(folder .. "/.git")
        if absent == nil and not info:IsDir() then return folder end
        if folder == filepath.Dir(folder) then return nil end
        folder = filepath.Dir(folder)
    end
end

-- Ask the gate. Returns its exit code and what it says in one line. Where the interpreter or the
-- gate is gone after an upgrade, `stick` on PATH is asked.
local function ask(path, options)
    local code, said
    for _, command in ipairs(COMMANDS) do
        local arguments = {}
        for _, list in ipairs({command, options, {"--path", path}}) do
            for _, word in ipairs(list) do table.insert(arguments, word) end
        end
        local out, err = shell.ExecCommand(unpack(arguments))
        code = 0
        if err ~= nil then code = tonumber(string.match(err:Error(), "exit status (%d+)") or 127) end
        said = string.gsub(string.gsub(out, "%s+$", ""), "\n+", "  ")
        if code ~= 2 and code ~= 126 and code ~= 127 then break end
    end
    return code, said
end

-- Return why a file may not be saved, or nil. Without a gate it may be, with a warning.
local function refusal(path, why)
    if room_above(path) == nil then return nil end
    local options = {"--urgent", "> stickwrite why"}
    if why ~= nil then options = {"--bypass", why} end
    local code, said = ask(path, options)
    if code == 75 then return said end
    if code == 0 then
        if said ~= "" then micro.InfoBar():Message(said) end
        return nil
    end
    if why ~= nil or code >= 126 then
        local told = "stick: the gate could not be asked (code " .. code .. "); saved without it"
        micro.InfoBar():Error(told)
        return nil
    end
    return "stick: NOT SAVED  the gate failed (code " .. code .. "; urgent: > stickwrite why)"
end

local function is_file(bp)
    return bp ~= nil and bp.Buf ~= nil and bp.Buf.Path ~= "" and bp.Buf.Type.Kind == 0
end

local look -- below: a watch that ends looks again

local function watch(bp, room, state)
    shell.JobSpawn("sh", {"-c", WATCH, "stick", room .. "/.talking-stick", state},
        function() end, function() end, function() look(bp) end)
end

-- Make a buffer read-only or writable, once for each state of its room, and watch the room.
look = function(bp)
    if not is_file(bp) then return end
    local path = bp.Buf.AbsPath
    local room = room_above(path)
    if room == nil then return end
    local out, err = shell.ExecCommand("stat", "-c", "%y", room .. "/.talking-stick")
    local state = err == nil and string.gsub(out, "%s+$", "") or ""
    if seen[path] == state then return end
    seen[path] = state
    local code, said = ask(path, {"--look"})
    if code == 75 then
        if denied[path] == nil and not bp.Buf.Type.Readonly then
            bp.Buf:SetOption("readonly", "on")
            denied[path] = said
        end
        micro.InfoBar():Error(said)
    elseif code == 0 and denied[path] ~= nil then
        denied[path] = nil
        bp.Buf:SetOption("readonly", "off")
        micro.InfoBar():Message("stick: you may write " .. bp.Buf:GetName() .. " now")
    end
    watch(bp, room, state)
end

-- Look again whatever was seen: before something that writes without asking.
local function look_now(bp)
    if is_file(bp) then seen[bp.Buf.AbsPath] = nil end
    look(bp)
end

local function unlock(bp)
    local path = bp.Buf.AbsPath
    if denied[path] ~= nil then
        denied[path] = nil
        bp.Buf:SetOption("readonly", "off")
    end
end

-- Have what was written be kept, with who wrote it. A bonus: what goes wrong there is not said.
local function saved(path)
    if room_above(path) == nil then return end
    local words = {}
    for i = 1, #COMMANDS[1] - 1 do table.insert(words, COMMANDS[1][i]) end
    for _, word in ipairs({"post-save", "--path", path}) do table.insert(words, word) end
    shell.ExecCommand(unpack(words))
end

function onSave(bp)
    if is_file(bp) then saved(bp.Buf.AbsPath) end
    return true
end

function preSave(bp)
    if not is_file(bp) then return true end
    local why = refusal(bp.Buf.AbsPath)
    if why ~= nil then
        micro.InfoBar():Error(why)
        return false
    end
    unlock(bp)
    return true
end

function preSaveAs(bp)
    return preSave(bp)
end

function preSaveAll(bp)
    return preSave(bp)
end

function preQuit(bp)
    look_now(bp)
    return true
end

function onBufPaneOpen(bp)
    look(bp)
end

function onSetActive(bp)
    look(bp)
end

-- `> save` and `> quit` do not ask plugins: these do, in their place.
local function save(bp, args)
    if #args == 0 then
        if preSave(bp) and bp:Save() then onSave(bp) end
        return
    end
    local path = filepath.Abs(args[1])
    local why = refusal(path)
    if why ~= nil then
        micro.InfoBar():Error(why)
        return
    end
    unlock(bp)
    bp.Buf:SaveAs(args[1])
end

local function quit(bp, args)
    look_now(bp)
    bp:Quit()
end

local function save_anyway(bp, args)
    local why = ""
    for i = 1, #args do why = why .. (i > 1 and " " or "") .. args[i] end
    if why == "" then
        micro.InfoBar():Error("stick: stickwrite needs a reason: > stickwrite WHY")
        return
    end
    local no = refusal(bp.Buf.AbsPath, why)
    if no ~= nil then
        micro.InfoBar():Error(no)
        return
    end
    unlock(bp)
    if bp:Save() then onSave(bp) end
end

function init()
    config.MakeCommand("save", save, config.FileComplete)
    config.MakeCommand("quit", quit, config.NoComplete)
    config.MakeCommand("stickwrite", save_anyway, config.NoComplete)
end
-- # <<< stickhooks <<<
