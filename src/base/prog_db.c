/* The part of a program's context that needs the database; apart from prog.c, so that a program without one
 * links no libpq. */
#include <stdlib.h>

#include "base/banned.h"
#include "base/db.h"
#include "base/prog.h"

int
tp_ctx_db_more(struct tp_ctx *tp, struct tp_db **out)
{
    struct tp_db_opts opts = {.dsn = tp->dsn, .application = tp->prog->name, .role = tp->db_role,
                              .statement_ms = tp->db_statement_ms, .any_schema = tp->db_any_schema};

    return tp_db_open(out, &opts, &tp->err);
}

int
tp_ctx_db(struct tp_ctx *tp)
{
    if (tp->db)
        return 0;
    if (tp_ctx_db_more(tp, &tp->db))
        return -1;
    tp->db_close = tp_db_close;
    return 0;
}

void
tp_ctx_db_drop(struct tp_ctx *tp)
{
    tp_db_close(tp->db);
    tp->db = NULL;
}

int
tp_emit_rows(struct tp_ctx *tp, const struct tp_record *record, struct tp_rows *rows)
{
    TP_AUTO_FREE void *row = tp_alloc(record->size);
    int                got = 1;

    while (got > 0) {
        TP_AUTO_ARENA texts = {0}; /* of one row: a long list needs no more memory than a short one */

        got = tp_rows_next(rows, record, row, &texts, &tp->err);
        if (got > 0 && tp_emit(tp, record, row))
            got = -1;
    }
    return got;
}
