#include "proc/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/banned.h"
#include "base/crypt.h"
#include "base/time.h"
#include "proc/message.h"
#include "proc/own.h"
#include "proc/series.h"
#include "proc/transcript.h"

#define READY_MS 10000
#define TWICE_BARS 100    /* of a deterministic program are shown to a second one */
#define RECORD_AT 65536   /* bytes of the transcript that wait to be written */

/* What a wish borrows until the next bar. */
struct action {
    struct tp_work order;
    char           reason[64];
};

struct proc {
    struct tp_strategy  base;     /* first: the two convert into each other */
    struct tp_strategy *document;
    struct tp_talk     *talk;
    struct tp_proc_opts opts;
    bool                paper;    /* a bot: time passes while the program thinks */
    struct tp_broker   *broker;   /* whose orders others may change as well; NULL: nobody does */
    char                run[80];
    int64_t             interval_us;

    const struct tp_bars *bars; /* the block */
    size_t                next; /* of it: the first that has not been shown */
    int64_t               n_bars, seq;
    bool                  snapshot, deterministic;
    struct tp_buf         told;  /* lines that go before the next bar */
    struct tp_owns        own;
    struct action         actions[TP_WANTS];
    struct tp_time        now; /* close of the bar under way */

    struct tp_series series[TP_PROC_NEEDS];
    size_t           n_series;

    int64_t       behind, skipped; /* seq of the bar that has no answer yet (0: none); bars since */
    bool          failed, flat;    /* it has failed and what that asks for is under way */
    enum tp_on_error then;         /* and what that is */
    struct tp_err held;

    int           record; /* -1: none */
    struct tp_buf recorded;
    struct tp_buf early;  /* the transcript of the first bars */
    bool          compared;
};

/* ---- the transcript --------------------------------------------------------------------------- */

static int
write_record(struct proc *p, struct tp_err *err)
{
    size_t at = 0;

    while (p->record >= 0 && at < p->recorded.n) {
        ssize_t n = write(p->record, p->recorded.at + at, p->recorded.n - at);

        if (n < 0 && errno != EINTR)
            return tp_fail(err, TP_EFAIL, "%.200s: %s", p->opts.record, strerror(errno));
        at += n > 0 ? (size_t)n : 0;
    }
    tp_buf_clear(&p->recorded);
    return 0;
}

static bool
keeps_early(const struct proc *p)
{
    return p->deterministic && !p->paper && !p->compared;
}

static int
note(struct proc *p, bool sent, const char *line, size_t n, struct tp_err *err)
{
    if (keeps_early(p))
        tp_transcript_add(&p->early, sent, line, n);
    if (p->record < 0)
        return 0;
    tp_transcript_add(&p->recorded, sent, line, n);
    return p->recorded.n < RECORD_AT ? 0 : write_record(p, err);
}

/* Sends lines, each ended by LF. */
static int
say(struct proc *p, const struct tp_buf *lines, struct tp_err *err)
{
    const char *at = lines->at, *end = at ? at + lines->n : at;

    if (lines->n == 0)
        return 0;
    tp_buf_put(tp_talk_out(p->talk), lines->at, lines->n);
    for (const char *lf; at < end; at = lf + 1) {
        lf = memchr(at, '\n', (size_t)(end - at));
        if (note(p, true, at, (size_t)(lf - at), err))
            return -1;
    }
    return 0;
}

/* ---- the program's own orders -------------------------------------------------------------------- */

static const char *
client_of(void *of, const struct tp_work *w)
{
    const struct tp_own *own = tp_own_of_order(of, &w->id);

    return own ? own->id : NULL;
}

/* The order's id: the same run gives the same. */
static struct tp_uuid
order_id(const struct proc *p, const char *id)
{
    struct tp_sha256 h;
    uint8_t          digest[TP_SHA256_SIZE];

    tp_sha256_init(&h);
    tp_sha256_add(&h, p->run, strlen(p->run) + 1);
    tp_sha256_add(&h, id, strlen(id) + 1);
    tp_sha256_add(&h, &p->now.us, sizeof p->now.us);
    tp_sha256_end(&h, digest);
    return tp_uuid_v7(p->now, digest);
}

