#compdef stick stickhooks
# Completes stick and stickhooks in zsh. Made by `stick completion zsh`.

_stick_ask() {
    local -a found
    found=("${(@f)$(_call_program $1 $program __names $1 2>/dev/null)}")
    found=("${(@)found:#}")
    (( $#found )) && compadd "${@:2}" -a found
}
_stick_members() { _stick_ask members "$@" }
_stick_rooms() { _stick_ask rooms "$@"; _files -/ }
_stick_policy_value() {
    local -a values
    case $line[1] in
@POLICY@
    esac
    (( $#values )) && compadd "$@" -a values
}

_stick_verb() {
    case $1 in
@CASES@
    esac
}

_stick() {
    local program=$words[1] context state line
    local -a verbs
    typeset -A opt_args
    verbs=(
@VERBS@
    )
    _arguments -C '(- *)'{-h,--help}'[help]' '(- *)--version[the version]' '1: :->verb' '*:: :->rest' && return
    case $state in
        verb) _describe -t verbs verb verbs ;;
        rest) _stick_verb $words[1] ;;
    esac
}

if [ "$funcstack[1]" = _stick ]; then
    _stick "$@"
else
    compdef _stick stick stickhooks
fi
