#!/bin/sh
# Runs all tests and counts them: tests/run.sh TUTOR TEST-PROGRAM...
# A program passes with exit status 0; what it printed is shown if it fails.
set -u
tutor=$1
shift
passed=0
failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

run() {
    name=$1
    shift
    start=$(date +%s)
    if "$@" >"$log" 2>&1; then
        # cmocka says how many tests a program holds; a script is one.
        n=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' "$log" | awk '{s += $1} END {print s + 0}')
        [ "$n" -gt 0 ] || n=1
        passed=$((passed + n))
        echo "ok   $name ($n, $(($(date +%s) - start)) s)"
    else
        failed=$((failed + 1))
        cat "$log"
        echo "FAIL $name"
    fi
}

run floors sh tests/floors.sh
for test in "$@"; do
    run "$(basename "$test")" "$test"
done
[ -f tests/docs/check-docs.sh ] && run docs sh tests/docs/check-docs.sh "$tutor"
run tmux sh tests/term/tmux.sh "$tutor"
run "check content --run" "$tutor" check content --run
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
