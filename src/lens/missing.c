/*
 * missing.c: what a lens needs of this machine: a program, and that it may trace. See impl.h.
 */
#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lens/impl.h"
#include "proc.h"

static bool has_capability(unsigned cap)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {0};

    return syscall(SYS_capget, &head, sets) == 0 && (sets[cap / 32].effective >> cap % 32 & 1);
}

/* kernel.yama.ptrace_scope; 0 where there is no Yama. */
static int yama_scope(void)
{
    struct buf file = {0};
    int scope = 0;

    if (buf_read_file(&file, "/proc/sys/kernel/yama/ptrace_scope", 64, NULL))
        scope = atoi(buf_text(&file)); // NOLINT(cert-err34-c): what is no number is 0
    buf_release(&file);
    return scope;
}

/* A process that is not traced cannot be let go on: ESRCH says that one may ask. Containers whose
 * seccomp filter forbids ptrace answer otherwise. From scope 2 on a child may not ask its parent to
 * trace it without the capability, from 3 on nobody may trace. */
static bool is_ptrace_refused(void)
{
    const int scope = yama_scope();

    errno = 0;
    if (ptrace(PTRACE_CONT, getpid(), NULL, NULL) < 0 && errno != ESRCH)
        return true;
    return scope >= 3 || (scope == 2 && !has_capability(CAP_SYS_PTRACE));
}

char *lens_tool_missing(const char *program, const char *package, bool traces)
{
    char *path = proc_find(program);
    const bool found = path != NULL;
    struct buf words = {0};

    free(path);
    if (!found)
        buf_printf(&words, text(TXT_LENS_NO_TOOL), program, package);
    else if (traces && is_ptrace_refused())
        buf_printf(&words, text(TXT_LENS_NO_PTRACE), program);
    else
        return NULL;
    return buf_take(&words);
}
