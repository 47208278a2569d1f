#!/bin/sh
# Checks the architecture: a file includes only its own floor or a lower one, there are no circles
# of headers, and what is fenced stays behind its fence. Prints what breaks a rule; exit 1 if any.
set -eu
cd "$(dirname "$0")/../src"

# floor of a file by its topic: the first path component, without its ending
floors='
0 base arena buf utf8 place
1 text path loop proc
2 content markdown highlight store fsrs quiz session trace trace_export compiler build build_cache build_messages lens run run_record search answer_line
3 term term_impl draw doc source_view param_form line_edit run_view predict_view feedback stage view app ui ui_impl frame
4 screen_* screens
5 cmd cmd_* commands tool json_out options main
'
# fence: header, then the topics that may include it
fences='
curses.h term draw doc line_edit param_form view ui frame screen_* main
cjson/cJSON.h content trace trace_export cmd_* json_out
sqlite3.h store
'

awk -v floors="$floors" -v fences="$fences" '
function topic(path,   t) { t = path; sub(/\/.*/, "", t); sub(/\.[a-z]+$/, "", t); return t }
function matches(t, pattern) {
    if (pattern ~ /\*$/) return index(t, substr(pattern, 1, length(pattern) - 1)) == 1
    return t == pattern
}
function floor_of(t,   i, k, n, w, lines, rows) {
    rows = split(floors, lines, "\n")
    for (i = 1; i <= rows; i++) {
        n = split(lines[i], w, " ")
        for (k = 2; k <= n; k++) if (matches(t, w[k])) return w[1]
    }
    return -1
}
function complain(words) { print FILENAME ": " words; bad = 1 }
FNR == 1 { here = topic(FILENAME); f = floor_of(here); if (f < 0) complain("is on no floor: add it to tests/floors.sh"); files++ }
/^#include "/ {
    split($0, q, "\"")
    g = floor_of(topic(q[2]))
    if (g > f) complain("floor " f " includes " q[2] " of floor " g)
    if (f == 4 && q[2] ~ /^screen_/) complain("a screen includes a screen: " q[2])
    if (FILENAME ~ /\.h$/ && q[2] ~ /\.h$/) edge[FILENAME] = edge[FILENAME] " " q[2]
}
/^#include </ {
    split($0, q, /[<>]/)
    rows = split(fences, lines, "\n")
    for (i = 1; i <= rows; i++) {
        n = split(lines[i], w, " ")
        if (n == 0 || w[1] != q[2]) continue
        ok = 0
        for (k = 2; k <= n; k++) if (matches(here, w[k])) ok = 1
        if (!ok) complain("must not include <" q[2] ">")
    }
}
/(^|[^a-z_.>])(fork|vfork|clone|execve|execv|execvp|posix_spawn|system|popen) *\(/ {
    if (here != "proc" && here != "sandbox" && $0 !~ /^ *(\*|\/\*|\/\/)/)
        complain("starts a process outside proc.c: " $0)
}
function visit(h,   w, n, i) {
    if (state[h] == 2) return
    if (state[h] == 1) { print h ": is in a circle of headers"; bad = 1; return }
    state[h] = 1
    n = split(edge[h], w, " ")
    for (i = 1; i <= n; i++) visit(w[i])
    state[h] = 2
}
END {
    for (h in edge) visit(h)
    if (files < 20) { print "only " files " files looked at"; bad = 1 }
    exit bad
}
' *.c *.h */*.c */*.h
