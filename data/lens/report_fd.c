/*
 * report_fd.c: compiled into a demo with the sanitizer that looks at it: what the sanitizer finds
 * goes to the descriptor REPORT_FD, apart from what the demo prints, after the line "@started".
 */
#include <unistd.h>

void __sanitizer_set_report_fd(void *fd); /* of the sanitizer's library */

/* With gcc, AddressSanitizer and UndefinedBehaviorSanitizer are two libraries, each with a
 * descriptor of its own, where the name above is that of the first. The second begins at its first
 * report, and would set the first back then: that is what this empty function in its place is for.
 */
#if defined(__SANITIZE_ADDRESS__) && !defined(__clang__)
#include <dlfcn.h>

void __sanitizer_set_report_path(const char *path);
void __sanitizer_set_report_path(const char *path)
{
    (void)path;
}

static void set_second(void *fd)
{
    void *library = dlopen("libubsan.so.1", RTLD_LAZY | RTLD_NOLOAD);
    void (*set)(void *) = NULL;

    if (library)
        set = (void (*)(void *))dlsym(library, "__sanitizer_set_report_fd");
    if (set)
        set(fd);
}
#else
static void set_second(void *fd)
{
    (void)fd;
}
#endif

__attribute__((constructor)) static void report_apart(void)
{
    static const char started[] = "@started\n";
    void *fd = (void *)(long)REPORT_FD;

    __sanitizer_set_report_fd(fd);
    set_second(fd);
    if (write(REPORT_FD, started, sizeof(started) - 1) < 0)
        _exit(125);
}
