#compdef stick stickhooks
# Completes stick and stickhooks in zsh. Made by `stick completion zsh`.

_stick() {
    local line paths
    local -a lines values shown
    lines=("${(@f)$("${(Q)words[1]}" __offers "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
    paths=$lines[1]
    shift lines
    for line in $lines; do
        values+=("${line%%$'\t'*}")
        shown+=("${line/$'\t'/  -- }")
    done
    if [[ $shown = *'  -- '* ]]; then
        compadd -l -d shown -a values
    elif (( $#values )); then
        compadd -a values
    fi
    case $paths in
        files) _files ;;
        folders) _files -/ ;;
    esac
}

if [ "$funcstack[1]" = _stick ]; then
    _stick "$@"
else
    compdef _stick stick stickhooks
fi
