#include "trade/paper.h"

#include "base/banned.h"

static struct tp_match *
match_of(struct tp_broker *b)
{
    return &((struct tp_paper *)b)->match;
}

static int
submit(struct tp_broker *b, const struct tp_work *order, int64_t *number, struct tp_err *err)
{
    return tp_match_submit(match_of(b), order, number, err);
}

static int
cancel(struct tp_broker *b, int64_t number, const char *reason, struct tp_err *err)
{
    return tp_match_cancel(match_of(b), number, reason, err);
}

static struct tp_work *
find(struct tp_broker *b, int64_t number)
{
    return tp_match_find(match_of(b), number);
}

static struct tp_work *
each(struct tp_broker *b, size_t i)
{
    return tp_match_each(match_of(b), i);
}

static int
bar_moves(struct tp_broker *b, const struct tp_bar *bar, struct tp_err *err)
{
    return tp_match_bar(match_of(b), bar, err);
}

static int
tighten(struct tp_broker *b, int side, struct tp_dec price, struct tp_err *err)
{
    return tp_match_tighten(match_of(b), side, price, err);
}

static int
close_fills(struct tp_broker *b, const struct tp_bar *bar, struct tp_err *err)
{
    return tp_match_at_close(match_of(b), bar, err);
}

static int
end(struct tp_broker *b, const struct tp_bar *bar, struct tp_err *err)
{
    return tp_match_end(match_of(b), bar, err);
}

static bool
quiet(const struct tp_broker *b, struct tp_dec *low, struct tp_dec *high, struct tp_time *until)
{
    return tp_match_quiet(&((const struct tp_paper *)b)->match, low, high, until);
}

static const struct tp_broker_ops ops = {
    .name = "paper",
    .submit = submit,
    .cancel = cancel,
    .find = find,
    .each = each,
    .bar = bar_moves,
    .tighten = tighten,
    .close_fills = close_fills,
    .end = end,
    .quiet = quiet,
};

void
tp_paper_init(struct tp_paper *p, const struct tp_knobs *knobs, const struct tp_symbol *symbol,
              struct tp_book *book, const struct tp_sink *sink, const char *seed)
{
    p->broker.ops = &ops;
    tp_match_init(&p->match, knobs, symbol, book, sink, seed);
}

void
tp_paper_free(struct tp_paper *p)
{
    tp_match_free(&p->match);
}
