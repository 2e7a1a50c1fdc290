#include "store/perf.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "base/json.h"
#include "store/bot.h"
#include "store/candle.h"
#include "store/desk.h"
#include "store/partition.h"
#include "store/sql.h"
#include "store/symbol.h"

#define PAGE 2000
#define BLOCK 4096
#define CHUNK 366 /* days per statement */

/* ---- fills in order ----------------------------------------------------------------------------- */

void
tp_trade_list_init(struct tp_trade_list *l, struct tp_db *db, struct tp_uuid account, const char *symbol)
{
    *l = (struct tp_trade_list){
        .db = db, .account = account, .symbol = symbol, .at = TP_TIME_NONE, .bar = TP_TIME_NONE, .n = INT64_MIN};
}

static int
next_page(struct tp_trade_list *l, struct tp_err *err)
{
    tp_rows_free(l->rows);
    l->rows = NULL;
    tp_arena_free(&l->arena);
    if (tp_db_query(l->db, &SQL_trade_of_account,
                    TP_PARAMS(tp_p_uuid(l->account), tp_p_text(l->symbol), tp_p_time(l->at), tp_p_time(l->bar),
                              tp_p_int(l->n), tp_p_int(PAGE)),
                    &l->rows, err))
        return -1;
    l->left = tp_rows_count(l->rows);
    return 0;
}

/* Bar and place of a fill; one of a venue has neither: its own time stands for the bar. */
static int
read_place(struct tp_trade_list *l, const struct tp_trade *t, struct tp_err *err)
{
    TP_AUTO_JSON metadata = NULL;
    const char  *bar, *role;

    l->at = l->bar = t->executed_at;
    l->n = 0;
    l->liquidation = false;
    if (!t->metadata)
        return 0;
    if (tp_json_parse(t->metadata, strlen(t->metadata), &metadata, err)
        || tp_json_int(metadata, "n", &l->n, err))
        return tp_where(err, "metadata");
    role = tp_json_text(metadata, "role");
    l->liquidation = role && strcmp(role, tp_roles[TP_ROLE_LIQUIDATION]) == 0;
    bar = tp_json_text(metadata, "bar");
    if (bar && tp_time_parse(bar, strlen(bar), &l->bar, err))
        return tp_where(err, "metadata.bar");
    if (l->n == INT64_MIN)
        l->n = 0;
    return 0;
}

int
tp_trade_list_next(struct tp_trade_list *l, struct tp_trade *out, struct tp_time *bar, struct tp_err *err)
{
    bool full = !l->rows || tp_rows_count(l->rows) == PAGE;

    if (l->left == 0 && full && next_page(l, err))
        return -1;
    if (l->left == 0)
        return 0;
    l->left--;
    if (tp_rows_next(l->rows, &tp_trade_record, out, &l->arena, err) != 1 || read_place(l, out, err))
        return -1;
    *bar = l->bar;
    return 1;
}

void
tp_trade_list_free(struct tp_trade_list *l)
{
    tp_rows_free(l->rows);
    l->rows = NULL;
    tp_arena_free(&l->arena);
}

/* ---- days --------------------------------------------------------------------------------------- */

struct perf {
    struct tp_db         *db;
    const struct tp_bot  *bot;
    struct tp_account     account;
    struct tp_bot_config  config;
    struct tp_bot_state   state;
    bool                  write;
    void                 *to;
    int (*each)(void *to, const struct tp_performance *day, struct tp_err *err);
    struct tp_buf         rows; /* JSON array of days not yet written */
    size_t                n_rows;
    struct tp_buf         last; /* the newest day, for the bot */
    struct tp_trade_list  trades;
    struct tp_trade       trade; /* the next fill */
    struct tp_time        bar;   /* and its bar */
    int                   more;
    struct tp_rows       *fundings; /* what its positions paid and received, one position after the other */
    size_t                next_funding;
    struct tp_arena       arena;
};

static int
send_days(struct perf *p, struct tp_err *err)
{
    int rc = 0;

    if (p->n_rows) {
        tp_buf_char(&p->rows, ']');
        rc = tp_db_exec(p->db, &SQL_perf_put, TP_PARAMS(tp_p_text(p->rows.at)), NULL, err);
    }
    tp_buf_clear(&p->rows);
    p->n_rows = 0;
    return rc;
}

