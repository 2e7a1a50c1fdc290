/* tp-event push: JSON lines, or one event by options, into the queue. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crypt.h"
#include "base/json.h"
#include "base/line.h"
#include "cmd/batch.h"
#include "cmd/event.h"
#include "store/user.h"

#include "base/banned.h"

struct push_args {
    const char    *type, *key, *payload;
    struct tp_uuid event_id;
    struct tp_time at, expires;
    int64_t        max_attempts, reconnect;
    bool           notify;
};

const size_t tp_event_push_size = sizeof(struct push_args);

const struct tp_opt tp_event_push_opts[] = {
    OPT_TEXT(struct push_args, type, 't', "type", "TYPE", "type of events whose lines name none"),
    OPT_TEXT(struct push_args, payload, 0, "payload", "JSON", "push one event with this object instead of reading lines"),
    OPT_UUID(struct push_args, event_id, 0, "event-id", "UUID", "with --payload: its id; a second one is dropped"),
    OPT_TEXT(struct push_args, key, 0, "key", "KEY", "events of one key are handled in order; for lines that name none"),
    OPT_TIME(struct push_args, at, 0, "at", "not before this time; for lines that name none"),
    OPT_TIME(struct push_args, expires, 0, "expires", "of no use after this time; for lines that name none"),
    OPT_INT(struct push_args, max_attempts, 0, "max-attempts", "N", 1, 1000, "attempts before it is dead (10)"),
    OPT_FLAG(struct push_args, notify, 0, "notify", "wake listening workers, once a batch"),
    OPT_INT(struct push_args, reconnect, 0, "reconnect", "SECONDS", 0, 86400, "wait so long for a lost server",
            .fallback = "300"),
    OPT_STOP,
};

/* ---- a line becomes an event ---------------------------------------------------------------------- */

/* What is looked at in a line.  The members that other records have as well are taken as they come. */
struct line {
    struct tp_uuid event_id;
    const char    *event_type, *payload, *ordering_key, *available_at, *expires_at, *max_attempts;
    const char    *id, *status, *user_id;
};

static const struct tp_field line_fields[] = {
    F_UUID(struct line, event_id, ""),        F_LONG(struct line, event_type, ""),
    F_JSON(struct line, payload, ""),         F_LONG(struct line, ordering_key, ""),
    F_JSON(struct line, available_at, ""),    F_JSON(struct line, expires_at, ""),
    F_JSON(struct line, max_attempts, ""),    F_JSON(struct line, id, ""),
    F_JSON(struct line, status, ""),          F_JSON(struct line, user_id, ""),
    F_STOP,
};

/* The string that a raw JSON value holds when it is one without escapes; else NULL. */
static const char *
plain_string(const char *raw, struct tp_arena *arena)
{
    size_t n = raw ? strlen(raw) : 0;

    if (n < 2 || raw[0] != '"' || memchr(raw, '\\', n))
        return NULL;
    return tp_arena_text(arena, raw + 1, n - 2);
}

static int
want_time(const char *raw, const char *name, struct tp_time *out, struct tp_arena *arena, struct tp_err *err)
{
    const char *text = plain_string(raw, arena);

    if (!raw)
        return 0;
    if (!text)
        return tp_fail(err, TP_EINPUT, "%s: want a time in quotes", name);
    return tp_time_parse(text, strlen(text), out, err) ? tp_where(err, "%s", name) : 0;
}

