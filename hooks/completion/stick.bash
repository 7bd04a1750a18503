# Completes stick and stickhooks in bash. Made by `stick completion bash`.
# The program is asked what may follow as you type; names in its answer are quoted, never run.

_stick() {
    local cur paths value help breaks='' said=''
    local -a words
    COMPREPLY=()
    # The line as it was typed: bash would give "claude:1a2b" as three words.
    IFS=' ' read -ra words <<<"${COMP_LINE:0:COMP_POINT}"
    case ${COMP_LINE:0:COMP_POINT} in *' ') words+=('') ;; esac
    cur=${words[${#words[@]} - 1]}
    # bash takes a colon for the end of a word, and "=" too: what it has already is not said again
    case $COMP_WORDBREAKS in *:*) breaks=: ;; esac
    case $cur in *[=$breaks]*) said=${cur%"${cur##*[=$breaks]}"} ;; esac
    {
        read -r paths
        while IFS=$'\t' read -r value help; do
            case $value in "$cur"*) ;; *) continue ;; esac
            value=${value#"$said"}
            case $value in *[!A-Za-z0-9_.,:/+@-]*) value=$(printf '%q' "$value") ;; esac
            COMPREPLY+=("$value")
        done
    } < <("$1" __offers "${words[@]:1}" 2>/dev/null)
    case $paths in files) paths=-f ;; folders) paths=-d ;; *) return ;; esac
    compopt -o filenames 2>/dev/null
    while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen "$paths" -- "${cur#"$said"}")
}

complete -F _stick stick stickhooks