/* ---- what it is told before the next bar ---------------------------------------------------------- */

static void
end_line(struct proc *p)
{
    tp_buf_char(&p->told, '\n');
}

static void
tell_refused(struct proc *p, const char *client, const char *reason)
{
    tp_say_refused(&p->told, ++p->seq, client, reason);
    end_line(p);
}

static void
ordered(struct tp_strategy *s, const struct tp_work *w, const struct tp_order_event *e)
{
    struct proc *p = (struct proc *)s;
    struct tp_own  *own = tp_own_of_order(&p->own, &w->id);

    tp_say_order(&p->told, ++p->seq, own ? own->id : NULL, e);
    end_line(p);
    if (own && (w->done || strcmp(e->event, "FILLED") == 0 || strcmp(e->event, "REJECTED") == 0))
        tp_own_end(&p->own, own);
}

static void
filled(struct tp_strategy *s, const struct tp_work *w, const struct tp_trade *t, const struct tp_book *book)
{
    struct proc *p = (struct proc *)s;

    tp_say_fill(&p->told, ++p->seq, client_of(&p->own, w), t, &book->leg[book->hedge && w->side < 0]);
    end_line(p);
}

static void
refused(struct tp_strategy *s, const struct tp_want *want, const char *reason)
{
    struct proc *p = (struct proc *)s;
    struct tp_own  *own = want->kind == TP_WANT_PLACE ? tp_own_of_order(&p->own, &want->order->id) : NULL;

    tell_refused(p, own ? own->id : NULL, reason);
    if (own)
        tp_own_end(&p->own, own);
}

static bool
works(const struct proc *p, const struct tp_own *own)
{
    const struct tp_work *w;

    for (size_t i = 0; (w = p->broker->ops->each(p->broker, i)); i++)
        if (tp_uuid_equal(w->id, own->order))
            return true;
    return false;
}

/* Orders that somebody else has ended: by a program of the user, or by a halt. */
static void
tell_gone(struct proc *p)
{
    for (size_t i = 0; p->broker && i < p->own.n; i++) {
        struct tp_own *own = &p->own.at[i];

        if (own->ended || works(p, own))
            continue;
        tp_say_gone(&p->told, ++p->seq, own->id);
        end_line(p);
        tp_own_end(&p->own, own);
        i = (size_t)-1; /* the list has moved */
    }
}

/* ---- answers -------------------------------------------------------------------------------------- */

static int
wrong(struct proc *p, struct tp_err *err)
{
    return tp_where(err, "line %lld of the program", (long long)tp_talk_lines(p->talk));
}

/* The next answer but for logs, which go on: 1; 0 when it is late; -1. */
static int
hear(struct proc *p, int64_t until_ms, struct tp_answer *a, struct tp_err *err)
{
    for (;;) {
        const char *line;
        size_t      n;
        int         got = tp_talk_next(p->talk, until_ms, &line, &n, err);

        if (got <= 0)
            return got;
        got = tp_answer_read(a, line, n, err);
        if (got || note(p, false, line, n, err)) {
            tp_answer_free(a);
            return got ? wrong(p, err) : -1;
        }
        if (a->kind != TP_ANSWER_LOG)
            return 1;
        if (p->opts.log.line)
            p->opts.log.line(p->opts.log.to, a->level, a->text.n ? a->text.at : "");
        tp_answer_free(a);
    }
}

/* The next wish of the bar; NULL when there are too many. */
static struct tp_want *
next_want(struct proc *p, const struct tp_answer *a, struct tp_wants *out, struct action **action,
          struct tp_err *err)
{
    struct tp_want *w = &out->at[out->n];

    if (out->n == TP_WANTS) {
        tp_fail(err, TP_EINPUT, "more than %d actions at one bar", TP_WANTS);
        return NULL;
    }
    *action = &p->actions[out->n++];
    (*action)->order = a->order;
    (*action)->order.created_at = p->now;
    memcpy((*action)->reason, a->reason, sizeof a->reason);
    memcpy((*action)->order.reason, a->reason, sizeof a->reason);
    *w = a->want;
    w->order = &(*action)->order;
    w->reason = (*action)->reason;
    return w;
}

