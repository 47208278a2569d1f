#!/bin/sh
# check-docs.sh BINARY [ROOT]: the man pages and completions of ROOT (this source tree, if it is
# not named) against each other and against what BINARY says of itself:
#   - mandoc finds nothing wrong with the pages;
#   - SYNOPSIS is the usage of --help;
#   - every option and command of --help is in systutor.1 and in the three completions, and bash
#     and fish, where they are installed, offer the options of each command behind it;
#   - every field of a --json output is in systutor.1;
#   - the completions are sound for the shells that are installed.
# Says what differs and exits 1 if anything does.
set -u

if [ $# -lt 1 ]; then
    echo "usage: check-docs.sh BINARY [ROOT]" >&2
    exit 2
fi
case $1 in
/*) binary=$1 ;;
*) binary=$PWD/$1 ;;
esac
root=${2:-$(dirname "$0")/../..}
completions=$root/data/completions
failed=0

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
HOME=$work
unset XDG_DATA_HOME XDG_CACHE_HOME
LC_ALL=C.UTF-8
export HOME LC_ALL

fail()
{
    echo "check-docs: $*" >&2
    failed=1
}

has()
{
    command -v "$1" >/dev/null 2>&1
}

# One line, one blank between words, none at its ends.
normalised()
{
    tr -s ' \t\n' '   ' | sed 's/^ //; s/ $//'
}

# contains FILE WORD: as a whole word.
contains()
{
    grep -Eq -e "(^|[^a-zA-Z0-9_-])$2([^a-zA-Z0-9_-]|\$)" "$1"
}

# ---- what there is ----

for file in "$binary" "$root/man/systutor.1" "$root/man/systutor-content.5" \
    "$completions/systutor.bash" "$completions/_systutor" "$completions/systutor.fish"; do
    if [ ! -r "$file" ]; then
        fail "$file: not there"
        exit 1
    fi
done
if ! has mandoc; then
    fail "mandoc: not there; install the package mandoc"
    exit 1
fi

"$binary" --help >"$work/help" || fail "--help: exit status $?"
sed -n '/^usage:/,/^$/{ s/^usage://; /./p; }' "$work/help" >"$work/usage"
grep -q '^ *systutor ' "$work/usage" || fail "--help: no usage lines"
backspace=$(printf '\b')
mandoc -Tascii -O width=78 "$root/man/systutor.1" 2>/dev/null |
    sed "s/.$backspace//g" >"$work/page"

# ---- mandoc ----

# References from one page to the other are looked for beside it. Which pages of the system this
# machine has does not matter.
for page in systutor.1 systutor-content.5; do
    (cd "$root/man" && mandoc -Tlint -Wall $page 2>/dev/null) |
        grep -Ev 'referenced manual not found: Xr ([^s]|s[^y])' >"$work/lint"
    [ -s "$work/lint" ] && fail "$(cat "$work/lint")"
done

# ---- SYNOPSIS ----

sed '1,/^SYNOPSIS/d; /^DESCRIPTION/,$d' "$work/page" | normalised >"$work/synopsis"
normalised <"$work/usage" >"$work/expected"
if ! cmp -s "$work/expected" "$work/synopsis"; then
    fail "SYNOPSIS differs from --help:"
    for side in expected synopsis; do
        awk '{ gsub(/ systutor /, "\nsystutor "); print }' "$work/$side" >"$work/$side.lines"
    done
    diff "$work/expected.lines" "$work/synopsis.lines" >&2
fi

# ---- options and commands ----

tr -c 'a-z0-9-' '\n' <"$work/help" | grep -E '^--?[a-z]' | sort -u >"$work/options"
# "demo run NAME ..." is two commands, "demo" and "run".
sed -n 's/^ *systutor \([a-z][a-z ]*\).*/\1/p' "$work/usage" | tr -s ' ' '\n' |
    grep . | sort -u >"$work/commands"
[ -s "$work/options" ] && [ -s "$work/commands" ] || fail "--help: no options or no commands"

# As a completion of fish names it.
fish_option()
{
    case $1 in
    --*) echo "-l ${1#--}" ;;
    *) echo "-s ${1#-}" ;;
    esac
}

for word in $(cat "$work/options" "$work/commands"); do
    contains "$work/page" "$word" || fail "systutor.1: lacks $word"
    contains "$completions/systutor.bash" "$word" || fail "systutor.bash: lacks $word"
    contains "$completions/_systutor" "$word" || fail "_systutor: lacks $word"
done
for word in $(cat "$work/options"); do
    contains "$completions/systutor.fish" "$(fish_option "$word")" ||
        fail "systutor.fish: lacks $word"
done
for word in $(cat "$work/commands"); do
    contains "$completions/systutor.fish" "-a $word" || fail "systutor.fish: lacks $word"
done

# ---- what is offered behind each command ----

# bash_offers COMMAND...: what may follow, a word a line.
bash_offers()
{
    bash --norc --noprofile -c '
        . "$1"
        shift
        COMP_WORDS=("$@" -) COMP_CWORD=$#
        _systutor
        printf "%s\n" "${COMPREPLY[@]}"' bash "$completions/systutor.bash" "$binary" "$@" 2>/dev/null
}

fish_offers()
{
    fish --no-config -c 'source $argv[1]; complete -C "systutor $argv[2..-1] -"
        complete -C "systutor $argv[2..-1] --"' "$completions/systutor.fish" "$@" 2>/dev/null
}

while read -r line; do
    words=$(echo "$line" | sed 's/^systutor *//; s/[^a-z ].*//; s/ *$//')
    case $words in
    'demo run'*) words='demo run name' ;;
    esac
    for shell in bash fish; do
        has $shell || continue
        # shellcheck disable=SC2086 # words are words
        ${shell}_offers $words >"$work/offers"
        for option in $(echo "$line" | tr -c 'a-z-' '\n' | grep -E '^--?[a-z]'); do
            contains "$work/offers" "$option" ||
                fail "$shell: \"systutor $words\" is not offered $option"
        done
    done
done <"$work/usage"

# ---- fields of --json ----

demo=$("$binary" --lang en demo list | sed -n 's/^\([a-z0-9-][a-z0-9-]*\) (.*/\1/p' | head -n 1)
echo 1 | "$binary" quiz --plain -n 1 >"$work/quiz" 2>&1
for command in lessons 'demo list' "demo run $demo" stats 'search file'; do
    # shellcheck disable=SC2086 # command is one word or more
    "$binary" $command --json >"$work/json" 2>"$work/words" ||
        fail "$command --json: exit status $?: $(cat "$work/words")"
    grep -Eo '"[a-z_]+":' "$work/json" | tr -d '":' | sort -u >"$work/fields"
    [ -s "$work/fields" ] || fail "$command --json: no fields"
    for field in $(cat "$work/fields"); do
        contains "$work/page" "$field" || fail "systutor.1: lacks the field $field of $command"
    done
done

# ---- syntax ----

check_syntax()
{
    has "$1" || return 0
    "$1" -n "$2" || fail "$2: not sound for $1"
}

check_syntax bash "$completions/systutor.bash"
check_syntax zsh "$completions/_systutor"
check_syntax fish "$completions/systutor.fish"

[ $failed = 0 ] && echo "docs: the pages and completions agree with --help"
exit $failed
