/*
 * floor.c: the least a curses program with a list can do: the measure for the tutor's speed.
 *
 *     floor [N]      a list of N lessons (default 3); arrows or j and k move, q quits
 *
 * Written as one would write it without a tutor behind it: no files, no database, one wnoutrefresh
 * and one doupdate a key. bench.c runs it beside the tutor; nothing else uses it.
 */
#include <curses.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const titles[] = {
    "What threads share",
    "Blocking and non-blocking descriptors",
    "How epoll works",
};

enum { TITLES = sizeof(titles) / sizeof(titles[0]), HEADER_ROWS = 2, FOOTER_ROWS = 2 };

static void draw_row(int y, int lesson, bool selected)
{
    if (selected)
        attron(A_REVERSE);
    mvprintw(y, 0, "  %4d  %-*.*s", lesson + 1, COLS - 10, COLS - 10, titles[lesson % TITLES]);
    if (selected)
        attroff(A_REVERSE);
}

static void draw(int count, int selected, int top)
{
    const int rows = LINES - HEADER_ROWS - FOOTER_ROWS;

    erase();
    attron(A_BOLD);
    mvprintw(0, 1, "Lessons (%d)", count);
    attroff(A_BOLD);
    mvhline(1, 0, ACS_HLINE, COLS);
    for (int i = 0; i < rows && top + i < count; i++)
        draw_row(HEADER_ROWS + i, top + i, top + i == selected);
    mvhline(LINES - 2, 0, ACS_HLINE, COLS);
    mvaddstr(LINES - 1, 1, "j/k move  Enter open  / search  ? help  L language  q quit");
    wnoutrefresh(stdscr);
    doupdate();
}

/* The list's first row on the screen, so that the selected one is on it. */
static int scroll_to(int selected, int top)
{
    const int rows = LINES - HEADER_ROWS - FOOTER_ROWS;

    if (selected < top)
        return selected;
    return selected >= top + rows ? selected - rows + 1 : top;
}

int main(int argc, char **argv)
{
    const int count = argc > 1 ? atoi(argv[1]) : TITLES;
    int selected = 0;
    int top = 0;

    if (count < 1) {
        fprintf(stderr, "usage: floor [N], N at least 1\n");
        return 2;
    }
    setlocale(LC_ALL, "");
    if (!initscr())
        return 1;
    cbreak();
    noecho();
    curs_set(0);
    keypad(stdscr, TRUE);
    set_escdelay(25);
    mousemask(ALL_MOUSE_EVENTS, NULL);
    for (int key = 0; key != 'q' && key != ERR; key = getch()) {
        if ((key == 'j' || key == KEY_DOWN) && selected < count - 1)
            selected++;
        if ((key == 'k' || key == KEY_UP) && selected > 0)
            selected--;
        top = scroll_to(selected, top);
        draw(count, selected, top);
    }
    endwin();
    return 0;
}
