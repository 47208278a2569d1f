/*
 * frames.c: a program on a terminal whose frames are timed. See frames.h.
 */
#include "frames.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vterm.h>

#include "buf.h"
#include "pty.h"

enum {
    NS_A_MS = 1000000,
    LIMIT_MS = 20000,    /* for any frame */
    FIRST_REST_MS = 300, /* silence that ends the first frame */
    KEY_REST_MS = 30,    /* and that of a key: a hundred times what one takes */
    STOP_MS = 5000,
    CHUNK = 65536,
};

struct chunk {
    int64_t at_ns;
    size_t end; /* of its bytes in frames.bytes */
};

struct frames {
    struct pty pty;
    VTerm *term;
    VTermScreen *screen; /* owned by term */
    bool ended;
    struct buf bytes;
    struct chunk *chunks; /* not replayed yet */
    size_t n_chunks, cap_chunks;
};

struct frames *frames_start(const char *const *argv, const char *home, struct err *e)
{
    struct frames *f = x_array(1, sizeof(*f));
    char **env = pty_env_new(home, NULL);
    const struct pty_spec spec = {
        .argv = argv, .env = env, .rows = FRAMES_ROWS, .cols = FRAMES_COLS};

    f->term = vterm_new(FRAMES_ROWS, FRAMES_COLS);
    if (!f->term)
        die("out of memory for a terminal");
    vterm_set_utf8(f->term, 1);
    f->screen = vterm_obtain_screen(f->term);
    vterm_screen_enable_altscreen(f->screen, 1);
    vterm_screen_reset(f->screen, 1);
    const bool ok = pty_spawn(&f->pty, &spec, e);
    pty_env_free(env);
    if (ok)
        return f;
    frames_stop(f);
    return NULL;
}

/* ---- the timed path ---- */

static void note_chunk(struct frames *f, const char *bytes, size_t n, int64_t at_ns)
{
    buf_add(&f->bytes, bytes, n);
    if (f->n_chunks == f->cap_chunks) {
        f->cap_chunks = f->cap_chunks ? 2 * f->cap_chunks : 64;
        f->chunks = x_resize(f->chunks, f->cap_chunks, sizeof(*f->chunks));
    }
    f->chunks[f->n_chunks++] = (struct chunk){at_ns, f->bytes.len};
}

/* Waits up to wait_ms for one chunk and notes it. */
static bool read_chunk(struct frames *f, int wait_ms)
{
    static char bytes[CHUNK];
    int status;

    pty_poll(&f->pty, false, wait_ms);
    const ssize_t n = read(f->pty.master, bytes, sizeof(bytes));
    if (n > 0) {
        note_chunk(f, bytes, (size_t)n, pty_now_ns());
        return true;
    }
    f->ended = f->ended || pty_ended(&f->pty, &status);
    return false;
}

static int ms_left(int64_t end_ns)
{
    const int64_t left = end_ns - pty_now_ns();

    return left > 0 ? (int)(left / NS_A_MS) + 1 : 0;
}

/* Notes chunks until none has come for rest_ms, but at least one has. */
static bool read_until_rest(struct frames *f, int rest_ms, struct err *e)
{
    const int64_t limit = pty_now_ns() + (int64_t)LIMIT_MS * NS_A_MS;
    int64_t rest = limit;

    while (!f->ended && ms_left(rest) > 0) {
        if (read_chunk(f, ms_left(rest)))
            rest = pty_now_ns() + (int64_t)rest_ms * NS_A_MS;
        if (pty_now_ns() > limit)
            return err_set(e, "no rest within %d ms", LIMIT_MS);
    }
    if (f->ended)
        return err_set(e, "the program has ended");
    return f->n_chunks > 0 || err_set(e, "no output within %d ms", LIMIT_MS);
}

static bool send_bytes(struct frames *f, const char *bytes, struct err *e)
{
    const size_t n = strlen(bytes);

    return write(f->pty.master, bytes, n) == (ssize_t)n || err_sys(e, "cannot send a key");
}

/* ---- replay ---- */

static uint64_t mix(uint64_t hash, uint64_t value)
{
    return (hash ^ value) * 0x100000001b3U; /* FNV-1a, a word at a time */
}

static uint64_t hash_cell(uint64_t hash, const VTermScreenCell *cell)
{
    for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell->chars[i]; i++)
        hash = mix(hash, cell->chars[i]);
    hash = mix(hash, (uint64_t)(cell->attrs.bold | cell->attrs.underline << 1 |
                                cell->attrs.italic << 3 | cell->attrs.reverse << 4));
    hash = mix(hash, (uint64_t)(cell->fg.type | cell->fg.rgb.red << 8 | cell->fg.rgb.green << 16));
    return mix(hash, (uint64_t)(cell->bg.type | cell->bg.rgb.red << 8 | cell->bg.rgb.green << 16));
}

/* What the screen shows below the title row. */
static uint64_t hash_screen(const struct frames *f)
{
    uint64_t hash = 0xcbf29ce484222325U;
    VTermScreenCell cell;

    for (int row = 1; row < FRAMES_ROWS; row++) {
        for (int col = 0; col < FRAMES_COLS; col++) {
            vterm_screen_get_cell(f->screen, (VTermPos){row, col}, &cell);
            hash = hash_cell(hash, &cell);
        }
    }
    return hash;
}

/* Feeds chunk i to the terminal. */
static void replay_chunk(struct frames *f, size_t i)
{
    const size_t start = i > 0 ? f->chunks[i - 1].end : 0;

    vterm_input_write(f->term, f->bytes.text + start, f->chunks[i].end - start);
}