static int
want_place(struct proc *p, const struct tp_answer *a, struct tp_wants *out, struct tp_err *err)
{
    const struct tp_own *known = tp_own_of_id(&p->own, a->id);
    struct action    *action;
    struct tp_own       *own;

    if (known) {
        if (strcmp(known->body, a->body))
            tell_refused(p, a->id, "ID_REUSED");
        return 0;
    }
    if (!next_want(p, a, out, &action, err))
        return -1;
    own = tp_own_add(&p->own, a->id, a->body);
    own->order = action->order.id = order_id(p, a->id);
    return 0;
}

static int
want_cancel(struct proc *p, const struct tp_answer *a, struct tp_wants *out, struct tp_err *err)
{
    const struct tp_own *known = tp_own_of_id(&p->own, a->id);
    struct action    *action;
    struct tp_want   *w;

    if (!known)
        tell_refused(p, a->id, "UNKNOWN_ID");
    if (!known || known->ended)
        return 0;
    w = next_want(p, a, out, &action, err);
    if (!w)
        return -1;
    w->kind = TP_WANT_CANCEL;
    w->reason = "STRATEGY";
    action->order.id = known->order;
    return 0;
}

/* One action; why: it is refused for that reason. */
static int
take_action(struct proc *p, const struct tp_answer *a, const char *why, struct tp_wants *out, struct tp_err *err)
{
    struct action *action;

    if (a->kind == TP_ANSWER_READY || a->kind == TP_ANSWER_STATE) {
        tp_fail(err, TP_EINPUT, "%s: nobody has asked for it", a->kind == TP_ANSWER_READY ? "ready" : "state");
        return wrong(p, err);
    }
    if (why) {
        tell_refused(p, a->id[0] ? a->id : NULL, why);
        return 0;
    }
    if (a->kind == TP_ANSWER_PLACE ? want_place(p, a, out, err)
        : a->kind == TP_ANSWER_CANCEL ? want_cancel(p, a, out, err)
                                      : !next_want(p, a, out, &action, err))
        return wrong(p, err);
    return 0;
}

/* Takes actions up to the done of that seq: 1; 0 when it is late; -1.  why: they are refused for that reason. */
static int
take_actions(struct proc *p, int64_t seq, const char *why, struct tp_wants *out, struct tp_err *err)
{
    int64_t until = tp_clock_ms() + p->base.process->deadline_ms;

    for (;;) {
        struct tp_answer a;
        int              got = hear(p, until, &a, err);

        if (got <= 0)
            return got;
        if (a.kind == TP_ANSWER_DONE) {
            if (a.seq == seq)
                return 1;
            tp_fail(err, TP_EINPUT, "done with seq %lld, want %lld", (long long)a.seq, (long long)seq);
            return wrong(p, err);
        }
        got = take_action(p, &a, why, out, err);
        tp_answer_free(&a);
        if (got)
            return -1;
    }
}

/* ---- failures ------------------------------------------------------------------------------------- */

/* What is left to do for a bot whose program has failed; err is raised when it is done. */
static int
give_up(struct proc *p, enum tp_on_error then, struct tp_wants *out, const struct tp_err *err)
{
    if (!p->paper || then == TP_ERROR_KEEP || err->code == TP_ESIGINT || err->code == TP_ESIGTERM)
        return -1;
    p->failed = true;
    p->then = then;
    p->held = *err;
    out->n = 0;
    for (size_t i = 0; i < p->own.n && out->n < TP_WANTS - 1; i++)
        if (!p->own.at[i].ended) {
            struct action *action = &p->actions[out->n];

            action->order = tp_work_init();
            action->order.id = p->own.at[i].order;
            out->at[out->n++] =
                (struct tp_want){.kind = TP_WANT_CANCEL, .reason = "FAILED", .order = &action->order};
        }
    if (then == TP_ERROR_FLATTEN)
        out->at[out->n++] = (struct tp_want){.kind = TP_WANT_TARGET, .size = TP_DEC_ZERO, .reason = "FAILED"};
    return 0;
}

