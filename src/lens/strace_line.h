/*
 * strace_line.h: one line that strace has written with the options of strace.c, taken apart.
 *
 * Pure, and fit for any bytes. The pieces are borrowed from the line.
 */
#ifndef LENS_STRACE_LINE_H
#define LENS_STRACE_LINE_H

#include "lens/impl.h"

enum strace_kind {
    STRACE_CALL,       /* name(args) = result */
    STRACE_UNFINISHED, /* name(args <unfinished ...>: another thread comes first */
    STRACE_RESUMED,    /* <... name resumed>args) = result */
    STRACE_SIGNAL,     /* --- SIGCHLD {...} --- */
    STRACE_EXITED,     /* +++ exited with 3 +++ */
    STRACE_KILLED,     /* +++ killed by SIGKILL +++ */
    STRACE_REMARK,     /* --- stopped by SIGSTOP ---, +++ superseded by execve in pid 7 +++ */
};

struct strace_line {
    enum strace_kind kind;
    long tid;
    int64_t at_ns;     /* since 1970: of the begin of a call, of the end of a resumed one */
    struct piece name; /* of a call, of a signal */
    struct piece args; /* of a call: what the line has of them; else the words between the marks */
    struct piece result; /* of a call that returned: "0", "-1 EAGAIN (...)", "?" */
    struct piece error;  /* "EAGAIN", "ERESTARTSYS"; "" for none */
    int64_t took_ns;     /* of a call, -1: not known, as it never returned */
    int code;            /* of STRACE_EXITED */
};

/* false if it is no such line. */
bool strace_line_read(const char *s, struct strace_line *l);

#endif
