/*
 * check.h: the softer rules, for authors: check.c has those of a pack, the others of one lesson.
 *
 * Each takes a lesson as lesson_read left it (also one with FATAL findings: what could not be read
 * is "" or an empty list and is passed over) and reports LINT. Fields are JSON paths or lines.
 */
#ifndef CONTENT_CHECK_H
#define CONTENT_CHECK_H

#include "content/load.h"

enum { MAX_CODE_COLS = 68, MAX_PROGRAM_LINES = 30 };

/* check_quiz.c: quiz.json. */
void check_quiz(struct loading *ld);

/* check_lesson.c: lesson.json and the pages against it; files nobody refers to. */
void check_lesson(struct loading *ld);

/* "quiz.json" and a field made by fmt. */
void check_report(struct loading *ld, const char *file, const char *field, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Lines of code that are wider than MAX_CODE_COLS are reported at the field. */
void check_code_width(struct loading *ld, const char *file, const char *field, const char *code);

#endif
