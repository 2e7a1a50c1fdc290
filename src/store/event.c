#include "store/event.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "base/text.h"
#include "store/sql.h"

#define WALK_MS 3000                  /* how often a walk begins at the start */
#define SLACK_US (1 * TP_US_SECOND)   /* events become visible a little later than they are due */

static const char *const statuses[] = {"PENDING", "PROCESSING", "COMPLETED", "FAILED", NULL};

static const struct tp_field fields[] = {
    F_INT(struct tp_event, id, "running number; names the event to ack and dead"),
    F_UUID(struct tp_event, event_id, "given by the producer; a second event with it is dropped"),
    F_TEXT(struct tp_event, event_type, "word the consumers choose by, such as order.filled", .required = true),
    F_UUID(struct tp_event, user_id, "user it is about", .wide = true),
    F_JSON(struct tp_event, payload, "what happened, a JSON object", .wide = true),
    F_TEXT(struct tp_event, status, "PENDING, PROCESSING (leased), COMPLETED or FAILED (dead)",
           .choices = statuses),
    F_LONG(struct tp_event, ordering_key, "events of one key are handled one after the other"),
    F_INT(struct tp_event, retry_count, "attempts begun, this one included"),
    F_INT(struct tp_event, max_attempts, "after so many it is FAILED", .wide = true),
    F_INT(struct tp_event, silent_deaths, "leases in a row that ran out without a word; three make it FAILED",
          .wide = true),
    F_TIME(struct tp_event, available_at, "not claimed before", .wide = true),
    F_TIME(struct tp_event, lease_until, "until then nobody else gets it"),
    F_UUID(struct tp_event, lease_token, "acknowledging needs it", .wide = true),
    F_LONG(struct tp_event, last_error, "what the last attempt that failed said"),
    F_TIME(struct tp_event, created_at, "when it was queued", .wide = true),
    F_TIME(struct tp_event, processed_at, "when it was COMPLETED or FAILED", .wide = true),
    F_TIME(struct tp_event, expires_at, "unclaimed then, it becomes FAILED", .wide = true),
    F_BOOL(struct tp_event, seen, "the consumer has handled it before; null when none was named", .wide = true),
    F_STOP,
};

const struct tp_record tp_event_record = {"event", "something that happened, on its way to who wants to know", fields,
                                          sizeof(struct tp_event)};

static const struct tp_field stats_fields[] = {
    F_INT(struct tp_event_stats, ready, "may be claimed now"),
    F_INT(struct tp_event_stats, waiting, "wait for their time: retries and events for later"),
    F_INT(struct tp_event_stats, held, "wait because a FAILED event holds their key"),
    F_INT(struct tp_event_stats, leased, "are being worked on"),
    F_INT(struct tp_event_stats, overdue, "have a lease that is over; the next claim takes them"),
    F_INT(struct tp_event_stats, failed, "dead letters"),
    F_INT(struct tp_event_stats, completed, "done and not yet cleaned away"),
    F_INT(struct tp_event_stats, oldest_seconds, "age of the oldest that may be claimed"),
    F_INT(struct tp_event_stats, pushed_minute, "queued in the last minute"),
    F_INT(struct tp_event_stats, completed_minute, "done in the last minute"),
    F_INT(struct tp_event_stats, failed_minute, "died in the last minute"),
    F_PERCENT(struct tp_event_stats, notify_percent, "how full the server's queue of notifications is, percent"),
    F_STOP,
};

const struct tp_record tp_event_stats_record = {"event_stats", "the state of the event queue", stats_fields,
                                                sizeof(struct tp_event_stats)};

static const struct tp_field push_fields[] = {
    F_INT(struct tp_event_push_answer, line, "number of the line, from 1"),
    F_UUID(struct tp_event_push_answer, event_id, "the event's id, given or made"),
    F_TEXT(struct tp_event_push_answer, event_type, "the event's type, given or derived"),
    F_BOOL(struct tp_event_push_answer, duplicate, "an event with this id was there already"),
    F_STOP,
};

const struct tp_record tp_event_push_record = {"event_push", "the answer to a line of tp-event push", push_fields,
                                               sizeof(struct tp_event_push_answer)};

static const char *const ack_statuses[] = {"COMPLETED", "PENDING", "FAILED", NULL};

static const struct tp_field ack_fields[] = {
    F_INT(struct tp_event_ack_answer, line, "number of the line, from 1"),
    F_INT(struct tp_event_ack_answer, id, "the event"),
    F_TEXT(struct tp_event_ack_answer, status,
           "COMPLETED, PENDING (to be tried again), FAILED (dead); null: the lease was lost", .choices = ack_statuses),
    F_BOOL(struct tp_event_ack_answer, lost, "the lease was somebody else's by then: the work was done twice"),
    F_TIME(struct tp_event_ack_answer, available_at, "when it will be tried again"),
    F_STOP,
};

