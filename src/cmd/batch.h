/* Lines in, answers out: JSON lines on stdin, or the operands of a command, are done so many to a
 * transaction, and each is answered in order after the commit of its own. */
#ifndef TP_CMD_BATCH_H
#define TP_CMD_BATCH_H

#include "base/failure.h"
#include "base/prog.h"
#include "base/uuid.h"

/* One thing asked for.  Code TP_OK in err: row is its answer. */
struct tp_item {
    int64_t       line; /* of stdin, or which operand, from 1 */
    struct tp_err err;
    char          reason[TP_REASON_WORD]; /* of a failure, one word; "": that of the code */
    bool          refused;  /* row is the answer, but it says no: its reason is in reason */
    bool          replayed; /* it had been done before, under the same key */
    void         *ask;      /* what was read */
    void         *row;      /* the answer, a row of the batch's record */
};

struct tp_batch {
    struct tp_ctx          *tp;
    const struct tp_record *record;  /* of the answers; its rows are followed by line and replayed */
    const struct tp_record *ask;     /* of what is asked: a line is read into it */
    bool                    strict;  /* a key that it does not have is refused */
    bool                    dry_run; /* everything is done and then rolled back */
    const char             *refused_hint; /* what tells why a refusal was one; may be NULL */
    const char             *unknown_hint; /* what tells whether something happened whose answer was lost */
    void                   *to;
    /* Does the items inside a transaction of the acting user; sets err, replayed and row of each.  -1: the
     * transaction failed, and all of them will be asked again or alone.  again: an attempt before may
     * have been committed, so look first whether it was. */
    int (*work)(void *to, struct tp_item **items, size_t n, bool again, struct tp_arena *arena, struct tp_err *err);
    struct tp_uuid   user;    /* set by tp_batch_open */
    struct tp_record answers; /* record with line and replayed */
    int64_t          lines, failed, first_failed;
};

/* Prints the answer for a line that failed; reason NULL or "": that of the code. */
int tp_line_failed(struct tp_ctx *tp, int64_t line, const struct tp_err *err, const char *reason);

/* For work: what is wrong with one item is its own affair and goes to its err (0); what is wrong with the
 * connection or was said by the server ends the transaction (-1). */
int tp_item_failed(struct tp_item *item, const struct tp_err *err);

/* Connects and finds out who acts. */
int tp_batch_open(struct tp_batch *b);
/* JSON lines from stdin until their end.  -1: TP_EPARTLY when lines failed, else what stopped it. */
int tp_batch_lines(struct tp_batch *b);

#define TP_BATCH_PAGE 100 /* items of one transaction */

/* Room for items, everything asked being null. */
void tp_batch_alloc(const struct tp_batch *b, struct tp_item *items, size_t n);
void tp_batch_free(struct tp_item *items, size_t n);
/* Items that the command line gave, their ask filled.  One alone: its failure is the command's, and the
 * answer has no line. */
int tp_batch_items(struct tp_batch *b, struct tp_item *items, size_t n);
/* At most TP_BATCH_PAGE items of a longer row, done and answered; after the last page the end. */
int tp_batch_page(struct tp_batch *b, struct tp_item *items, size_t n);
int tp_batch_end(struct tp_batch *b);

#endif
