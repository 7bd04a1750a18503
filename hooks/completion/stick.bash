# Completes stick and stickhooks in bash. Made by `stick completion bash`.
# Names of members and rooms are asked for as you type; they are quoted, never run.

_stick_verbs() { printf '%s\n' @VERBS@; }

_stick_options() {
    case $1 in
@OPTIONS@
    esac
}

# What follows an option that takes a value, by verb and option.
_stick_value() {
    case $1:$2 in
@VALUES@
    esac
}

# What stands in the first, second, ... place of a verb; $3 is the word before it.
_stick_place() {
    case $1:$2:$3 in
@PLACES@
    esac
}

# Offers the lines of standard input that begin with the current word.
_stick_offer() {
    local line colons=''
    # bash takes a colon for the end of a word: what it has already is not said again
    case $COMP_WORDBREAKS in *:*) case $cur in *:*) colons=${cur%"${cur##*:}"} ;; esac ;; esac
    while IFS= read -r line; do
        case $line in "$cur"*) ;; *) continue ;; esac
        line=${line#"$colons"}
        case $line in *[!A-Za-z0-9_.,:/+@-]*) line=$(printf '%q' "$line") ;; esac
        COMPREPLY+=("$line")
    done
}

_stick_files() {
    local line
    compopt -o filenames 2>/dev/null
    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$1" -- "$cur")
}

_stick_kind() {
    case $1 in
        members) _stick_offer < <("$program" __names members 2>/dev/null) ;;
        rooms)
            _stick_offer < <("$program" __names rooms 2>/dev/null)
            _stick_files -d
            ;;
        files) _stick_files -f ;;
        folders) _stick_files -d ;;
        list:*)
            local before=''
            case $cur in *,*) before=${cur%,*}, ;; esac
            _stick_offer < <(printf "$before%s\n" ${1#list:})
            ;;
        words:*) _stick_offer < <(printf '%s\n' ${1#words:}) ;;
    esac
}

_stick() {
    local cur program=$1 verb='' before='' places=0 word expects=''
    local -a words
    COMPREPLY=()
    # The line as it was typed: bash would give "claude:1a2b" as three words.
    IFS=' ' read -ra words <<<"${COMP_LINE:0:COMP_POINT}"
    case ${COMP_LINE:0:COMP_POINT} in *' ') words+=('') ;; esac
    cur=${words[${#words[@]} - 1]}
    unset 'words[0]' "words[$((${#words[@]} - 1))]"
    for word in "${words[@]}"; do
        if [ -n "$expects" ]; then
            expects=''
        elif [ -z "$verb" ]; then
            case $word in -*) ;; *) verb=$word ;; esac
        elif [ "$word" = -- ]; then
            _stick_files -f
            return
        else
            case $word in
                -*) expects=$(_stick_value "$verb" "$word") ;;
                *)
                    places=$((places + 1))
                    before=$word
                    ;;
            esac
        fi
    done
    if [ -n "$expects" ]; then
        _stick_kind "$expects"
    elif [ -z "$verb" ]; then
        case $cur in
            -*) _stick_offer < <(printf '%s\n' --help --version) ;;
            *) _stick_offer < <(_stick_verbs) ;;
        esac
    else
        case $cur in
            -*) _stick_offer < <(_stick_options "$verb") ;;
            *) _stick_kind "$(_stick_place "$verb" $((places + 1)) "$before")" ;;
        esac
    fi
}

complete -F _stick stick stickhooks
