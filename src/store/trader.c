#include "store/trader.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "store/bot.h"
#include "store/candle.h"
#include "store/partition.h"
#include "store/symbol.h"

#define BLOCK 4096

/* What a session remembers between bars, its orders by id. */
struct memory {
    struct tp_uuid entry_long, entry_short, leave_long, leave_short;
    int64_t        since_exit, time_exit;
    struct tp_dec  breakeven, last_close;
    int8_t         leaving;
    int64_t        refused, capped;
    const char    *strategy;
    struct tp_time strategy_at;
};

static const struct tp_field fields[] = {
    F_UUID(struct memory, entry_long, "working entry of the long side"),
    F_UUID(struct memory, entry_short, "working entry of the short side"),
    F_UUID(struct memory, leave_long, "working exit of the long side"),
    F_UUID(struct memory, leave_short, "working exit of the short side"),
    F_INT(struct memory, since_exit, "bars since the last exit and one; 0: never held"),
    F_INT(struct memory, time_exit, "bars after which the position is left; 0: never"),
    F_DEC(struct memory, breakeven, "percent of gain at which the stop moves to the entry"),
    F_DEC(struct memory, last_close, "close of the last bar"),
    F_BOOL(struct memory, leaving, "the time exit is under way"),
    F_INT(struct memory, refused, "wishes that limits or sizes refused"),
    F_INT(struct memory, capped, "sizes that were cut"),
    F_JSON(struct memory, strategy, "what the strategy itself remembers"),
    F_TIME(struct memory, strategy_at, "close of the last bar that it remembers"),
    F_STOP,
};

static const struct tp_record memory_record = {"session", "what a bot remembers between bars", fields,
                                               sizeof(struct memory)};

struct tp_trader {
    struct tp_db          *db;
    struct tp_trader_opts  opts;
    struct tp_bot_config   config;
    struct tp_symbol       symbol;
    struct tp_strategy    *strategy;
    struct tp_desk        *desk;
    struct tp_session     *session;
    struct tp_bot_state    state;
    struct tp_bars         bars;
    size_t                 next_order;
    struct tp_arena        arena;
    const char            *saved;  /* what the strategy has remembered; NULL: nothing */
    struct tp_time         saved_at;
};

/* ---- the session's memory --------------------------------------------------------------------- */

static int
recall(struct tp_trader *t, struct tp_err *err)
{
    struct tp_session *s = t->session;
    struct memory      m;

    if (strcmp(t->state.session, "{}") == 0)
        return 0; /* nothing yet */
    if (tp_record_parse(&memory_record, t->state.session, strlen(t->state.session), &m, &t->arena, err) <= 0)
        return tp_where(err, "strategy_state");
    t->saved = m.strategy;
    t->saved_at = tp_time_none(m.strategy_at) ? t->state.cursor : m.strategy_at;
    s->entry[0] = tp_desk_order_number(t->desk, s, m.entry_long);
    s->entry[1] = tp_desk_order_number(t->desk, s, m.entry_short);
    s->leave[0] = tp_desk_order_number(t->desk, s, m.leave_long);
    s->leave[1] = tp_desk_order_number(t->desk, s, m.leave_short);
    s->since_exit = m.since_exit;
    s->time_exit = m.time_exit;
    s->breakeven = m.breakeven;
    s->last_close = m.last_close;
    s->leaving = m.leaving == 1;
    s->refused = m.refused;
    s->capped = m.capped;
    s->entry_fills = -1;
    s->begun = true;
    return 0;
}

static int
remember(void *to, struct tp_time cursor, struct tp_err *err)
{
    struct tp_trader   *t = to;
    struct tp_session  *s = t->session;
    TP_AUTO_BUF         text = {0}, own = {0};
    struct tp_bot_state state = {.cursor = cursor};
    struct memory       m = {.entry_long = tp_desk_order_id(t->desk, s, s->entry[0]),
                             .entry_short = tp_desk_order_id(t->desk, s, s->entry[1]),
                             .leave_long = tp_desk_order_id(t->desk, s, s->leave[0]),
                             .leave_short = tp_desk_order_id(t->desk, s, s->leave[1]),
                             .since_exit = s->since_exit,
                             .time_exit = s->time_exit,
                             .breakeven = s->breakeven,
                             .last_close = s->last_close,
                             .leaving = s->leaving,
                             .refused = s->refused,
                             .capped = s->capped,
                             .strategy = t->opts.resting ? t->saved : NULL,
                             .strategy_at = t->opts.resting ? t->saved_at : cursor};

    if (t->strategy && t->strategy->ops->seen && t->strategy->ops->seen(t->strategy, cursor, err))
        return -1;
    if (t->strategy && t->strategy->ops->save) {
        if (t->strategy->ops->save(t->strategy, &own, err))
            return -1;
        m.strategy = own.at;
    }
    tp_record_json(&memory_record, &m, &text);
    state.session = text.at;
    return tp_bot_state_put(t->db, t->opts.bot, &state, err);
}

