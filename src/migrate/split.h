/* Cuts SQL text into statements exactly where psql would. */
#ifndef TP_MIGRATE_SPLIT_H
#define TP_MIGRATE_SPLIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct tp_split {
    const char *text, *end, *p;
    int         line; /* of p, from 1 */
    int         start_line; /* of the statement given last */
};

void tp_split_init(struct tp_split *s, const char *text, size_t n);
/* The next statement without its semicolon and without comments and blanks around it: 1, 0 at the end.
 * -1 with TP_EINPUT naming the line: an open quote, comment or parenthesis at the end, a psql command
 * (a line that begins with a backslash), data of COPY ... FROM STDIN. */
int tp_split_next(struct tp_split *s, const char **statement, size_t *n, struct tp_err *err);

/* Whether a statement is CREATE [UNIQUE] INDEX CONCURRENTLY [IF NOT EXISTS] index ON [ONLY] table; then
 * both names are copied as they are written.  Comments between the words are not understood: false. */
bool tp_split_concurrent_index(const char *statement, size_t n, char *index, char *table, size_t size);

#endif