const struct tp_record tp_event_ack_record = {"event_ack", "the answer to a line of tp-event ack", ack_fields,
                                              sizeof(struct tp_event_ack_answer)};

/* ---- leases ------------------------------------------------------------------------------------ */

void
tp_leases_add(struct tp_leases *l, struct tp_lease lease)
{
    if (l->n == l->room) {
        l->room = l->room ? 2 * l->room : 64;
        l->at = tp_realloc(l->at, l->room * sizeof *l->at);
    }
    l->at[l->n++] = lease;
}

bool
tp_leases_drop(struct tp_leases *l, int64_t id)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->at[i].id == id) {
            l->at[i] = l->at[--l->n];
            return true;
        }
    return false;
}

void
tp_leases_free(struct tp_leases *l)
{
    free(l->at);
    *l = (struct tp_leases){0};
}

const char *
tp_event_like(const char *pattern, struct tp_arena *arena)
{
    TP_AUTO_BUF like = {0};

    if (!pattern)
        return NULL;
    for (; *pattern; pattern++) {
        if (*pattern == '%' || *pattern == '_' || *pattern == '\\')
            tp_buf_char(&like, '\\');
        tp_buf_char(&like, *pattern == '*' ? '%' : *pattern == '?' ? '_' : *pattern);
    }
    return tp_arena_text(arena, like.at ? like.at : "", like.n);
}

/* ---- arrays as the server reads them ------------------------------------------------------------ */

/* Adds one element; NULL is null.  Texts are quoted, whatever they hold. */
static void
element(struct tp_buf *array, const char *text)
{
    tp_buf_char(array, array->n ? ',' : '{');
    if (!text) {
        tp_buf_put(array, "NULL", 4);
        return;
    }
    tp_buf_char(array, '"');
    for (;;) {
        size_t n = strcspn(text, "\"\\");

        tp_buf_put(array, text, n);
        if (!text[n])
            break;
        tp_buf_char(array, '\\');
        tp_buf_char(array, text[n]);
        text += n + 1;
    }
    tp_buf_char(array, '"');
}

/* The same for what tp_p_... made: numbers, ids and times need no quotes but the times' blanks. */
static void
element_of(struct tp_buf *array, struct tp_param p)
{
    if (p.own) {
        tp_buf_char(array, array->n ? ',' : '{');
        tp_buf_text(array, p.buf);
    } else {
        element(array, p.text);
    }
}

static struct tp_param
array_end(struct tp_buf *array)
{
    tp_buf_text(array, array->n ? "}" : "{}");
    return tp_p_text(array->at);
}

/* Ids and tokens of leases, in step. */
static void
lease_arrays(const struct tp_leases *l, struct tp_buf *ids, struct tp_buf *tokens)
{
    for (size_t i = 0; i < l->n; i++) {
        element_of(ids, tp_p_int(l->at[i].id));
        element_of(tokens, tp_p_uuid(l->at[i].token));
    }
}

/* ---- pushing ------------------------------------------------------------------------------------ */

enum { ARRAY_EVENT_ID, ARRAY_TYPE, ARRAY_USER, ARRAY_PAYLOAD, ARRAY_KEY, ARRAY_AVAILABLE, ARRAY_EXPIRES, ARRAY_ATTEMPTS, ARRAYS };

int
tp_event_push_send(struct tp_db *db, const struct tp_event *events, size_t n, bool made, struct tp_err *err)
{
    struct tp_buf   arrays[ARRAYS] = {0};
    struct tp_param params[ARRAYS];
    bool            some[ARRAYS] = {false}; /* a column of nulls alone is sent as none, which the server needs not read */
    int             rc;

    for (const struct tp_event *e = events; e < events + n; e++) {
        const struct tp_param values[ARRAYS] = {
            [ARRAY_EVENT_ID] = tp_p_uuid(e->event_id),
            [ARRAY_TYPE] = tp_p_text(e->event_type),
            [ARRAY_USER] = tp_p_uuid(e->user_id),
            [ARRAY_PAYLOAD] = tp_p_text(e->payload),
            [ARRAY_KEY] = tp_p_text(e->ordering_key),
            [ARRAY_AVAILABLE] = tp_p_time(e->available_at),
            [ARRAY_EXPIRES] = tp_p_time(e->expires_at),
            [ARRAY_ATTEMPTS] = tp_p_int(e->max_attempts),
        };

        for (size_t i = 0; i < ARRAYS; i++) {
            some[i] |= tp_p_value(&values[i]) != NULL;
            element_of(&arrays[i], values[i]);
        }
    }
    for (size_t i = 0; i < ARRAYS; i++)
        params[i] = some[i] ? array_end(&arrays[i]) : tp_p_text(NULL);
    rc = tp_db_send(db, made ? &SQL_event_add : &SQL_event_push, params, ARRAYS, err);
    for (size_t i = 0; i < ARRAYS; i++)
        tp_buf_free(&arrays[i]);
    return rc;
}