/* A line that says itself that it is an event. */
static int
explicit_event(const struct line *l, struct tp_event *e, struct tp_arena *arena, struct tp_err *err)
{
    const char *type = l->event_type ? l->event_type : "";

    if (want_time(l->available_at, "available_at", &e->available_at, arena, err)
        || want_time(l->expires_at, "expires_at", &e->expires_at, arena, err))
        return -1;
    if (!tp_text_set(e->event_type, sizeof e->event_type, type, strlen(type)))
        return tp_fail(err, TP_EINPUT, "event_type: longer than %d bytes", TP_EVENT_TYPE_SIZE - 1);
    if (l->max_attempts && !tp_text_int(l->max_attempts, strlen(l->max_attempts), 1, 1000, &e->max_attempts))
        return tp_fail(err, TP_EINPUT, "max_attempts: want a number from 1 to 1000");
    if (l->payload && l->payload[0] != '{')
        return tp_fail(err, TP_EINPUT, "payload: want an object");
    e->payload = l->payload;
    e->ordering_key = l->ordering_key && *l->ordering_key ? l->ordering_key : NULL;
    e->event_id = l->event_id;
    return 0;
}

/* "order.filled" of an order whose status is FILLED; types without a status are their own word. */
static void
derive_type(struct tp_event *e, const char *type, const char *status)
{
    static const char *const words[][3] = {{"trade", NULL, "trade.executed"}, {"position", "OPEN", "position.changed"}};
    char                     word[2 * TP_EVENT_TYPE_SIZE];

    snprintf(word, sizeof word, "%s%s%s", type, status ? "." : "", status ? status : "");
    for (char *p = word; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    for (size_t i = 0; i < TP_COUNT(words); i++)
        if (strcmp(type, words[i][0]) == 0 && (!words[i][1] || (status && strcmp(status, words[i][1]) == 0)))
            snprintf(word, sizeof word, "%s", words[i][2]);
    tp_text_set(e->event_type, sizeof e->event_type, word, strnlen(word, sizeof e->event_type - 1));
}

/* The same record line is the same event, however often it is pushed: its id comes from the line. */
static void
derive_id(struct tp_event *e, const char *id, const char *text, size_t n)
{
    struct tp_sha256 h;
    uint8_t          digest[TP_SHA256_SIZE];
    struct tp_uuid   of;
    struct tp_err    none = TP_ERR_INIT;
    struct tp_time   at = {0};

    /* Ids of version 7 begin with a time, so that events of one time stand together in the index. */
    if (!tp_uuid_parse(id, strlen(id), &of, &none) && of.b[6] >> 4 == 7)
        at = tp_uuid_time(of);
    tp_sha256_init(&h);
    tp_sha256_add(&h, text, n);
    tp_sha256_end(&h, digest);
    e->event_id = tp_uuid_v7(at, digest);
}

/* Any record: the whole line is the payload. */
static void
record_event(const struct line *l, const char *type, const char *text, size_t n, struct tp_event *e,
             struct tp_arena *arena)
{
    const char *id = plain_string(l->id, arena);
    char        key[TP_EVENT_KEY_MAX + 1];

    derive_type(e, type, plain_string(l->status, arena));
    e->payload = tp_arena_text(arena, text, n);
    if (!id)
        return;
    derive_id(e, id, text, n);
    snprintf(key, sizeof key, "%s:%s", type, id);
    if (strcmp(type, "trade") != 0) /* each is there once */
        e->ordering_key = tp_arena_text(arena, key, strlen(key));
}

static void
init_event(struct tp_event *e)
{
    tp_record_init(&tp_event_record, e);
}

/* What the options say where the line is silent. */
static int
complete(const struct push_args *a, struct tp_uuid user, bool derived, struct tp_event *e, bool *made,
         struct tp_err *err)
{
    if (a->type && (derived || !e->event_type[0])
        && !tp_text_set(e->event_type, sizeof e->event_type, a->type, strlen(a->type)))
        return tp_fail(err, TP_EINPUT, "--type: longer than %d bytes", TP_EVENT_TYPE_SIZE - 1);
    if (a->key && (derived || !e->ordering_key))
        e->ordering_key = a->key;
    if (e->ordering_key && strlen(e->ordering_key) > TP_EVENT_KEY_MAX)
        return tp_fail(err, TP_EINPUT, "ordering_key: longer than %d bytes", TP_EVENT_KEY_MAX);
    if (e->payload && strlen(e->payload) > TP_EVENT_PAYLOAD_MAX)
        return tp_fail(err, TP_EINPUT, "payload: larger than %d kB", TP_EVENT_PAYLOAD_MAX / 1024);
    if (tp_time_none(e->available_at))
        e->available_at = a->at;
    if (tp_time_none(e->expires_at))
        e->expires_at = a->expires;
    if (e->max_attempts == INT64_MIN)
        e->max_attempts = a->max_attempts;
    if (tp_uuid_none(e->user_id))
        e->user_id = user;
    *made = tp_uuid_none(e->event_id);
    return *made ? tp_uuid_new(tp_time_now(), &e->event_id, err) : 0;
}

static int
parse_line(const struct push_args *a, struct tp_uuid user, const char *text, size_t n, struct tp_event *e, bool *made,
           struct tp_arena *arena, struct tp_err *err)
{
    struct tp_record record = {"event", "", line_fields, sizeof(struct line)};
    char             type[TP_EVENT_TYPE_SIZE];
    const char      *whose;
    struct line      l;
    bool             derived;

    init_event(e);
    if (tp_record_type(text, n, type, sizeof type, err))
        return -1;
    if (*type)
        record.type = type;
    if (tp_record_parse(&record, text, n, &l, arena, err) != 1)
        return -1;
    derived = !l.event_type && *type;
    if (derived)
        record_event(&l, type, text, n, e, arena);
    else if (explicit_event(&l, e, arena, err))
        return -1;
    if (!l.event_type && !e->payload) /* with --type any object is a payload */
        e->payload = tp_arena_text(arena, text, n);
    whose = plain_string(l.user_id, arena);
    if (whose && tp_uuid_parse(whose, strlen(whose), &e->user_id, err))
        return tp_where(err, "user_id");
    if (complete(a, user, derived, e, made, err))
        return -1;
    return e->event_type[0] ? 0 : tp_fail(err, TP_EINPUT, "want \"event_type\", a record with \"type\", or --type");
}

/* ---- batches -------------------------------------------------------------------------------------- */

/* Up to a hundred lines: the events of the good ones, the errors of the others. */
struct batch {
    struct tp_event events[TP_BATCH_PAGE];
    int64_t         lines[TP_BATCH_PAGE]; /* of the events */
    bool            made[TP_BATCH_PAGE];  /* the id was made for it, so that it cannot be a duplicate */
    size_t          n;
    bool            all_made;
    struct {
        int64_t       line;
        struct tp_err err;
    } bad[TP_BATCH_PAGE];
    size_t          n_bad;
    struct tp_arena texts;
};

struct push {
    struct tp_ctx          *tp;
    const struct push_args *args;
    struct tp_uuid          user;
    struct batch           *filling, *sent; /* sent: its answer has not come; or NULL */
    struct batch            both[2];
    int64_t                 refused;
    struct tp_patience      patience;
};

static int
answer(struct push *p, const struct batch *b, size_t i, bool fresh)
{
    struct tp_event_push_answer row = {.line = b->lines[i], .event_id = b->events[i].event_id, .duplicate = !fresh};

    tp_text_set(row.event_type, sizeof row.event_type, b->events[i].event_type, strlen(b->events[i].event_type));
    return tp_emit(p->tp, &tp_event_push_record, &row);
}

/* Both lists are in the order of lines; so are the answers. */
static int
answer_all(struct push *p, struct batch *b, const bool *fresh, const struct tp_err *errors)
{
    size_t i = 0, k = 0;

    while (i < b->n || k < b->n_bad) {
        int rc;

        if (k < b->n_bad && (i == b->n || b->bad[k].line < b->lines[i])) {
            rc = tp_line_failed(p->tp, b->bad[k].line, &b->bad[k].err, NULL);
            p->refused++;
            k++;
        } else if (errors && errors[i].code) {
            rc = tp_line_failed(p->tp, b->lines[i], &errors[i], NULL);
            p->refused++;
            i++;
        } else {
            rc = answer(p, b, i, fresh[i]);
            i++;
        }
        if (rc)
            return -1;
    }
    b->n = b->n_bad = 0;
    tp_arena_free(&b->texts);
    return 0;
}

/* What the server refuses is the fault of an event; everything else is not. */
static bool
of_the_event(const struct tp_err *err)
{
    return err->code == TP_EINPUT || err->code == TP_EREFUSED || err->code == TP_EMISSING;
}

static int
push_once(struct tp_ctx *tp, const struct tp_event *events, size_t n, bool *fresh)
{
    return tp_ctx_db(tp) || tp_event_push_send(tp->db, events, n, false, &tp->err)
                   || tp_event_pushed(tp->db, events, n, false, fresh, &tp->err)
               ? -1
               : 0;
}

/* Pushes until there is an answer; an attempt before may have been stored, but events have ids. */
static int
push_surely(struct push *p, const struct tp_event *events, size_t n, bool *fresh)
{
    while (push_once(p->tp, events, n, fresh)) {
        if (of_the_event(&p->tp->err) || tp_patience_wait(p->tp, &p->patience))
            return -1;
    }
    tp_patience_found(p->tp, &p->patience);
    return 0;
}

/* One by one, so that only those are refused that the server refuses. */
static int
push_singly(struct push *p, struct batch *b)
{
    struct tp_err errors[TP_BATCH_PAGE] = {0};
    bool          fresh[TP_BATCH_PAGE] = {0};

    for (size_t i = 0; i < b->n; i++)
        if (push_surely(p, &b->events[i], 1, &fresh[i])) {
            if (!of_the_event(&p->tp->err))
                return -1;
            errors[i] = p->tp->err;
            if (strcmp(errors[i].sqlstate, "23503") == 0)
                tp_fail(&errors[i], TP_EMISSING, "user_id: there is no such user");
        }
    return answer_all(p, b, fresh, errors);
}

static int
send_events(struct push *p, struct batch *b)
{
    b->all_made = true;
    for (size_t i = 0; i < b->n; i++)
        b->all_made = b->all_made && b->made[i];
    return tp_event_push_send(p->tp->db, b->events, b->n, b->all_made, &p->tp->err);
}

/* Takes the server's word on the batch that is under way, if any; *b is that batch, still to be answered, or
 * NULL. */
static int
take_word(struct push *p, struct batch **b, bool fresh[TP_BATCH_PAGE])
{
    int rc;

    *b = p->sent;
    p->sent = NULL;
    if (!*b || (*b)->n == 0)
        return 0;
    rc = tp_event_pushed(p->tp->db, (*b)->events, (*b)->n, (*b)->all_made, fresh, &p->tp->err);
    if (rc && !of_the_event(&p->tp->err))
        rc = tp_patience_wait(p->tp, &p->patience) ? -1 : push_surely(p, (*b)->events, (*b)->n, fresh);
    for (size_t i = 0; i < (*b)->n; i++)
        fresh[i] |= (*b)->made[i];
    if (!rc || !of_the_event(&p->tp->err))
        return rc;
    rc = push_singly(p, *b);
    *b = NULL;
    return rc;
}

static int
give_answers(struct push *p, struct batch *b, const bool *fresh)
{
    if (!b || !b->n)
        return b ? answer_all(p, b, fresh, NULL) : 0;
    return answer_all(p, b, fresh, NULL) || (p->args->notify && !p->sent && tp_event_notify(p->tp->db, &p->tp->err)) ? -1 : 0;
}

/* Waits for the batch that is under way. */
static int
settle(struct push *p)
{
    bool          fresh[TP_BATCH_PAGE] = {0};
    struct batch *old;

    return take_word(p, &old, fresh) || give_answers(p, old, fresh) ? -1 : 0;
}

/* Sends what is filled, so that the server has work while the batch before is answered and the next is read. */
static int
send_batch(struct push *p)
{
    bool          fresh[TP_BATCH_PAGE] = {0};
    struct batch *b = p->filling, *old;

    if (take_word(p, &old, fresh))
        return -1;
    while (b->n && (tp_ctx_db(p->tp) || send_events(p, b)))
        if (tp_patience_wait(p->tp, &p->patience))
            return -1;
    if (b->n || b->n_bad) {
        p->sent = b;
        p->filling = b == &p->both[0] ? &p->both[1] : &p->both[0];
    }
    return give_answers(p, old, fresh);
}

static int
take_line(struct push *p, struct tp_lines *lines)
{
    struct batch *b = p->filling;
    struct tp_err err = TP_ERR_INIT;
    const char   *text;
    size_t        n;
    int           got = tp_lines_next(lines, &text, &n, &err);

    if (got == 0)
        return 0;
    if (got < 0 && err.code != TP_EINPUT) {
        p->tp->err = err;
        return -1;
    }
    if (got > 0 && n == 0)
        return 1;
    if (got > 0
        && !parse_line(p->args, p->user, text, n, &b->events[b->n], &b->made[b->n], &b->texts, &err)) {
        b->lines[b->n++] = lines->number;
        return 1;
    }
    b->bad[b->n_bad].line = lines->number;
    b->bad[b->n_bad++].err = err;
    return 1;
}

/* A batch ends when it is full, and when there is nothing to read at the moment. */
static int
push_lines(struct push *p)
{
    struct tp_lines lines;
    int             got = 1;

    tp_lines_init(&lines, STDIN_FILENO);
    while (got > 0) {
        if (!tp_lines_ready(&lines) && (send_batch(p) || settle(p) || tp_out_flush(&p->tp->out, &p->tp->err)))
            got = -1;
        else
            got = take_line(p, &lines);
        if (got > 0 && p->filling->n + p->filling->n_bad == TP_BATCH_PAGE && send_batch(p))
            got = -1;
    }
    tp_lines_free(&lines);
    return got < 0 || send_batch(p) || settle(p) ? -1 : tp_event_lines_end(p->tp, p->refused);
}

static int
push_one(struct push *p)
{
    const struct push_args *a = p->args;
    struct batch           *b = p->filling;
    TP_AUTO_JSON            object = NULL;

    if (!a->type)
        return tp_fail(&p->tp->err, TP_EUSAGE, "--payload needs --type");
    if (tp_json_parse(a->payload, strlen(a->payload), &object, &p->tp->err)) {
        p->tp->err.code = TP_EUSAGE;
        return tp_where(&p->tp->err, "--payload");
    }
    if (!json_is_object(object))
        return tp_fail(&p->tp->err, TP_EUSAGE, "--payload: want a JSON object");
    init_event(&b->events[0]);
    b->events[0].payload = a->payload;
    b->events[0].event_id = a->event_id;
    b->lines[0] = 1;
    b->n = 1;
    if (complete(a, p->user, false, &b->events[0], &b->made[0], &p->tp->err))
        return -1;
    return send_batch(p) || settle(p) ? -1 : tp_event_lines_end(p->tp, p->refused);
}

int
tp_event_push(struct tp_ctx *tp, const void *args)
{
    const struct push_args *a = args;
    TP_AUTO_FREE struct push *p = tp_alloc(sizeof *p);
    int                     rc;

    p->tp = tp;
    p->args = a;
    p->filling = &p->both[0];
    p->patience.seconds = a->reconnect;
    if (!a->payload && !tp_uuid_none(a->event_id))
        return tp_fail(&tp->err, TP_EUSAGE, "--event-id goes with --payload");
    if (tp_ctx_db(tp) || (tp->user && tp_user_acting(tp->db, tp->user, &p->user, &tp->err)))
        return -1;
    rc = a->payload ? push_one(p) : push_lines(p);
    tp_arena_free(&p->both[0].texts);
    tp_arena_free(&p->both[1].texts);
    return rc;
}