/* The fields of the day as they must stand in its row. */
static int
compare_day(struct perf *p, const struct tp_performance *day, struct tp_err *err)
{
    struct tp_performance stored;
    TP_AUTO_ARENA         arena = {0};
    char                  text[TP_TIME_TEXT];
    int                   got = tp_db_row(p->db, &SQL_perf_day, TP_PARAMS(tp_p_uuid(day->bot_id), tp_p_day(day->date)),
                                          &tp_performance_record, &stored, &arena, err);

    if (got < 0)
        return -1;
    tp_day_print(text, day->date);
    if (got == 0) {
        tp_fail(err, TP_EDRIFT, "%s is not stored", text);
        return tp_hint(err, "'tp-bot perf' without --check stores it");
    }
    for (const struct tp_field *f = tp_performance_record.fields; f->kind != TP_F_STOP; f++) {
        TP_AUTO_BUF a = {0}, b = {0};

        if (f->kind == TP_F_JSON || f->kind == TP_F_TIME) /* of the time of writing */
            continue;
        tp_field_print(f, &stored, &a);
        tp_field_print(f, day, &b);
        if (a.n != b.n || (a.n && memcmp(a.at, b.at, a.n) != 0))
            return tp_fail(err, TP_EDRIFT, "%s: %s is stored as %s, the fills give %s", text, f->name,
                           a.n ? a.at : "null", b.n ? b.at : "null");
    }
    return 0;
}

/* The equity that the desk marked while the bars came. */
static int
compare_mark(struct perf *p, const struct tp_performance *day, struct tp_dec equity, struct tp_err *err)
{
    TP_AUTO_ROWS  rows = NULL;
    const char   *last;
    char          date[TP_TIME_TEXT], have[TP_DEC_TEXT];
    struct tp_dec marked;

    if (tp_db_query(p->db, &SQL_equity_of_day, TP_PARAMS(tp_p_uuid(p->account.id), tp_p_day(day->date)), &rows, err))
        return -1;
    if (tp_rows_count(rows) == 0) /* a day without bars */
        return 0;
    last = tp_rows_text(rows, 0, "last");
    if (tp_dec_parse(last, strlen(last), &marked, err))
        return -1;
    if (marked.units == equity.units)
        return 0;
    tp_day_print(date, day->date);
    tp_dec_print(have, equity, TP_DEC_SCALE);
    return tp_fail(err, TP_EDRIFT, "%s: the equity was marked as %s, the fills give %s", date, last, have);
}

static int
on_day(void *to, struct tp_performance *day, struct tp_err *err)
{
    struct perf  *p = to;
    struct tp_dec equity;

    day->bot_id = p->bot->id;
    day->user_id = p->bot->user_id;
    if (tp_dec_add(&equity, p->account.initial_balance, day->cumulative_pnl, err))
        return -1;
    if (p->write) {
        tp_buf_char(&p->rows, p->n_rows++ ? ',' : '[');
        tp_record_json(&tp_performance_record, day, &p->rows);
        tp_buf_clear(&p->last);
        tp_record_json(&tp_performance_record, day, &p->last);
        if (p->n_rows == CHUNK && send_days(p, err))
            return -1;
    } else if (compare_day(p, day, err) || compare_mark(p, day, equity, err)) {
        return -1;
    }
    return p->each ? p->each(p->to, day, err) : 0;
}

static int
next_trade(struct perf *p, struct tp_err *err)
{
    p->more = tp_trade_list_next(&p->trades, &p->trade, &p->bar, err);
    return p->more < 0 ? -1 : 0;
}

/* Funding of one position, the open one, up to the end of the bar. */
static int
take_fundings(struct perf *p, struct tp_perf *perf, int64_t bar_us, struct tp_err *err)
{
    struct tp_uuid open = {{0}};

    for (; perf->book.leg[0].side && p->next_funding < tp_rows_count(p->fundings); p->next_funding++) {
        const char    *position = tp_rows_text(p->fundings, p->next_funding, "position_id");
        const char    *at = tp_rows_text(p->fundings, p->next_funding, "funding_time");
        const char    *paid = tp_rows_text(p->fundings, p->next_funding, "amount");
        struct tp_time time;
        struct tp_uuid id;
        struct tp_dec  amount;

        if (tp_uuid_parse(position, strlen(position), &id, err) || tp_time_parse(at, strlen(at), &time, err)
            || tp_dec_parse(paid, strlen(paid), &amount, err))
            return -1;
        if ((!tp_uuid_none(open) && !tp_uuid_equal(id, open)) || time.us >= bar_us + p->config.interval->us)
            return 0;
        open = id;
        if (tp_perf_funding(perf, amount, 1, (struct tp_time){bar_us}, err))
            return -1;
    }
    return 0;
}

