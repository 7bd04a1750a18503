# Completes stick and stickhooks in fish. Made by `stick completion fish`.

function __stick_offers --description 'what the program says may follow, and the paths that may'
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines (command $words[1] __offers $words[2..] "$current" 2>/dev/null)
    set -l paths $lines[1]
    set -e lines[1]
    printf '%s\n' $lines
    switch "$paths"
        case files
            __fish_complete_path $current
        case folders
            __fish_complete_directories $current ''
    end
end

for program in stick stickhooks
    complete -c $program -e
    complete -c $program -f -a '(__stick_offers)'
end
