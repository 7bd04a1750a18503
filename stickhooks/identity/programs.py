"""Programs that no shell started: an editor's source control, a git GUI. Whose are they?

A person makes them known by an act: ``stick join`` in a terminal inside the program binds the
program too; ``stick join --programs`` says whose programs without a terminal are, in one room and
for the gate alone. Imported by the gate only where somebody said so, or where it refuses.
"""

from stickhooks.clients import CLIENTS
from stickhooks.fast.os import os
from stickhooks.identity import resolver
from stickhooks.system import processes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stickhooks.errors import Step

KEY = "programs"  # of a member in a state: whose programs without a terminal are its own

_SHELLS = (
    "sh bash rbash dash zsh fish ksh ksh93 mksh lksh oksh pdksh yash ash hush busybox csh tcsh nu"
    " nushell pwsh powershell cmd xonsh elvish rc es osh ysh oil ion murex ngs"
)
SHELLS = frozenset(_SHELLS.split())
#: What starts terminals and sessions for everybody: to bind one would bind all that it starts.
_OTHERS = (
    # init and what stands in for it
    "init systemd launchd upstart runit runsvdir runsv s6-svscan s6-supervise openrc openrc-init"
    " tini docker-init dumb-init catatonit supervisord pm2 containerd-shim"
    " containerd-shim-runc-v2 conmon runc crun dockerd containerd podman docker lxc-start"
    " bwrap flatpak snap firejail unshare nsenter setpriv chroot proot wsl wslrelay relay"
    # log-in and session managers, desktops
    " login agetty getty mgetty sshd sshd-session sshd-auth dropbear telnetd in.telnetd rlogind"
    " mosh-server etserver eternalterminal tailscaled teleport gdm gdm3 gdm-session-worker"
    " gdm-x-session gdm-wayland-session lightdm sddm sddm-helper lxdm xdm greetd ly xinit startx"
    " xorg xwayland dbus-daemon dbus-broker dbus-launch gnome-session gnome-session-binary"
    " gnome-session-service gnome-shell plasmashell plasma_session startplasma-x11 startplasma-wayland"
    " kdeinit5 kdeinit6 krunner ksmserver kwin_wayland kwin_x11 klauncher xfce4-session xfce4-panel"
    " xfdesktop lxsession lxqt-session lxqt-panel mate-session mate-panel cinnamon-session cinnamon"
    " budgie-panel sway i3 hyprland river niri labwc wayfire weston openbox fluxbox awesome bspwm"
    " dwm xmonad qtile herbstluftwm rofi dmenu wofi explorer finder loginwindow svchost services"
    # cron and the like; what makes a session for one command
    " cron crond anacron atd at fcron systemd-run su sudo doas runuser pkexec setsid nohup env"
    " timeout nice ionice chrt script scriptreplay expect unbuffer ssh watch entr parallel xargs make"
    # multiplexers
    " tmux screen zellij byobu dtach abduco dvtm mtm shpool zmx diss 3mux tmate"
    # terminal emulators
    " gnome-terminal gnome-terminal-server gnome-console kgx ptyxis ptyxis-agent konsole yakuake"
    " xterm uxterm lxterm koi8rxterm rxvt urxvt urxvtd rxvt-unicode eterm aterm mlterm alacritty"
    " kitty kitten wezterm wezterm-gui wezterm-mux-server foot footclient st stterm terminator tilix"
    " tilda guake xfce4-terminal lxterminal mate-terminal qterminal deepin-terminal terminology"
    " pantheon-terminal io.elementary.terminal hyper ghostty rio contour cool-retro-term blackbox"
    " black-box sakura termite roxterm evilvte zutty warp warp-terminal tabby wave waveterm ttyd gotty"
    " wetty terminal iterm2 itermserver windowsterminal openconsole conhost mintty putty kmscon"
    " fbterm"
)
_STARTERS = frozenset(_OTHERS.split())


def is_shell(seen: "processes.Seen | None") -> bool:
    return seen is not None and _plain(seen.name) in SHELLS


