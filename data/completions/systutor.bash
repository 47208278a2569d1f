# systutor.bash: completion of systutor's commands, options, lessons, tracks, demos and their
# parameters, for bash 4 and later. Names come from the lines that `lessons` and `demo list` print;
# where that fails there are none, and nothing is said.

# _systutor_ask COMMAND...: the program that is being typed, with its --content, asked for names.
_systutor_ask()
{
    "${_systutor_call[@]}" --lang en "$@" 2>/dev/null </dev/null
}

_systutor_lessons()
{
    local line

    while IFS= read -r line; do
        [[ $line =~ ^\ \ ([a-z0-9-]+)(\ |$) ]] && echo "${BASH_REMATCH[1]}"
    done < <(_systutor_ask lessons)
}

_systutor_topics()
{
    local line

    while IFS= read -r line; do
        [[ $line =~ ^\ \ ([a-z0-9-]+)(\ |$) || $line =~ ^[^\ ].*\ \(([a-z0-9-]+)\)$ ]] &&
            echo "${BASH_REMATCH[1]}"
    done < <(_systutor_ask lessons)
}

_systutor_demos()
{
    local line

    while IFS= read -r line; do
        [[ $line =~ ^([a-z0-9-]+)\ \([a-z0-9-]+\)$ ]] && echo "${BASH_REMATCH[1]}"
    done < <(_systutor_ask demo list)
}

# _systutor_params DEMO: its parameters, one a line: "mode=lt|et", "n=1..64".
_systutor_params()
{
    local line name= param='^ *([a-z0-9_-]+=[^ ]+) \([^)]*\)(.*)$'

    while IFS= read -r line; do
        if [[ $line =~ ^([a-z0-9-]+)\ \([a-z0-9-]+\)$ ]]; then
            name=${BASH_REMATCH[1]}
        elif [[ $name == "$1" ]]; then
            while [[ $line =~ $param ]]; do
                echo "${BASH_REMATCH[1]}"
                line=${BASH_REMATCH[2]}
            done
        fi
    done < <(_systutor_ask demo list)
}

# _systutor_values DEMO PARAM: what may follow "PARAM=".
_systutor_values()
{
    local line range

    while IFS= read -r line; do
        [[ $line == "$2="* ]] || continue
        range=${line#*=}
        case $range in
        *'|'*) echo "${range//|/ }" ;;
        0..1) echo 0 1 ;;
        *..*) echo "${range%%..*} ${range##*..}" ;;
        esac
    done < <(_systutor_params "$1")
}

# The words up to the cursor, with what bash split at "=" put together again: into words.
_systutor_join()
{
    local i word

    words=()
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if ((${#words[@]} > 1)) && [[ $word == = || ${words[-1]} == *= ]]; then
            words[-1]+=$word
        else
            words+=("$word")
        fi
    done
}

# Sorts the words before the cursor: command, its words (args), the options with a value that is
# still to come (option), and what is asked for names (_systutor_call).
_systutor_sort()
{
    local i word last=$((${#words[@]} - 1))

    for ((i = 1; i < last; i++)); do
        word=${words[i]}
        case $word in
        --content=*) _systutor_call+=("$word") ;;
        --content)
            if ((i + 1 < last)); then
                _systutor_call+=("$word" "${words[++i]}")
            else
                option=$word
            fi
            ;;
        --db | --lang | --seed | --now | --trace | --lens | -n)
            if ((i + 1 < last)); then ((++i)); else option=$word; fi
            ;;
        -*) ;;
        *) if [[ $command ]]; then args+=("$word"); else command=$word; fi ;;
        esac
    done
}

# The value of an option; 1 if it is no option with a value.
_systutor_option_value()
{
    case $1 in
    --content) mapfile -t COMPREPLY < <(compgen -d -- "$2") ;;
    --db | --trace) mapfile -t COMPREPLY < <(compgen -f -- "$2") ;;
    --lang) mapfile -t COMPREPLY < <(compgen -W "en zh" -- "$2") ;;
    --lens) mapfile -t COMPREPLY < <(compgen -W "none strace tsan asan perf gdb" -- "$2") ;;
    --seed | --now | -n) COMPREPLY=() ;;
    *) return 1 ;;
    esac
    [[ $1 == --content || $1 == --db || $1 == --trace ]] && compopt -o filenames 2>/dev/null
    return 0
}

# The options that fit the command, and those of all.
_systutor_options()
{
    local own=

    case $command in
    lessons | stats) own="--json" ;;
    quiz) own="-n --plain" ;;
    demo)
        [[ ${args[0]} == list ]] && own="--json"
        [[ ${args[0]} == run ]] && own="--json --trace --lens"
        ;;
    trace) own="--plain --json" ;;
    search) own="-n --json" ;;
    check) own="--run" ;;
    doctor) own="--rebuild" ;;
    esac
    echo "$own --content --db --lang --seed --now --no-color --ascii --help --version"
}

# What a word that is no option may be.
_systutor_words()
{
    local row

    case $command in
    '') echo "lessons quiz demo trace stats search check doctor $(_systutor_lessons)" ;;
    quiz) _systutor_topics ;;
    demo)
        case ${#args[@]}:${args[0]} in
        0:) echo "list show run" ;;
        1:show | 1:run) _systutor_demos ;;
        *:run) while read -r row; do echo "${row%%=*}="; done < <(_systutor_params "${args[1]}") ;;
        esac
        ;;
    esac
}

_systutor()
{
    local words=() args=() command= option= cur head=
    local _systutor_call=("${COMP_WORDS[0]/#\~/$HOME}")

    COMPREPLY=()
    _systutor_join
    _systutor_sort
    cur=${words[-1]}
    if [[ $option ]]; then
        _systutor_option_value "$option" "$cur"
        return
    fi
    if [[ $cur == *=* ]]; then
        # Readline replaces only what follows the "=", where that breaks words.
        [[ $COMP_WORDBREAKS == *=* ]] || head=${cur%%=*}=
        if ! _systutor_option_value "${cur%%=*}" "${cur#*=}" && [[ ${args[0]} == run ]]; then
            mapfile -t COMPREPLY < <(
                compgen -W "$(_systutor_values "${args[1]}" "${cur%%=*}")" -- "${cur#*=}")
        fi
        COMPREPLY=("${COMPREPLY[@]/#/$head}")
        return
    fi
    if [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_systutor_options)" -- "$cur")
        return
    fi
    if [[ $command == check || $command == trace ]]; then
        local what=-f
        [[ $command == check ]] && what=-d
        mapfile -t COMPREPLY < <(compgen $what -- "$cur")
        compopt -o filenames 2>/dev/null
        return
    fi
    mapfile -t COMPREPLY < <(compgen -W "$(_systutor_words)" -- "$cur")
    [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
    return 0
}

complete -F _systutor systutor
