/*
 * syscall.h: what is known of a system call by its name and its arguments, as strace writes them.
 */
#ifndef LENS_SYSCALL_H
#define LENS_SYSCALL_H

#include <stdbool.h>
#include <stdint.h>

#include "lens/impl.h"

/* A call that may wait and takes as long has done so; strace alone makes one take up to 0.1 ms. */
enum { SYSCALL_BLOCKED_NS = 500 * 1000 };

/* Of its span in a trace: "sleep", "block" or "call". */
const char *syscall_category(const char *name, const char *args, int64_t took_ns);

enum syscall_child { SYSCALL_NO_CHILD, SYSCALL_PROCESS, SYSCALL_THREAD };

/* What it makes when it succeeds. */
enum syscall_child syscall_child(const char *name, const char *args);

/* Whether its first argument is a descriptor of the pipe with this inode: 3<pipe:[77]>. */
bool syscall_is_on_pipe(const char *args, uint64_t inode);

/* 9 for "SIGKILL", 0 for what is no such name. */
int syscall_signal(struct piece name);

#endif
