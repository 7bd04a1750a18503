# >>> stickhooks >>>
# The talking stick in Kakoune. Put here by `stick editor kakoune --install`;
# `stick editor kakoune --uninstall` takes it away.
#
# A save of a file that one may not write is refused: the buffer stays modified, the file
# untouched, and one line says who holds the stick. Such a file opens read-only, and is writable
# by itself as soon as the stick arrives.
#
#   :stick-write-anyway WHY   saves it all the same; that is written down, `stick log` shows it
#
# w, w!, wq, wq!, wa and waq ask first. An error in a hook (BufWritePre) does not stop Kakoune
# from writing, so the long names, write and the like, cannot be stopped: they save, and that is
# written down as well.
declare-option -hidden str stick_python @PYTHON@
declare-option -hidden str stick_gate @GATE@
declare-option -hidden str stick_denied
declare-option -hidden str stick_seen
declare-option -hidden bool stick_locked false
declare-option -hidden bool stick_asked false

# What the shell blocks below share; each names the options that it uses.
declare-option -hidden str stick_functions %{
  # Print the folder above a file that has or had a room.
  stick_room() {
    folder=$(readlink -f -- "$1" 2>/dev/null) && [ -n "$folder" ] || folder=$1
    while [ -n "$folder" ]; do
      folder=${folder%/*}
      if [ -e "$folder/.talking-stick" ] || [ -d "$folder/.git/stickhooks" ] || [ -f "$folder/.git" ]
      then printf %s/ "$folder"; return; fi
    done
    return 1
  }
  # Ask the gate about a file; without it, `stick` on PATH. What it says is in $said.
  stick_ask() {
    said=$("$stick_python" -I -S -X utf8 "$stick_gate" pre-save "$@" 2>&1 </dev/null); code=$?
    case $code in 2|126|127) said=$(stick hook pre-save "$@" 2>&1 </dev/null); code=$? ;; esac
    said=$(printf %s "$said" | tr '\n' ' ' | sed "s/'/''/g")
  }
  # Say what Kakoune is to do before it writes a file: nothing, warn, or fail.
  stick_verdict() {
    stick_room "$1" >/dev/null || return
    stick_ask ${2:+--bypass "$2"} --urgent ':stick-write-anyway why' --path "$1"
    case $code in
      0) [ -z "$said" ] || stick_tell Information "$said" ;;
      75) printf "fail '%s'\n" "$said" ;;
      *) if [ -n "$2" ] || [ $code -ge 126 ]; then
           stick_tell Error "stick: the gate could not be asked (code $code); saved without it"
         else
           echo "fail 'stick: NOT SAVED  the gate failed (code $code; urgent: :stick-write-anyway why)'"
         fi ;;
    esac
  }
  # Say a line, in a face, whatever is in it.
  stick_tell() { printf "echo -markup '{%s}{\\}%s'; echo -debug '%s'\n" "$1" "$2" "$2"; }
}

define-command -hidden -override stick-assert -params .. -docstring 'stick-assert [write arguments]' %{
  evaluate-commands %sh{
    stick_python=$kak_opt_stick_python stick_gate=$kak_opt_stick_gate
    eval "$kak_opt_stick_functions"
    file=$kak_buffile
    while [ $# -gt 0 ]; do
      case $1 in -method) shift ;; -*) ;; *) file=$1 ;; esac
      shift
    done
    case $file in /*) ;; *) file=$PWD/$file ;; esac
    stick_verdict "$file" ''
  }
}

define-command -hidden -override stick-unlock %{
  evaluate-commands %sh{
    [ "$kak_opt_stick_locked" = false ] || echo 'set-option buffer readonly false'
    echo 'set-option buffer stick_locked false'
  }
}

define-command -hidden -override stick-asked -params .. %{
  set-option global stick_asked true
  try %{ %arg{@} } catch %{
    set-option global stick_asked false
    fail "%val{error}"
  }
  set-option global stick_asked false
}

define-command -override stick-write -params .. -file-completion \
  -docstring 'write, if the talking stick allows it' %{
  stick-assert %arg{@}
  stick-unlock
  stick-asked write %arg{@}
}
define-command -override stick-write-force -params .. -file-completion \
  -docstring 'write!, if the talking stick allows it' %{
  stick-assert %arg{@}
  stick-unlock
  stick-asked write! %arg{@}
}
define-command -override stick-write-quit -params .. \
  -docstring 'write-quit, if the talking stick allows it' %{
  stick-assert
  stick-unlock
  stick-asked write-quit %arg{@}
}
define-command -override stick-write-quit-force -params .. \
  -docstring 'write-quit!, if the talking stick allows it' %{
  stick-assert
  stick-unlock
  stick-asked write-quit! %arg{@}
}
define-command -override stick-write-all \
  -docstring 'write all buffers that the talking stick allows' %{
  evaluate-commands -buffer * %{ evaluate-commands %sh{
    case $kak_modified$kak_buffile in true/*) echo stick-write ;; esac
  } }
}
define-command -override stick-write-all-quit -params .. \
  -docstring 'write all buffers that the talking stick allows, and quit' %{
  stick-write-all
  quit %arg{@}
}
define-command -override stick-write-anyway -params 1.. \
  -docstring 'stick-write-anyway <why>: write without the stick; that is written down' %{
  evaluate-commands %sh{
    stick_python=$kak_opt_stick_python stick_gate=$kak_opt_stick_gate
    eval "$kak_opt_stick_functions"
    stick_verdict "$kak_buffile" "$*"
  }
  stick-unlock
  stick-asked write
}

alias global w stick-write
alias global w! stick-write-force
alias global wq stick-write-quit
alias global wq! stick-write-quit-force
alias global wa stick-write-all
alias global waq stick-write-all-quit

# Make the buffer of this window read-only or writable, once for each state of its room, and
# watch the room as long as it is read-only.
define-command -hidden -override stick-look %{
  evaluate-commands %sh{
    stick_python=$kak_opt_stick_python stick_gate=$kak_opt_stick_gate
    eval "$kak_opt_stick_functions"
    case $kak_buffile in /*) ;; *) exit ;; esac
    room=$(stick_room "$kak_buffile") || exit
    state=$(stat -c %y "$room.talking-stick" 2>/dev/null)
    [ "$state" != "$kak_opt_stick_seen" ] || exit
    stick_ask --look --path "$kak_buffile"
    echo "set-option buffer stick_seen '$state'"
    case $code$kak_opt_stick_denied in
      75*) if [ "$kak_modified$kak_opt_readonly" = falsefalse ]; then
             echo 'set-option buffer stick_locked true; set-option buffer readonly true'
           fi
           [ -n "$kak_opt_stick_denied" ] || stick_tell Error "$said"
           printf "set-option buffer stick_denied '%s'\n" "$said" ;;
      0?*) echo "stick-unlock; set-option buffer stick_denied ''"
           stick_tell Information "stick: you may write ${kak_buffile##*/} now" ;;
    esac
    [ "$code" = 75 ] || exit
    ( while kill -0 "$PPID" && [ "$state" = "$(stat -c %y "$room.talking-stick")" ]; do sleep 1; done
      echo "try %{ evaluate-commands -client $kak_client stick-look }" | kak -p "$kak_session"
    ) >/dev/null 2>&1 </dev/null &
  }
}

