# Completes stick and stickhooks in fish. Made by `stick completion fish`.

function __stick_at --description 'whether the words so far are of one of the verbs'
    set -l words (commandline -opc)
    test (count $words) -gt 1; and contains -- $words[2] $argv
end

function __stick_place --argument-names verb place --description 'whether the next word has this place'
    set -l words (commandline -opc)
    test "$words[2]" = $verb; or return
    set -l skip 0
    for word in $words[3..]
        if test $skip -eq 1
            set skip 0
        else if string match -q -- '-*' $word
            contains -- $word @FLAGS@; or set skip 1
        else
            set place (math $place - 1)
        end
    end
    test $place -eq 1 -a $skip -eq 0
end

function __stick_after --argument-names verb word --description 'whether the last word was this one'
    set -l words (commandline -opc)
    test "$words[2]" = $verb; and test "$words[-1]" = $word
end

function __stick_names --description 'what the program itself names here'
    set -l words (commandline -opc)
    command $words[1] __names $argv 2>/dev/null
end

function __stick_list --description 'the words, after those that the comma list has already'
    set -l before (string match -r '.*,' -- (commandline -ct))
    printf "$before%s\n" $argv
end

for program in stick stickhooks
    complete -c $program -e
    complete -c $program -f
    complete -c $program -n 'test (count (commandline -opc)) -eq 1' -s h -l help -d 'help'
    complete -c $program -n 'test (count (commandline -opc)) -eq 1' -l version -d 'the version'
@LINES@
end
