# systutor.fish: completion of systutor's commands, options, lessons, tracks, demos and their
# parameters. Names come from the lines that `lessons` and `demo list` print; where that fails
# there are none, and nothing is said.

# The program that is being typed, with its --content, asked for names.
function __systutor_ask
    set -l words (commandline -opc)
    set -l call $words[1]
    for i in (seq 2 (count $words))
        switch $words[$i]
            case '--content=*'
                set -a call $words[$i]
            case --content
                set -a call --content $words[(math $i + 1)]
        end
    end
    $call --lang en $argv 2>/dev/null </dev/null
end

# The command and the words after it, options and their values left out.
function __systutor_words
    set -l words (commandline -opc)
    set -l skip 0
    for word in $words[2..-1]
        if test $skip = 1
            set skip 0
            continue
        end
        switch $word
            case --content --db --lang --seed --now --trace --lens -n
                set skip 1
            case '-*'
            case '*'
                echo $word
        end
    end
end

# Whether these are the words so far; "*" stands for any number of further ones.
function __systutor_at
    set -l words (__systutor_words)
    for i in (seq (count $argv))
        if test "$argv[$i]" = '*'
            return 0
        end
        if test "$words[$i]" != "$argv[$i]"
            return 1
        end
    end
    test (count $words) -eq (count $argv)
end

function __systutor_lessons
    __systutor_ask lessons | string replace -rf '^  ([a-z0-9-]+) +(.*)$' '$1\t$2'
end

function __systutor_tracks
    __systutor_ask lessons | string replace -rf '^([^ ].*) \(([a-z0-9-]+)\)$' '$2\t$1'
end

function __systutor_demos
    __systutor_ask demo list | string replace -rf '^([a-z0-9-]+) \(([a-z0-9-]+)\)$' '$1\t$2'
end

# "n=" with its range; where the values are few, "mode=lt" and "mode=et".
function __systutor_params
    set -l demo (__systutor_words)[3]
    set -l name
    for line in (__systutor_ask demo list)
        set -l head (string match -rg '^([a-z0-9-]+) \([a-z0-9-]+\)$' -- $line)
        if test -n "$head"
            set name $head
        else if test "$name" = "$demo"; and string match -rq '^ *[a-z0-9_-]+=[^ ]+ \(' -- $line
            for row in (string match -ra '[a-z0-9_-]+=[^ ]+ \([^)]*\)' -- $line)
                set -l param (string split -m 1 = -- $row)
                set -l range (string replace -r ' \(.*' '' -- $param[2])
                switch $range
                    case '*|*'
                        printf '%s\n' $param[1]=(string split '|' -- $range)
                    case '0..1'
                        printf '%s\n' $param[1]=0 $param[1]=1
                    case '*'
                        printf '%s=\t%s\n' $param[1] $param[2]
                end
            end
        end
    end
end

complete -c systutor -f
complete -c systutor -l content -x -a '(__fish_complete_directories)' -d 'lessons from another folder'
complete -c systutor -l db -r -F -d 'progress file'
complete -c systutor -l lang -x -a 'en zh' -d language
complete -c systutor -l seed -x -d 'order of questions and choices'
complete -c systutor -l now -x -d 'pretend it is this time'
complete -c systutor -l no-color -d 'no colours'
complete -c systutor -l ascii -d 'draw with ASCII only'
complete -c systutor -l help -d 'say how it is called'
complete -c systutor -l version -d 'say the version'

complete -c systutor -n __systutor_at -a lessons -d 'tracks, lessons, and how far you are'
complete -c systutor -n __systutor_at -a quiz -d 'questions of lessons or tracks'
complete -c systutor -n __systutor_at -a demo -d 'the demos: what there is, their source, a run'
complete -c systutor -n __systutor_at -a trace -d 'the pictures of a run that was kept'
complete -c systutor -n __systutor_at -a stats -d 'your answers, scores and quizzes'
complete -c systutor -n __systutor_at -a search -d 'look words up in all lessons'
complete -c systutor -n __systutor_at -a check -d 'lint a content folder'
complete -c systutor -n __systutor_at -a doctor -d 'what works here'
complete -c systutor -n __systutor_at -a '(__systutor_lessons)'

complete -c systutor -n '__systutor_at lessons' -l json -d 'as JSON'
complete -c systutor -n '__systutor_at stats' -l json -d 'as JSON'
complete -c systutor -n '__systutor_at quiz "*"' -a '(__systutor_lessons; __systutor_tracks)'
complete -c systutor -n '__systutor_at quiz "*"' -s n -x -d 'how many questions'
complete -c systutor -n '__systutor_at quiz "*"' -l plain -d 'ask in lines'
complete -c systutor -n '__systutor_at demo' -a list -d 'all demos and their parameters'
complete -c systutor -n '__systutor_at demo' -a show -d 'the source of a demo'
complete -c systutor -n '__systutor_at demo' -a run -d 'a run of a demo'
complete -c systutor -n '__systutor_at demo list' -l json -d 'as JSON'
complete -c systutor -n '__systutor_at demo show; or __systutor_at demo run' -a '(__systutor_demos)'
complete -c systutor -n '__systutor_at demo run "*"' -l json -d 'as JSON'
complete -c systutor -n '__systutor_at demo run "*"' -l trace -r -F -d 'keep the trace'
complete -c systutor -n '__systutor_at demo run "*"' -l lens -x -a 'none strace tsan asan perf gdb' \
    -d 'through a tool'
complete -c systutor -n '__systutor_at demo run "*"; and not __systutor_at demo run' \
    -a '(__systutor_params)'
complete -c systutor -n '__systutor_at trace "*"' -F
complete -c systutor -n '__systutor_at trace "*"' -l plain -d 'events as lines'
complete -c systutor -n '__systutor_at trace "*"' -l json -d 'a summary as JSON'
complete -c systutor -n '__systutor_at search "*"' -s n -x -d 'how many lines'
complete -c systutor -n '__systutor_at search "*"' -l json -d 'as JSON'
complete -c systutor -n '__systutor_at check' -a '(__fish_complete_directories)'
complete -c systutor -n '__systutor_at check "*"' -l run -d 'compile and run it'
complete -c systutor -n '__systutor_at doctor' -l rebuild -d 'make what is derived in the store anew'
