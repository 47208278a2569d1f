#!/bin/sh
# Runs all tests, as many at a time as there are processors, and counts them:
# tests/run.sh TUTOR TEST-PROGRAM...
# A program passes with exit status 0; what it printed is shown if it fails.
set -u
tutor=$1
shift
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
export logs
# Tests that ask for more memory than there is want the answer, not a report.
export ASAN_OPTIONS="allocator_may_return_null=1:${ASAN_OPTIONS:-}"
export TSAN_OPTIONS="allocator_may_return_null=1:${TSAN_OPTIONS:-}"

# One line a test: its name, a tab, its command.
{
    printf 'floors\tsh tests/floors.sh\n'
    printf 'docs\tsh tests/docs/check-docs.sh %s\n' "$tutor"
    printf 'tmux\tsh tests/term/tmux.sh %s\n' "$tutor"
    printf 'interop gc\tpython3 tests/interop/gc_step.py %s\n' \
        "$(dirname "$tutor")/demos/cycle-collector/gc-step"
    printf 'check content --run\t%s check content --run\n' "$tutor"
    for test in "$@"; do
        printf '%s\t%s\n' "$(basename "$test")" "$test"
    done
} >"$logs/list"

tr '\n' '\0' <"$logs/list" | xargs -0 -n1 -P"$(nproc)" sh -c '
    name=${0%%	*}
    command=${0#*	}
    log="$logs/$(echo "$name" | tr " /" "__").log"
    start=$(date +%s)
    if timeout -k 10 290 $command >"$log" 2>&1 </dev/null; then
        # cmocka says how many tests a program holds; a script is one.
        n=$(sed -n "s/^\[  PASSED  \] \([0-9]*\) test.*/\1/p" "$log" | awk "{s += \$1} END {print s + 0}")
        [ "$n" -gt 0 ] || ! grep -q "^\[====" "$log" || echo "NONE $name: ran no test"
        [ "$n" -gt 0 ] || n=1
        echo "ok   $name ($n, $(($(date +%s) - start)) s)"
        echo "$n" >>"$logs/passed"
    else
        cat "$log"
        echo "FAIL $name"
        echo 1 >>"$logs/failed"
    fi
'

passed=$(awk '{s += $1} END {print s + 0}' "$logs/passed" 2>/dev/null || echo 0)
failed=$(awk '{s += $1} END {print s + 0}' "$logs/failed" 2>/dev/null || echo 0)
echo "${passed:-0} passed, ${failed:-0} failed"
ran=$(cat "$logs/passed" "$logs/failed" 2>/dev/null | wc -l)
[ "${failed:-0}" -eq 0 ] && [ "$ran" -eq "$(wc -l <"$logs/list")" ]