static int
late(struct proc *p, struct tp_wants *out, struct tp_err *err)
{
    const struct tp_process *how = p->base.process;

    if (p->paper && how->on_timeout == TP_TIMEOUT_HOLD) {
        if (!p->behind)
            p->behind = p->seq;
        else
            p->skipped++;
        out->n = 0;
        return 0;
    }
    tp_fail(err, TP_EFAIL, "the program has not answered bar %lld after %lld ms", (long long)p->seq,
            (long long)how->deadline_ms);
    return give_up(p, how->on_timeout == TP_TIMEOUT_FLATTEN ? TP_ERROR_FLATTEN : how->on_error, out, err);
}

/* ---- determinism ---------------------------------------------------------------------------------- */

/* Shows the first bars to a second program, which must answer as the first has. */
static int
compare_twice(struct proc *p, struct tp_err *err)
{
    struct tp_talk_log silent = {NULL, NULL};
    struct tp_replay  *r;
    const char        *at = p->early.at, *end = at + p->early.n;
    int                rc = 0;

    p->compared = true;
    tp_replay_open(&r, NULL, &silent);
    for (const char *lf; rc == 0 && at < end; at = lf + 1) {
        lf = memchr(at, '\n', (size_t)(end - at));
        rc = tp_replay_line(r, at, (size_t)(lf - at), err);
    }
    if (rc < 0)
        tp_where(err, "the second run of a program that says it is deterministic");
    if (rc > 0) {
        tp_fail(err, TP_EINPUT, "the program says it is deterministic, but line %lld was %.120s, then %.120s",
                (long long)tp_replay_lines(r), tp_replay_wanted(r), tp_replay_given(r));
        rc = tp_hint(err, "it may ask no clock, no random numbers of its own, no order of hashes");
    }
    tp_replay_close(r);
    tp_buf_free(&p->early);
    return rc;
}

/* ---- bars ----------------------------------------------------------------------------------------- */

/* The next bar of the run, which may end bars of other series, is over. */
static int
pass(struct proc *p, struct tp_err *err)
{
    struct tp_candle bar = tp_bars_candle(p->bars, p->next);

    for (size_t i = 0; i < p->n_series; i++)
        if (tp_series_put(&p->series[i], &bar, err))
            return -1;
    p->n_bars++;
    p->now.us = p->bars->time[p->next++] + p->interval_us;
    return 0;
}

/* Shows the line of a bar and takes what is wanted: 1; 0 when the answer is late; -1. */
static int
show(struct proc *p, struct tp_buf *line, bool warm, struct tp_wants *out, struct tp_err *err)
{
    tp_buf_char(line, '\n');
    if (say(p, line, err))
        return -1;
    tp_buf_clear(line);
    return take_actions(p, p->seq, warm ? "WARM_UP" : NULL, out, err);
}

/* Shows the bars of other series that have ended: 1, 0, -1 likewise. */
static int
show_series(struct proc *p, bool warm, struct tp_wants *out, struct tp_err *err)
{
    TP_AUTO_BUF line = {0};
    int         got = 1;

    for (size_t i = 0; got > 0 && i < p->n_series; i++) {
        struct tp_series *s = &p->series[i];

        while (got > 0 && s->n_ended) {
            tp_say_series(&line, ++p->seq, &s->need, &s->ended[0], s->skipped, warm);
            memmove(s->ended, s->ended + 1, --s->n_ended * sizeof *s->ended);
            s->skipped = 0;
            got = show(p, &line, warm, out, err);
        }
    }
    return got;
}

/* Shows the next bar, those of other series that it ends first, and takes what is wanted. */
static int
turn(struct proc *p, const struct tp_view *view, struct tp_wants *out, struct tp_err *err)
{
    TP_AUTO_BUF       line = {0};
    bool              warm = !view || p->n_bars < p->base.warmup;
    struct tp_say_bar bar = {.bars = p->bars, .i = p->next, .interval_us = p->interval_us, .view = view, .warm = warm};
    int               got;

    tell_gone(p);
    if (pass(p, err) || say(p, &p->told, err))
        return -1;
    tp_buf_clear(&p->told);
    got = show_series(p, warm, out, err);
    if (got == 0)
        p->skipped++; /* this bar is not shown any more */
    if (got > 0) {
        bar.seq = ++p->seq;
        bar.skipped = p->skipped;
        p->skipped = 0;
        tp_say_bar(&line, &bar);
        got = show(p, &line, warm, out, err);
    }
    if (got < 0)
        return give_up(p, p->base.process->on_error, out, err);
    if (got == 0)
        return late(p, out, err);
    return keeps_early(p) && p->n_bars == TWICE_BARS ? compare_twice(p, err) : 0;
}