/* The new ids come in the order of the events, with those left out that were there. */
int
tp_event_pushed(struct tp_db *db, const struct tp_event *events, size_t n, bool made, bool *fresh, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;
    size_t       r = 0;

    if (tp_db_receive(db, &rows, err))
        return -1;
    for (size_t i = 0; i < n; i++) {
        char id[TP_UUID_TEXT];

        tp_uuid_print(id, events[i].event_id);
        fresh[i] = made;
        if (made)
            continue;
        fresh[i] = r < tp_rows_count(rows) && strcmp(tp_rows_text(rows, r, "event_id"), id) == 0;
        r += fresh[i];
    }
    return r == tp_rows_count(rows) ? 0 : tp_fail(err, TP_EFAIL, "the queue took events in another order");
}

int
tp_event_notify(struct tp_db *db, struct tp_err *err)
{
    return tp_db_exec(db, &SQL_event_notify, TP_NO_PARAMS, NULL, err);
}

int
tp_event_attend(struct tp_db *db, struct tp_err *err)
{
    return tp_db_exec(db, &SQL_event_listen, TP_NO_PARAMS, NULL, err)
                   || tp_db_exec(db, &SQL_event_session, TP_NO_PARAMS, NULL, err)
               ? -1
               : 0;
}

/* ---- a worker's turn ---------------------------------------------------------------------------- */

/* The first row tells of the acknowledgements.  The last is the latest: claims come in the order of the walk. */
static int
turn_rows(struct tp_worker *w, int64_t asked, struct tp_turn *turn, struct tp_err *err)
{
    struct tp_event first;
    TP_AUTO_ARENA   texts = {0};
    const char     *last = NULL;

    if (tp_rows_next(turn->rows, &tp_event_record, &first, &texts, err) != 1)
        return -1;
    turn->lost = tp_rows_text(turn->rows, 0, "last_error");
    turn->n = tp_rows_count(turn->rows) - 1;
    w->from = TP_TIME_NONE;
    if (turn->n < (size_t)asked || asked == 0)
        return 0;
    last = tp_rows_text(turn->rows, turn->n, "available_at");
    if (tp_time_parse(last, strlen(last), &w->from, err))
        return -1;
    w->from.us -= SLACK_US;
    return 0;
}

int
tp_event_turn_send(struct tp_db *db, struct tp_worker *w, const struct tp_leases *done, int64_t n, struct tp_err *err)
{
    TP_AUTO_BUF ids = {0}, tokens = {0};
    int64_t     now = tp_clock_ms();

    if (tp_time_none(w->from) || now - w->walked_ms >= WALK_MS) {
        w->from = TP_TIME_NONE;
        w->walked_ms = now;
    }
    if (tp_uuid_new(tp_time_now(), &w->token, err))
        return -1;
    lease_arrays(done, &ids, &tokens);
    return tp_db_send(db, &SQL_event_turn,
                      TP_PARAMS(array_end(&ids), array_end(&tokens), tp_p_text(w->consumer), tp_p_int(n),
                                tp_p_int(w->lease_s), tp_p_uuid(w->token), tp_p_text(w->like), tp_p_time(w->from),
                                tp_p_bool(w->hold)),
                      err);
}

int
tp_event_turn_receive(struct tp_db *db, struct tp_worker *w, int64_t n, struct tp_turn *turn, struct tp_err *err)
{
    *turn = (struct tp_turn){0};
    if (tp_db_receive(db, &turn->rows, err))
        return -1;
    w->token = (struct tp_uuid){0};
    if (!turn_rows(w, n, turn, err))
        return 0;
    tp_turn_free(turn);
    return -1;
}

int
tp_event_turn(struct tp_db *db, struct tp_worker *w, const struct tp_leases *done, int64_t n, struct tp_turn *turn,
              struct tp_err *err)
{
    return tp_event_turn_send(db, w, done, n, err) || tp_event_turn_receive(db, w, n, turn, err) ? -1 : 0;
}