def above_terminal(
    caller: resolver.Caller, recorded: "processes.Seen | None", bindings: "list[resolver.Binding]"
) -> "processes.Seen | None":
    """Return the program whose terminal a person joined in, None where it is no program's.

    It is the process above the terminal's session leader, the topmost of one executable: the
    windows of an editor are processes of their own. One that is somebody else's stays theirs.
    """
    sighting, leader = caller.sighting, caller.sighting.leader
    if not caller.person or leader is None or recorded is None or recorded.pid != leader.pid:
        return None
    pids = [seen.pid for seen in sighting.ancestors]
    if leader.pid not in pids:
        return None
    above = sighting.ancestors[pids.index(leader.pid) + 1 :]
    if not above or _starts_for_all(above[0]):
        return None
    bound = {key for one in bindings if one.agent_id != caller.name for key in one.processes}
    program, executable = None, processes.executable_of(above[0].pid)
    for seen in above:
        if not processes.is_ours(seen.pid) or _starts_for_all(seen):
            break
        same = executable and processes.executable_of(seen.pid) == executable
        if program is not None and not same:
            break
        program = seen
    return None if program is None or sighting.key(program) in bound else program


def _starts_for_all(seen: "processes.Seen") -> bool:
    """Tell whether a process is a shell, or starts sessions for everybody."""
    names = {_plain(seen.name), _plain(os.path.basename(processes.executable_of(seen.pid)))}
    if seen.name.startswith(("python", "perl", "ruby", *resolver.INTERPRETERS)):
        names |= {_plain(word) for word in processes.words_of(seen.pid)}
    cut = {name[:_NAME] for name in _STARTERS}
    return seen.pid <= 1 or not names.isdisjoint(SHELLS | _STARTERS | cut)


_NAME = 15  # characters of a process's name are kept by Linux


def _plain(name: str) -> str:
    """Return a process's name as the lists above have it: ``tmux: server``, ``-bash``, ``Xorg.bin``."""
    name = name.partition(":")[0].strip().lstrip("-").lower()
    for end in (".exe", ".bin", "-wrapped"):
        name = name.removesuffix(end)
    return name.strip(".")


# --- whose programs are whose, in one room


def granted() -> "dict[str, object]":
    """Return what is written at a member: its programs are those of this account and namespace."""
    machine, _, pidns = processes.where()
    return {"uid": _account(), "machine": machine, "pidns": pidns}


def _account() -> int:
    return os.geteuid() if hasattr(os, "geteuid") else 0


def owner_of(members, caller: resolver.Caller, env: "dict[str, str]") -> "str | None":  # type: ignore[no-untyped-def]
    """Return the member whose program asks, None where nobody said that such are theirs.

    For a caller that no evidence shows to be anybody: no bound process is above it.
    """
    sighting = caller.sighting
    named = next((m for m in members if isinstance(m.get(KEY), dict)), None)
    if named is None or named[KEY] != granted():
        return None
    if caller.agent_id is not None or not caller.person or sighting.name:
        return None
    if any(client.told_by(env) for client in CLIENTS.values()) or _below_script(sighting):
        return None
    return str(named["agent_id"])


def _below_script(sighting: resolver.Sighting) -> bool:
    """Tell whether a client that is a script is above: it shows the name of its interpreter."""
    known = {name for client in CLIENTS.values() if not client.app for name in client.processes}
    scripts = (a for a in sighting.ancestors if a.name.startswith(resolver.INTERPRETERS))
    return any(known & processes.words_of(one.pid) for one in scripts)


# --- what to tell somebody who is nobody


def steps(me: str, caller: resolver.Caller) -> "list[Step]":
    """Return how a person whom nothing shows makes it known that they are ``me``.

    In a terminal by joining there; a program without one needs an act in a terminal.
    """
    from stickhooks.errors import Next
    from stickhooks.text import word

    name = word(me)
    if is_shell(caller.sighting.leader) or any(map(is_shell, _session(caller.sighting))):
        return [Next("join", "--as", name, note="if that is you")]
    inside = "in a terminal inside this program, if that is you"
    anywhere = "in any terminal: your programs without one are you for the hooks here"
    return [
        Next("join", "--as", name, note=inside),
        Next("join", "--as", name, "--programs", note=anywhere),
    ]


def _session(sighting: resolver.Sighting) -> "list[processes.Seen]":
    """Return the shells' end of the caller's session: what a person typed into."""
    leader = sighting.leader
    if leader is None or not _has_terminal():
        return []
    return [seen for seen in sighting.ancestors if seen.session == leader.session]


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY))
    except OSError:
        return False
    return True