/* ---- orders from outside ---------------------------------------------------------------------- */

/* Orders that became eligible with this bar; those of the bars before were made when these were. */
static int
feed(void *to, struct tp_broker *broker, const struct tp_bar *next, struct tp_err *err)
{
    struct tp_trader       *t = to;
    const struct tp_orders *o = t->opts.orders;

    for (; t->next_order < o->n && o->at[t->next_order].created_at.us <= next->open_time.us; t->next_order++) {
        struct tp_work w = o->at[t->next_order];
        char           reason[64];
        int64_t        number;
        int            pass;

        memset(&w.id, 0, sizeof w.id); /* ids are the bot's own */
        pass = t->session->limit.check(t->session->limit.to, &w, t->session->book, reason, err);
        if (pass < 0 || (pass && broker->ops->submit(broker, &w, &number, err)))
            return -1;
    }
    return 0;
}

static void
skip_orders(struct tp_trader *t)
{
    const struct tp_orders *o = t->opts.orders;

    if (tp_time_none(t->state.cursor))
        return;
    while (t->next_order < o->n
           && o->at[t->next_order].created_at.us <= t->state.cursor.us - t->config.interval->us)
        t->next_order++;
}

/* ---- opening ---------------------------------------------------------------------------------- */

/* A strategy that is a program begins to run, knowing how the account stands. */
static int
start_strategy(struct tp_trader *t, const struct tp_account *account, struct tp_err *err)
{
    char                     run[TP_UUID_TEXT];
    struct tp_strategy_start start = {.mode = "paper",
                                      .run = run,
                                      .symbol = &t->symbol,
                                      .interval = t->config.interval,
                                      .broker = t->session->broker,
                                      .book = t->session->book,
                                      .equity = account->balance,
                                      .saved = t->saved};

    if (!tp_dec_none(t->session->last_close)
        && tp_book_equity(t->session->book, t->session->last_close, &start.equity, err))
        return -1;
    tp_uuid_print(run, t->opts.bot->id);
    if (tp_strategy_begin(&t->opts.starter, &t->strategy, &start, err))
        return -1;
    t->session->strategy = t->strategy;
    return 0;
}

/* What is read from the database before any bar. */
static int
read_bot(struct tp_trader *t, struct tp_desk_opts *desk, struct tp_err *err)
{
    const struct tp_bot *bot = t->opts.bot;

    if (tp_bot_config_read(&t->config, bot->config, &t->arena, err))
        return -1;
    if (tp_time_none(t->config.from))
        return tp_fail(err, TP_EREFUSED, "the bot was never started");
    return tp_db_begin_as(t->db, t->opts.user, err)
                   || tp_symbol_get(t->db, t->config.exchange, t->config.symbol, &t->symbol, &t->arena, err)
                   || tp_desk_account(t->db, bot->account_id, &desk->account, &t->arena, err)
                   || tp_bot_state_get(t->db, bot->id, &t->state, &t->arena, err)
                   || (!t->opts.orders && !t->opts.resting
                       && tp_bot_strategy(t->db, bot, &t->config, &t->symbol, &t->strategy, &t->arena, err)) || tp_db_commit(t->db, err)
               ? -1
               : 0;
}

static struct tp_candle_key
key_of(const struct tp_trader *t)
{
    return (struct tp_candle_key){t->config.exchange, t->config.symbol, t->config.interval->name};
}