/* Waits for the answer that is overdue; 1 when it came. */
static int
catch_up(struct proc *p, struct tp_err *err)
{
    struct tp_wants none = {.n = 0};
    int             got = take_actions(p, p->behind, "LATE", &none, err);

    if (got > 0)
        p->behind = 0;
    return got;
}

static int
block(struct tp_strategy *s, const struct tp_bars *bars, struct tp_err *err)
{
    struct proc *p = (struct proc *)s;

    (void)err;
    p->bars = bars;
    p->next = 0;
    return 0;
}

static size_t
quiet(struct tp_strategy *s, size_t i, const struct tp_view *view)
{
    (void)s;
    (void)i;
    (void)view;
    return 0;
}

/* The failure is the program's own, unless we are to stop or it asks for another time. */
static int
blame(struct proc *p, int rc, const struct tp_err *err)
{
    p->base.broken |= rc && err->code != TP_ESIGINT && err->code != TP_ESIGTERM && err->code != TP_EREMOTE;
    return rc;
}

static int
answer_bar(struct proc *p, size_t i, const struct tp_view *view, struct tp_wants *out, struct tp_err *err)
{
    if (p->failed) {
        if (p->flat || p->then != TP_ERROR_FLATTEN) {
            *err = p->held;
            return -1;
        }
        p->flat = view->position == 0; /* the bar that closed it is still to be stored */
        return 0;
    }
    if (p->behind) {
        int got = catch_up(p, err);

        if (got < 0)
            return give_up(p, p->base.process->on_error, out, err);
        if (got == 0) {
            p->skipped++;
            p->next = i;
            return pass(p, err);
        }
    }
    p->next = i;
    return turn(p, view, out, err);
}

static int
decide(struct tp_strategy *s, size_t i, const struct tp_view *view, struct tp_wants *out, struct tp_err *err)
{
    struct proc *p = (struct proc *)s;

    out->n = 0;
    return blame(p, answer_bar(p, i, view, out, err), err);
}

static int
seen(struct tp_strategy *s, struct tp_time until, struct tp_err *err)
{
    struct proc    *p = (struct proc *)s;
    struct tp_wants none = {.n = 0};

    while (!p->failed && !p->behind && p->bars && p->next < p->bars->n
           && p->bars->time[p->next] + p->interval_us <= until.us)
        if (turn(p, NULL, &none, err))
            return blame(p, -1, err);
    return 0;
}

/* ---- state ---------------------------------------------------------------------------------------- */

/* The program's own state; null when it keeps none or does not answer. */
static int
save_state(struct proc *p, struct tp_buf *to, struct tp_err *err)
{
    static const char ask[] = "{\"t\":\"snapshot\"}\n";
    struct tp_buf     line = {0};
    struct tp_answer  a;
    int               got = p->behind ? catch_up(p, err) : 1;

    if (got < 0)
        return -1;
    for (size_t i = 0; i < p->n_series; i++)
        if (p->series[i].n_ended)
            got = 0; /* it has not seen them: it is to see all bars again */
    if (!p->snapshot || p->failed || got == 0) {
        tp_buf_text(to, "null");
        return 0;
    }
    tp_buf_text(&line, ask);
    got = say(p, &line, err);
    tp_buf_free(&line);
    if (got)
        return -1;
    got = hear(p, tp_clock_ms() + p->base.process->deadline_ms, &a, err);
    if (got == 0)
        return tp_fail(err, TP_EFAIL, "the program has not answered a snapshot after %lld ms",
                       (long long)p->base.process->deadline_ms);
    if (got < 0)
        return -1;
    if (a.kind != TP_ANSWER_STATE)
        got = tp_fail(err, TP_EINPUT, "a snapshot wants state alone");
    else
        tp_buf_put(to, a.text.at, a.text.n);
    tp_answer_free(&a);
    return got < 0 ? wrong(p, err) : 0;
}