static void forget_chunks(struct frames *f)
{
    f->n_chunks = 0;
    buf_clear(&f->bytes);
}

/* Replays all chunks; when the last one came that changed the screen (the first, if none did). */
static int64_t replay(struct frames *f)
{
    uint64_t before = hash_screen(f);
    int64_t complete_ns = f->chunks[0].at_ns;

    for (size_t i = 0; i < f->n_chunks; i++) {
        replay_chunk(f, i);
        const uint64_t now = hash_screen(f);
        if (now != before)
            complete_ns = f->chunks[i].at_ns;
        before = now;
    }
    forget_chunks(f);
    return complete_ns;
}

static void row_text(const struct frames *f, int row, char *out, size_t size)
{
    const VTermRect rect = {row, row + 1, 0, FRAMES_COLS};
    const size_t n = vterm_screen_get_text(f->screen, out, size - 1, rect);

    out[size_min(n, size - 1)] = '\0';
}

static bool screen_has(const struct frames *f, const char *text, int row)
{
    char shown[FRAMES_COLS * 4 + 1];

    for (int i = 0; i < FRAMES_ROWS; i++) {
        if (row != FRAMES_ANY_ROW && row != i)
            continue;
        row_text(f, i, shown, sizeof(shown));
        if (strstr(shown, text))
            return true;
    }
    return false;
}

/* Adds to the reason what a person would see: usually the program's own message. */
static bool explain(struct frames *f, struct err *e)
{
    char row[FRAMES_COLS * 4 + 1];
    const struct err why = *e;

    for (size_t i = 0; i < f->n_chunks; i++)
        replay_chunk(f, i);
    forget_chunks(f);
    for (int i = 0; i < FRAMES_ROWS; i++) {
        row_text(f, i, row, sizeof(row));
        if (row[strspn(row, " ")])
            return err_set(e, "%s; on its screen: %s", why.text, row);
    }
    return false;
}

/* ---- frames ---- */

bool frames_first(struct frames *f, int64_t *ns, struct err *e)
{
    if (!read_until_rest(f, FIRST_REST_MS, e))
        return explain(f, e);
    *ns = replay(f) - f->pty.start_ns;
    char footer[FRAMES_COLS * 4 + 1];
    row_text(f, FRAMES_ROWS - 1, footer, sizeof(footer));
    return footer[strspn(footer, " ")] || err_set(e, "no full screen: the last row is empty");
}

/* What comes late belongs to the frame before. */
static void take_late_output(struct frames *f)
{
    while (read_chunk(f, 0))
        ;
    if (f->n_chunks > 0)
        replay(f);
}

bool frames_key(struct frames *f, const char *bytes, int64_t *ns, struct err *e)
{
    take_late_output(f);
    const int64_t start = pty_now_ns();
    if (!send_bytes(f, bytes, e) || !read_until_rest(f, KEY_REST_MS, e))
        return explain(f, e);
    *ns = replay(f) - start;
    return true;
}

bool frames_until(struct frames *f, const char *bytes, const char *text, int row, bool there,
                  int64_t *ns, struct err *e)
{
    const int64_t start = pty_now_ns();
    const int64_t limit = start + (int64_t)LIMIT_MS * NS_A_MS;

    if (!send_bytes(f, bytes, e))
        return false;
    if (!*bytes && screen_has(f, text, row) == there) {
        *ns = 0;
        return true;
    }
    while (!f->ended && pty_now_ns() < limit) {
        if (!read_chunk(f, ms_left(limit)))
            continue;
        const int64_t at_ns = f->chunks[0].at_ns; /* there are none but this one */
        replay_chunk(f, 0);
        forget_chunks(f);
        if (screen_has(f, text, row) == there) {
            *ns = at_ns - start;
            return true;
        }
    }
    err_set(e, "\"%s\" %s", text, there ? "did not come up" : "did not leave the screen");
    return explain(f, e);
}

void frames_pass(struct frames *f, int ms)
{
    const int64_t end = pty_now_ns() + (int64_t)ms * NS_A_MS;

    while (!f->ended && pty_now_ns() < end) {
        if (!read_chunk(f, ms_left(end)))
            continue;
        replay_chunk(f, 0);
        forget_chunks(f);
    }
}

long frames_peak_kib(const struct frames *f)
{
    char path[64];
    struct buf status = {0};
    struct err e;
    long kib = -1;

    snprintf(path, sizeof(path), "/proc/%d/status", (int)f->pty.pid);
    if (buf_read_file(&status, path, 1 << 16, &e)) {
        const char *at = strstr(buf_text(&status), "VmHWM:");
        if (at)
            kib = strtol(at + strlen("VmHWM:"), NULL, 10);
    }
    buf_release(&status);
    return kib;
}

void frames_stop(struct frames *f)
{
    if (!f)
        return;
    const int64_t limit = pty_now_ns() + (int64_t)STOP_MS * NS_A_MS;
    if (f->pty.pid > 0 && !f->ended)
        kill(f->pty.pid, SIGTERM);
    /* Its last output has to be taken, or it could not end. */
    while (f->pty.pid > 0 && !f->ended && pty_now_ns() < limit) {
        read_chunk(f, ms_left(limit));
        forget_chunks(f);
    }
    pty_close(&f->pty);
    vterm_free(f->term);
    buf_release(&f->bytes);
    free(f->chunks);
    free(f);
}
