/*
 * trace_export.c: the trace of a run as a file. See trace_export.h.
 */
#include "trace_export.h"

#include <cjson/cJSON.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

struct trace_export {
    char *path;
    FILE *out;
    FILE *raw; /* a file without a name */
};

struct trace_export *trace_export_begin(const char *path, struct err *e)
{
    struct trace_export *x = x_array(1, sizeof(*x));

    x->path = xstrdup(path);
    x->out = fopen(path, "we");
    if (!x->out) {
        err_sys(e, "%s: cannot write the trace", path);
        goto fail;
    }
    x->raw = tmpfile();
    if (!x->raw) {
        err_sys(e, "cannot make a temporary file for the trace");
        goto fail;
    }
    fcntl(fileno(x->raw), F_SETFD, FD_CLOEXEC); /* it is no business of the demo */
    return x;
fail:
    trace_export_free(x);
    return NULL;
}

void trace_export_free(struct trace_export *x)
{
    if (!x)
        return;
    if (x->out)
        fclose(x->out);
    if (x->raw)
        fclose(x->raw);
    free(x->path);
    free(x);
}

int trace_export_fd(const struct trace_export *x)
{
    return fileno(x->raw);
}

/* Whether the line is one JSON object: its text is copied as it is. */
static bool is_event(const char *line, size_t n)
{
    cJSON *event = cJSON_ParseWithLength(line, n);
    const bool yes = cJSON_IsObject(event);

    cJSON_Delete(event);
    return yes;
}

static void copy_events(struct trace_export *x)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t n;
    bool first = true;

    fputs("[", x->out);
    while ((n = getline(&line, &size, x->raw)) > 0) {
        const size_t len = (size_t)n - (line[n - 1] == '\n');
        if (!is_event(line, len))
            continue;
        fputs(first ? "\n" : ",\n", x->out);
        fwrite(line, 1, len, x->out);
        first = false;
    }
    fputs("\n]\n", x->out);
    free(line);
}

bool trace_export_end(struct trace_export *x, struct err *e)
{
    rewind(x->raw);
    copy_events(x);
    const bool written = !ferror(x->out) && !ferror(x->raw);
    const bool closed = fclose(x->out) == 0;
    x->out = NULL;
    return (written && closed) || err_sys(e, "%s: cannot write the trace", x->path);
}