/* The fills of one bar, then its close; a position that a fill ends has paid before it. */
static int
take_bar(struct perf *p, struct tp_perf *perf, const struct tp_bars *bars, size_t i, struct tp_err *err)
{
    while (p->more && p->bar.us <= bars->time[i]) {
        if (take_fundings(p, perf, p->bar.us, err)
            || tp_perf_trade(perf, &p->trade, strcmp(p->trade.side, "BUY") == 0 ? 1 : -1, p->trades.liquidation,
                             p->bar, err)
            || next_trade(p, err))
            return -1;
    }
    return take_fundings(p, perf, bars->time[i], err) ? -1 : tp_perf_bar(perf, (struct tp_time){bars->time[i]}, tp_column_get(&bars->close, i), err);
}

static int
take_bars(struct perf *p, struct tp_perf *perf, struct tp_err *err)
{
    struct tp_candle_key key = {p->config.exchange, p->config.symbol, p->config.interval->name};
    struct tp_time       from = p->config.trade_from;
    struct tp_bars       bars;
    int                  rc = 0;

    tp_bars_init(&bars, BLOCK);
    do {
        rc = tp_candle_some(p->db, &key, from, &bars, err);
        for (size_t i = 0; i < bars.n && !rc; i++) {
            from.us = bars.time[i] + p->config.interval->us;
            if (from.us > p->state.cursor.us)
                break;
            rc = take_bar(p, perf, &bars, i, err);
        }
    } while (!rc && bars.n == bars.room && from.us <= p->state.cursor.us);
    tp_bars_free(&bars);
    if (!rc && p->more)
        return tp_fail(err, TP_EDRIFT, "there are fills without candles");
    return rc;
}

static int
run_days(struct perf *p, struct tp_err *err)
{
    struct tp_perf perf;
    int            rc;

    tp_perf_init(&perf, p->account.initial_balance, p->account.currency, false, p, on_day);
    rc = tp_db_query(p->db, &SQL_perf_fundings, TP_PARAMS(tp_p_uuid(p->account.id), tp_p_text(p->config.symbol)),
                     &p->fundings, err)
                 || next_trade(p, err) || (!tp_time_none(p->state.cursor) && take_bars(p, &perf, err)) || tp_perf_end(&perf, err)
             ? -1
             : 0;
    tp_perf_free(&perf);
    if (!rc && p->write && p->last.n) {
        p->last.at[p->last.n - 1] = '\0'; /* without the line's end */
        rc = send_days(p, err)
                     || tp_db_exec(p->db, &SQL_perf_stats, TP_PARAMS(tp_p_uuid(p->bot->id), tp_p_text(p->last.at)),
                                   NULL, err)
                 ? -1
                 : 0;
    }
    return rc;
}

int
tp_perf_run(struct tp_db *db, const struct tp_bot *bot, bool write, void *to,
            int (*each)(void *to, const struct tp_performance *day, struct tp_err *err), struct tp_err *err)
{
    struct perf p = {.db = db, .bot = bot, .write = write, .to = to, .each = each};
    int         rc = tp_bot_config_read(&p.config, bot->config, &p.arena, err)
                     || tp_desk_account(db, bot->account_id, &p.account, &p.arena, err)
                     || tp_bot_state_get(db, bot->id, &p.state, &p.arena, err)
                 ? -1
                 : 0;

    tp_trade_list_init(&p.trades, db, bot->account_id, p.config.symbol);
    if (!rc)
        rc = run_days(&p, err);
    tp_trade_list_free(&p.trades);
    tp_rows_free(p.fundings);
    tp_buf_free(&p.rows);
    tp_buf_free(&p.last);
    tp_arena_free(&p.arena);
    return rc;
}