/* The strategy sees the bars before the first one to trade on. */
static int
warm_up(struct tp_trader *t, struct tp_time first, struct tp_err *err)
{
    struct tp_candle_key key = key_of(t);
    struct tp_time       from = t->strategy && t->strategy->restored ? t->saved_at : t->config.from;

    while (t->strategy && from.us < first.us) {
        if (tp_candle_some(t->db, &key, from, &t->bars, err))
            return -1;
        while (t->bars.n && t->bars.time[t->bars.n - 1] >= first.us)
            t->bars.n--;
        if (t->bars.n == 0)
            return 0;
        if (tp_strategy_warm(t->strategy, &t->bars, err))
            return -1;
        from.us = t->bars.time[t->bars.n - 1] + t->config.interval->us;
    }
    return 0;
}

/* Open time of the next bar to trade on, at the earliest. */
static struct tp_time
next_bar(const struct tp_trader *t)
{
    return tp_time_none(t->state.cursor) ? t->config.trade_from : t->state.cursor;
}

static int
open_desk(struct tp_trader *t, struct tp_desk_opts *opts, struct tp_err *err)
{
    opts->user = t->opts.user;
    opts->bot = t->opts.bot->id;
    opts->listener = t->opts.listener;
    opts->to = t;
    opts->before_commit = remember;
    if (tp_desk_open(&t->desk, t->db, opts, err))
        return -1;
    t->session = tp_desk_place(t->desk, &t->symbol, t->config.interval->us);
    t->session->strategy = t->strategy;
    if (t->opts.orders) {
        tp_desk_groups(t->desk, t->opts.orders->groups, t->opts.orders->n_groups);
        tp_desk_feed(t->session, (struct tp_feed_hook){t, feed});
        skip_orders(t);
    }
    if (tp_desk_begin(t->desk, err) || recall(t, err))
        return -1;
    return tp_db_rollback(t->db, err);
}

int
tp_trader_open(struct tp_trader **out, struct tp_db *db, const struct tp_trader_opts *opts, struct tp_err *err)
{
    struct tp_trader   *t = tp_alloc(sizeof *t);
    struct tp_desk_opts desk = {0};

    *out = t;
    t->db = db;
    t->opts = *opts;
    tp_bars_init(&t->bars, BLOCK);
    return read_bot(t, &desk, err) || open_desk(t, &desk, err) || start_strategy(t, &desk.account, err)
                   || warm_up(t, next_bar(t), err)
               ? -1
               : 0;
}

/* ---- bars ------------------------------------------------------------------------------------- */

int
tp_trader_next(struct tp_trader *t, struct tp_time until, int64_t *bars, struct tp_err *err)
{
    struct tp_candle_key key = key_of(t);
    bool                 full;

    *bars = 0;
    if (tp_candle_some(t->db, &key, next_bar(t), &t->bars, err))
        return -1;
    full = t->bars.n == t->bars.room;
    while (t->bars.n && t->bars.time[t->bars.n - 1] + t->config.interval->us > until.us)
        t->bars.n--;
    if (t->bars.n == 0)
        return 0;
    until.us = t->bars.time[t->bars.n - 1] + t->config.interval->us;
    if (tp_partition_trading(t->db, (struct tp_time){t->bars.time[0]}, until, err)
        || tp_desk_rates(t->desk, t->session, (struct tp_time){t->bars.time[0]}, until, err)
        || tp_desk_begin(t->desk, err) || tp_desk_alive(t->desk, err))
        return -1;
    if (tp_session_block(t->session, &t->bars, err))
        return -1;
    *bars = (int64_t)(t->session->last_at + 1);
    t->state.cursor.us = t->bars.time[t->session->last_at] + t->config.interval->us;
    if (tp_desk_commit(t->desk, t->state.cursor, err))
        return -1;
    if (t->session->ruined)
        return tp_desk_ruined(err);
    return full;
}

int
tp_trader_end(struct tp_trader *t, struct tp_err *err)
{
    return tp_strategy_end(t->strategy, "STOP", err);
}

bool
tp_trader_failed(const struct tp_trader *t)
{
    return t->strategy && t->strategy->broken;
}

void
tp_trader_mute(struct tp_trader *t, bool on)
{
    t->session->muted = on;
}

struct tp_time
tp_trader_cursor(const struct tp_trader *t)
{
    return t->state.cursor;
}

void
tp_trader_close(struct tp_trader *t)
{
    if (!t)
        return;
    tp_desk_close(t->desk);
    tp_strategy_close(t->strategy);
    tp_bars_free(&t->bars);
    tp_arena_free(&t->arena);
    free(t);
}