static int
save(struct tp_strategy *s, struct tp_buf *to, struct tp_err *err)
{
    struct proc *p = (struct proc *)s;

    tp_buf_text(to, "{\"state\":");
    if (save_state(p, to, err))
        return blame(p, -1, err);
    tp_buf_fmt(to, ",\"seq\":%lld,\"bars\":%lld,\"told\":[", (long long)p->seq, (long long)p->n_bars);
    for (size_t i = 0; i < p->told.n; i++)
        if (p->told.at[i] != '\n')
            tp_buf_char(to, p->told.at[i]);
        else if (i + 1 < p->told.n)
            tp_buf_char(to, ',');
    tp_buf_text(to, "],\"series\":{");
    for (size_t i = 0; i < p->n_series; i++) {
        tp_buf_fmt(to, "%s\"%s\":", i ? "," : "", p->series[i].need.name);
        tp_series_save(&p->series[i], to);
    }
    tp_buf_text(to, "},\"orders\":");
    tp_owns_save(&p->own, to);
    tp_buf_char(to, '}');
    return 0;
}

/* The bars under way of other series, when the program goes on from its stored state. */
static int
recall_series(struct proc *p, const char *saved, struct tp_err *err)
{
    TP_AUTO_JSON o = NULL;

    if (tp_json_parse(saved, strlen(saved), &o, err))
        return -1;
    for (size_t i = 0; i < p->n_series; i++) {
        const json_t *one = json_object_get(json_object_get(o, "series"), p->series[i].need.name);

        if (!one)
            return tp_fail(err, TP_EINPUT, "series %s: the program did not need it when it stored its state",
                           p->series[i].need.name);
        if (tp_series_recall(&p->series[i], one, err))
            return -1;
    }
    return 0;
}

/* What save has stored; the program's own state is added to `state`. */
static int
recall(struct proc *p, const char *saved, struct tp_buf *state, struct tp_err *err)
{
    TP_AUTO_JSON  o = NULL;
    const json_t *own, *line;
    size_t        i;

    if (tp_json_parse(saved, strlen(saved), &o, err))
        return -1;
    own = json_object_get(o, "state");
    if (own && !json_is_null(own)) {
        tp_json_print(own, state);
        p->base.restored = true;
        p->n_bars = json_integer_value(json_object_get(o, "bars"));
    }
    p->seq = json_integer_value(json_object_get(o, "seq"));
    json_array_foreach (json_object_get(o, "told"), i, line) {
        tp_json_print(line, &p->told);
        end_line(p);
    }
    return tp_owns_recall(&p->own, json_object_get(o, "orders"), err);
}

/* ---- the beginning and the end -------------------------------------------------------------------- */

static int
say_goodbye(struct proc *p, const char *reason, struct tp_err *err)
{
    TP_AUTO_BUF      line = {0};
    struct tp_answer a;
    struct tp_err    over = TP_ERR_INIT;
    int              status;

    if (p->failed) {
        *err = p->held;
        return -1;
    }
    if (keeps_early(p) && p->n_bars && compare_twice(p, err))
        return -1;
    tp_say_end(&line, ++p->seq, reason);
    tp_buf_char(&line, '\n');
    if (say(p, &p->told, err) || say(p, &line, err))
        return -1;
    tp_buf_clear(&p->told);
    tp_talk_last(p->talk);
    while (hear(p, tp_clock_ms() + p->base.process->deadline_ms, &a, &over) > 0)
        tp_answer_free(&a); /* nothing can be wanted any more */
    status = tp_talk_close(p->talk);
    p->talk = NULL;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return write_record(p, err);
    if (over.code == TP_OK)
        tp_fail(&over, TP_EFAIL, "the program did not end by itself");
    *err = over;
    return tp_where(err, "after the end");
}

static int
finish(struct tp_strategy *s, const char *reason, struct tp_err *err)
{
    struct proc *p = (struct proc *)s;

    return blame(p, say_goodbye(p, reason, err), err);
}

