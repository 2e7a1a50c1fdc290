/* The event queue: leases, attempts, dead letters. */
#ifndef TP_STORE_EVENT_H
#define TP_STORE_EVENT_H

#include "base/db.h"

#define TP_EVENT_TYPE_SIZE 65
#define TP_EVENT_ERROR_MAX 2000  /* bytes of last_error */
#define TP_EVENT_PAYLOAD_MAX (256 * 1024)
#define TP_EVENT_KEY_MAX 200

/* A row of tp.event_queue; what has no fixed size stands in the caller's arena. */
struct tp_event {
    int64_t        id;
    struct tp_uuid event_id;
    char           event_type[TP_EVENT_TYPE_SIZE];
    struct tp_uuid user_id;
    const char    *payload;
    char           status[11]; /* PENDING, PROCESSING, COMPLETED, FAILED */
    const char    *ordering_key;
    int64_t        retry_count, max_attempts, silent_deaths;
    struct tp_time available_at, lease_until;
    struct tp_uuid lease_token;
    const char    *last_error;
    struct tp_time created_at, processed_at, expires_at;
    int8_t         seen; /* the consumer that asked has handled it before */
};

extern const struct tp_record tp_event_record;

/* How many there are of which kind. */
struct tp_event_stats {
    int64_t       ready, waiting, held, leased, overdue, failed, completed;
    int64_t       oldest_seconds;
    int64_t       pushed_minute, completed_minute, failed_minute;
    struct tp_dec notify_percent;
};

extern const struct tp_record tp_event_stats_record;

/* The answer to a line of tp-event push. */
struct tp_event_push_answer {
    int64_t        line;
    struct tp_uuid event_id;
    char           event_type[TP_EVENT_TYPE_SIZE];
    int8_t         duplicate;
};

extern const struct tp_record tp_event_push_record;

/* The answer to a line of tp-event ack. */
struct tp_event_ack_answer {
    int64_t        line, id;
    char           status[11];
    int8_t         lost;
    struct tp_time available_at;
};

extern const struct tp_record tp_event_ack_record;

/* The right to work on one event; every claim has a token of its own. */
struct tp_lease {
    int64_t        id;
    struct tp_uuid token;
};

/* A growing list of leases, and what went wrong with each where that is told. */
struct tp_leases {
    struct tp_lease *at;
    size_t           n, room;
};

void tp_leases_add(struct tp_leases *l, struct tp_lease lease);
bool tp_leases_drop(struct tp_leases *l, int64_t id); /* whether it was there */
void tp_leases_free(struct tp_leases *l);

/* "order.*" as a pattern of LIKE, in the arena; NULL stays NULL. */
const char *tp_event_like(const char *pattern, struct tp_arena *arena);

/* All that follows needs tp_service and runs outside a transaction: each call is one. */

/* Queues n events (event_id, event_type, user_id, payload, ordering_key, available_at, expires_at and
 * max_attempts count; none: nobody, {}, no key, now, never, ten).  send and pushed are the two halves, so that
 * the next events can be made ready meanwhile.  made: all ids were just made, so that none can be there, which
 * saves the server a third of its work.  fresh[i] says whether the i-th was not there before. */
int tp_event_push_send(struct tp_db *db, const struct tp_event *events, size_t n, bool made, struct tp_err *err);
int tp_event_pushed(struct tp_db *db, const struct tp_event *events, size_t n, bool made, bool *fresh,
                    struct tp_err *err);
int tp_event_notify(struct tp_db *db, struct tp_err *err);
/* For a connection that will take many turns: listens, and plans for them. */
int tp_event_attend(struct tp_db *db, struct tp_err *err);

/* What a worker wants, and where it stands in the queue. */
struct tp_worker {
    const char *like;     /* pattern of the types; NULL: any */
    const char *consumer; /* NULL: nothing is recorded */
    int64_t     lease_s;
    int         hold; /* whether a dead event holds its key: 1, 0, -1: order events do */
    /* Finished rows that no vacuum could take away yet (an old transaction is open somewhere) lie before the first
     * open one.  The walk begins a second before the last full batch, and from the start every few seconds. */
    struct tp_time from;
    int64_t        walked_ms;
    struct tp_uuid token; /* of the claim whose answer has not come; else none */
};

/* What tp_event_turn gave: rows for tp_event_next, and the acknowledged whose lease was lost. */
struct tp_turn {
    struct tp_rows *rows;
    const char     *lost; /* their ids with commas; NULL: none */
    size_t          n;    /* events claimed, and such as were found dead on the way */
};

/* One round trip: acknowledges `done`, then claims up to n.  send and receive are its halves. */
int  tp_event_turn_send(struct tp_db *db, struct tp_worker *w, const struct tp_leases *done, int64_t n,
                        struct tp_err *err);
int  tp_event_turn_receive(struct tp_db *db, struct tp_worker *w, int64_t n, struct tp_turn *turn, struct tp_err *err);
int  tp_event_turn(struct tp_db *db, struct tp_worker *w, const struct tp_leases *done, int64_t n,
                   struct tp_turn *turn, struct tp_err *err);
/* The next event of the turn: 1; 0, -1.  Status FAILED: it died on the way and is not the caller's. */
int  tp_event_next(struct tp_turn *turn, struct tp_event *event, struct tp_arena *arena, struct tp_err *err);
void tp_turn_free(struct tp_turn *turn);
/* After a connection was lost: a claim that nobody heard of is given back. */
int  tp_event_recover(struct tp_db *db, struct tp_worker *w, struct tp_err *err);

/* A failure to tell: text is cut to TP_EVENT_ERROR_MAX; later_s: seconds after which to try again without
 * counting the attempt, INT64_MIN: backoff. */
struct tp_event_failure {
    struct tp_lease lease;
    const char     *error;
    int64_t         later_s;
};
/* rows: id, status, available_at of those whose lease still held. */
int tp_event_fail(struct tp_db *db, const struct tp_worker *w, const struct tp_event_failure *failures, size_t n,
                  struct tp_rows **rows, struct tp_err *err);
/* Leases last lease_s from now; rows: the ids of those that still held. */
int tp_event_extend(struct tp_db *db, const struct tp_worker *w, const struct tp_leases *held,
                    struct tp_rows **rows, struct tp_err *err);
int tp_event_release(struct tp_db *db, const struct tp_leases *held, struct tp_err *err);

/* Dead letters.  Rows for tp_rows_next with tp_event_record. */
struct tp_event_filter {
    int64_t     id;                /* INT64_MIN: any */
    const char *like, *error_like; /* NULL: any */
    int64_t     limit;
};
int tp_event_dead(struct tp_db *db, const struct tp_event_filter *filter, struct tp_rows **rows, struct tp_err *err);
int tp_event_replay(struct tp_db *db, const struct tp_leases *ids, struct tp_rows **rows, struct tp_err *err);
int tp_event_drop(struct tp_db *db, const struct tp_leases *ids, struct tp_rows **rows, struct tp_err *err);

int tp_event_stats(struct tp_db *db, const char *like, struct tp_event_stats *out, struct tp_err *err);

#endif