int
tp_event_next(struct tp_turn *turn, struct tp_event *event, struct tp_arena *arena, struct tp_err *err)
{
    return tp_rows_next(turn->rows, &tp_event_record, event, arena, err);
}

void
tp_turn_free(struct tp_turn *turn)
{
    tp_rows_free(turn->rows);
    *turn = (struct tp_turn){0};
}

int
tp_event_recover(struct tp_db *db, struct tp_worker *w, struct tp_err *err)
{
    if (tp_uuid_none(w->token))
        return 0;
    if (tp_db_exec(db, &SQL_event_release_token, TP_PARAMS(tp_p_uuid(w->token)), NULL, err))
        return -1;
    w->token = (struct tp_uuid){0};
    return 0;
}

/* An error's text, cut where a character ends. */
static void
error_element(struct tp_buf *array, const char *error)
{
    char   text[TP_EVENT_ERROR_MAX + 1];
    size_t n = strlen(error);

    if (n > TP_EVENT_ERROR_MAX)
        for (n = TP_EVENT_ERROR_MAX; n > 0 && ((unsigned char)error[n] & 0xc0) == 0x80;)
            n--;
    memcpy(text, error, n);
    text[n] = '\0';
    element(array, text);
}

int
tp_event_fail(struct tp_db *db, const struct tp_worker *w, const struct tp_event_failure *failures, size_t n,
              struct tp_rows **rows, struct tp_err *err)
{
    TP_AUTO_BUF ids = {0}, tokens = {0}, errors = {0}, later = {0};

    for (const struct tp_event_failure *f = failures; f < failures + n; f++) {
        element_of(&ids, tp_p_int(f->lease.id));
        element_of(&tokens, tp_p_uuid(f->lease.token));
        error_element(&errors, f->error);
        element_of(&later, tp_p_int(f->later_s));
    }
    return tp_db_query(db, &SQL_event_fail,
                       TP_PARAMS(array_end(&ids), array_end(&tokens), array_end(&errors), array_end(&later),
                                 tp_p_bool(w->hold)),
                       rows, err);
}

int
tp_event_extend(struct tp_db *db, const struct tp_worker *w, const struct tp_leases *held, struct tp_rows **rows,
                struct tp_err *err)
{
    TP_AUTO_BUF ids = {0}, tokens = {0};

    lease_arrays(held, &ids, &tokens);
    return tp_db_query(db, &SQL_event_extend,
                       TP_PARAMS(array_end(&ids), array_end(&tokens), tp_p_int(w->lease_s)), rows, err);
}

int
tp_event_release(struct tp_db *db, const struct tp_leases *held, struct tp_err *err)
{
    TP_AUTO_BUF ids = {0}, tokens = {0};

    if (held->n == 0)
        return 0;
    lease_arrays(held, &ids, &tokens);
    return tp_db_exec(db, &SQL_event_release, TP_PARAMS(array_end(&ids), array_end(&tokens)), NULL, err);
}

/* ---- dead letters, figures ---------------------------------------------------------------------- */

int
tp_event_dead(struct tp_db *db, const struct tp_event_filter *filter, struct tp_rows **rows, struct tp_err *err)
{
    return tp_db_query(db, &SQL_event_dead_list,
                       TP_PARAMS(tp_p_int(filter->id), tp_p_text(filter->like), tp_p_text(filter->error_like),
                                 tp_p_int(filter->limit)),
                       rows, err);
}

static int
with_ids(struct tp_db *db, const struct tp_stmt *stmt, const struct tp_leases *ids, struct tp_rows **rows,
         struct tp_err *err)
{
    TP_AUTO_BUF array = {0};

    for (size_t i = 0; i < ids->n; i++)
        element_of(&array, tp_p_int(ids->at[i].id));
    return tp_db_query(db, stmt, TP_PARAMS(array_end(&array)), rows, err);
}

int
tp_event_replay(struct tp_db *db, const struct tp_leases *ids, struct tp_rows **rows, struct tp_err *err)
{
    return with_ids(db, &SQL_event_dead_replay, ids, rows, err);
}

int
tp_event_drop(struct tp_db *db, const struct tp_leases *ids, struct tp_rows **rows, struct tp_err *err)
{
    return with_ids(db, &SQL_event_dead_drop, ids, rows, err);
}

int
tp_event_stats(struct tp_db *db, const char *like, struct tp_event_stats *out, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;

    if (tp_db_one(db, &SQL_event_stats, TP_PARAMS(tp_p_text(like)), &rows, err))
        return -1;
    return tp_rows_next(rows, &tp_event_stats_record, out, NULL, err) == 1 ? 0 : -1;
}
