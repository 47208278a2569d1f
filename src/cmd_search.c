/*
 * cmd_search.c: `search`: lines of lessons, pages, demos, claims and questions that have all the
 * words. Exit status 1 if there are none.
 *
 * --json: {"query", "hits": [{"kind", "lesson", "title", "page", "name", "line"}], "more"}. "page"
 * counts from 1 and is null where a hit is on no page; "name" is that of a demo, claim or question,
 * else null; "more" is true if -n cut the list.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "cmd.h"
#include "cmd_args.h"
#include "cmd_out.h"
#include "json_out.h"
#include "search.h"
#include "text.h"

enum { DEFAULT_HITS = 20, MAX_HITS = 10000 };

static bool has_page(const struct search_hit *h)
{
    return h->kind == SEARCH_PAGE || h->kind == SEARCH_CLAIM;
}

static void print_json(const char *query, const struct search_hit *hits, size_t n, bool more)
{
    cJSON *root = json_out_new();
    json_out_string(root, "query", query);
    cJSON *list = json_out_array(root, "hits");

    for (size_t i = 0; i < n; i++) {
        const struct search_hit *h = &hits[i];
        cJSON *o = json_out_object(list, NULL);
        json_out_string(o, "kind", search_kind_name(h->kind));
        json_out_string(o, "lesson", h->lesson);
        json_out_bitext(o, "title", &h->title);
        if (has_page(h))
            json_out_number(o, "page", h->page + 1);
        else
            json_out_string(o, "page", NULL);
        json_out_string(o, "name", h->name[0] ? h->name : NULL);
        json_out_string(o, "line", h->line);
    }
    json_out_bool(root, "more", more);
    json_out_print(root);
}

/* "epoll, page 3: the line". */
static void print_hit(const struct search_hit *h)
{
    static const enum text_id kinds[] = {[SEARCH_LESSON] = TXT_KIND_LESSON,
                                         [SEARCH_PAGE] = TXT_KIND_PAGE,
                                         [SEARCH_DEMO] = TXT_KIND_DEMO,
                                         [SEARCH_CLAIM] = TXT_KIND_CLAIM,
                                         [SEARCH_QUESTION] = TXT_KIND_QUESTION};
    struct buf head = {0};

    buf_printf(&head, "%s, %s", h->lesson, text(kinds[h->kind]));
    if (h->name[0])
        buf_printf(&head, " %s", h->name);
    else if (has_page(h))
        buf_printf(&head, " %d", h->page + 1);
    buf_printf(&head, ": %s", h->line);
    out_line("", buf_text(&head));
    buf_release(&head);
}

/* One hit more than asked for is looked up, to know whether there are more. */
static int find(struct search *s, const char *query, size_t max, bool json)
{
    size_t n;
    const struct search_hit *hits = search_find(s, query, max + 1, &n);
    const bool more = n > max;

    n = size_min(n, max);
    if (json)
        print_json(query, hits, n, more);
    for (size_t i = 0; !json && i < n; i++)
        print_hit(&hits[i]);
    if (n == 0)
        fprintf(stderr, "%s\n", text(TXT_SEARCH_NONE));
    if (more && !json) {
        fprintf(stderr, text(TXT_CMD_MORE_HITS), max);
        fputc('\n', stderr);
    }
    return n > 0 ? 0 : 1;
}

static int run(struct app *app, int argc, char **argv)
{
    bool json = false;
    const char *count = NULL;
    const struct cmd_option options[] = {{"--json", &json, NULL}, {"-n", NULL, &count}};
    struct buf query = {0};
    long max = DEFAULT_HITS;

    if (!cmd_options(&search_command, &argc, argv, options, ARRAY_LEN(options)))
        return 2;
    if (count && !cmd_number(count, 1, MAX_HITS, &max))
        return cmd_usage(&search_command, "-n needs a number from 1 to %d, not \"%s\"", MAX_HITS,
                         count);
    if (argc < 2)
        return cmd_usage(&search_command, "needs a word to look for");
    for (int i = 1; i < argc; i++)
        buf_printf(&query, "%s%s", i > 1 ? " " : "", argv[i]);
    struct search *s = search_new(app->content);
    while (search_load_step(s))
        ;
    const int status = find(s, buf_text(&query), (size_t)max, json);
    search_free(s);
    buf_release(&query);
    return status;
}

const struct command search_command = {
    .name = "search",
    .usage = "search WORD... [-n N] [--json]",
    .summary = "look words up in all lessons",
    .needs = CMD_CONTENT,
    .run = run,
};