# A long name was typed: it cannot be stopped, but it is written down.
define-command -hidden -override stick-note %{
  evaluate-commands %sh{
    [ "$kak_opt_stick_asked" = false ] || exit
    stick_python=$kak_opt_stick_python stick_gate=$kak_opt_stick_gate
    eval "$kak_opt_stick_functions"
    stick_room "$kak_hook_param" >/dev/null || exit
    stick_ask --look --path "$kak_hook_param"
    [ $code = 75 ] && stick_ask --bypass 'a long name, :write' --path "$kak_hook_param"
    [ $code = 0 ] && exit
    stick_tell Error "$said"
  }
}

# Have what was written be kept, with who wrote it. A bonus: what goes wrong there is not said.
define-command -hidden -override stick-saved %{
  evaluate-commands %sh{
    stick_python=$kak_opt_stick_python stick_gate=$kak_opt_stick_gate
    eval "$kak_opt_stick_functions"
    stick_room "$kak_hook_param" >/dev/null || exit
    "$stick_python" -I -S -X utf8 "$stick_gate" post-save --path "$kak_hook_param" >/dev/null 2>&1 </dev/null
  }
}

remove-hooks global stick
hook -group stick global FocusIn .* %{ stick-look }
hook -group stick global WinDisplay .* %{ stick-look }
hook -group stick global BufWritePre .* %{ stick-note }
hook -group stick global BufWritePost .* %{ stick-saved }
# <<< stickhooks <<<
