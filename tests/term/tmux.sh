#!/bin/sh
# The tutor in a second terminal emulator: tests/term/tmux.sh TUTOR
# Opens it in a tmux of its own, opens a lesson, quits, and looks at its exit status.
set -eu
tutor=$(realpath "${1:-build/systutor}")
command -v tmux >/dev/null || { echo "tmux is not installed: skipped"; exit 0; }

dir=$(mktemp -d)
export TMUX_TMPDIR="$dir" HOME="$dir" TZ=UTC LANG=C.UTF-8
unset TMUX LC_ALL NO_COLOR XDG_DATA_HOME XDG_CACHE_HOME

mux() {
    tmux -L systutor-test -f /dev/null "$@"
}

end() {
    mux kill-server 2>/dev/null || true
    rm -rf "$dir"
}
trap end EXIT
trap 'exit 1' INT TERM HUP

# Until the screen shows the words; 10 seconds at most.
await() {
    tries=200
    until mux capture-pane -p 2>/dev/null | grep -qF -- "$1"; do
        tries=$((tries - 1))
        if [ "$tries" -eq 0 ]; then
            echo "tmux: \"$1\" did not come up on the screen:"
            mux capture-pane -p
            exit 1
        fi
        sleep 0.05
    done
}

mux new-session -d -x 100 -y 30 \
    "'$tutor' --lang en --now 2026-03-01 --seed 7; echo \"exit status \$?\"; read -r line"
await "How epoll works"
mux send-keys Enter # the first lesson
await " 1/"
mux send-keys n
await " 2/"
mux send-keys '?'
await "Everywhere"
mux send-keys Escape
await " 2/"
mux resize-window -x 60 -y 20
await " 2/"
mux send-keys q
await "Continue: What threads share, page 2"
mux send-keys q
await "exit status 0"
echo "tmux: passed"