static void
close_proc(struct tp_strategy *s)
{
    struct proc  *p = (struct proc *)s;
    struct tp_err ignored = TP_ERR_INIT;

    tp_talk_close(p->talk);
    write_record(p, &ignored);
    if (p->record >= 0)
        close(p->record);
    tp_buf_free(&p->told);
    tp_buf_free(&p->recorded);
    tp_buf_free(&p->early);
    tp_owns_free(&p->own);
    tp_strategy_close(p->document);
    free(p);
}

static const struct tp_strategy_ops ops = {
    .block = block,
    .quiet = quiet,
    .decide = decide,
    .close = close_proc,
    .ordered = ordered,
    .filled = filled,
    .refused = refused,
    .seen = seen,
    .save = save,
    .end = finish,
};

static int
open_record(struct proc *p, struct tp_err *err)
{
    if (!p->opts.record)
        return 0;
    p->record = open(p->opts.record, O_WRONLY | O_CREAT | O_CLOEXEC | (p->opts.append ? O_APPEND : O_TRUNC), 0666);
    if (p->record < 0)
        return tp_fail(err, TP_EFAIL, "%.200s: %s", p->opts.record, strerror(errno));
    tp_transcript_begin(&p->recorded, p->base.process);
    return 0;
}

/* Says hello, waits for ready, says how things stand. */
static int
greet(struct proc *p, const struct tp_strategy_start *start, struct tp_err *err)
{
    TP_AUTO_BUF      line = {0}, hello = {0}, state = {0};
    struct tp_answer a;
    int              got;

    if (start->saved && recall(p, start->saved, &state, err))
        return tp_where(err, "what the strategy has stored");
    tp_say_hello(&hello, start);
    tp_buf_char(&hello, '\n');
    if (say(p, &hello, err))
        return -1;
    got = hear(p, tp_clock_ms() + READY_MS, &a, err);
    if (got < 0)
        return -1;
    if (got == 0)
        return tp_fail(err, TP_EFAIL, "the program was not ready after %d s", READY_MS / 1000);
    tp_answer_free(&a);
    if (a.kind != TP_ANSWER_READY) {
        tp_fail(err, TP_EINPUT, "the first line must be ready");
        return wrong(p, err);
    }
    p->snapshot = a.snapshot;
    p->deterministic = a.deterministic;
    for (; p->n_series < a.n_needs; p->n_series++)
        if (tp_series_init(&p->series[p->n_series], &a.needs[p->n_series], start->interval, err))
            return wrong(p, err);
    if (p->base.restored && recall_series(p, start->saved, err))
        return -1;
    if (keeps_early(p)) {
        tp_transcript_begin(&p->early, p->base.process);
        tp_transcript_add(&p->early, true, hello.at, hello.n - 1);
        tp_transcript_add(&p->early, false, "{\"t\":\"ready\"}", sizeof "{\"t\":\"ready\"}" - 1);
    }
    tp_say_init(&line, &p->base, start, state.n ? state.at : NULL, client_of, &p->own);
    tp_buf_char(&line, '\n');
    return say(p, &line, err);
}

int
tp_proc_start(struct tp_strategy **s, const struct tp_strategy_start *start, const struct tp_proc_opts *opts,
              struct tp_err *err)
{
    const struct tp_process *how = *s ? (*s)->process : NULL;
    struct tp_talk_opts      talk = {.log = opts->log};
    struct proc             *p;

    if (!how)
        return 0;
    p = tp_alloc(sizeof *p);
    p->base = **s;
    p->base.ops = &ops;
    p->document = *s;
    p->opts = *opts;
    p->record = -1;
    p->paper = strcmp(start->mode, "backtest") != 0;
    p->broker = start->broker;
    p->interval_us = start->interval->us;
    tp_text_set(p->run, sizeof p->run, start->run, strlen(start->run));
    *s = &p->base;
    talk.command = how->command;
    talk.env = how->env;
    talk.n_env = how->n_env;
    talk.no_network = how->no_network;
    if (open_record(p, err)
        || blame(p, tp_talk_open(&p->talk, &talk, err) || greet(p, start, err) ? -1 : 0, err))
        return tp_where(err, "%.60s", p->base.name);
    return 0;
}
