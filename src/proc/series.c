#include "proc/series.h"

#include <string.h>

#include "base/banned.h"

int
tp_series_init(struct tp_series *s, const struct tp_need *need, const struct tp_interval *run, struct tp_err *err)
{
    memset(s, 0, sizeof *s);
    s->need = *need;
    if (tp_resample_init(&s->made, run, need->interval, false, err) == 0)
        return 0;
    err->code = TP_EINPUT;
    return tp_where(err, "needs: %s", need->name);
}

static void
end_bar(struct tp_series *s, const struct tp_candle *bar)
{
    if (s->n_ended == TP_SERIES_SHOWN) {
        memmove(s->ended, s->ended + 1, (TP_SERIES_SHOWN - 1) * sizeof *s->ended);
        s->n_ended--;
        s->skipped++;
    }
    s->ended[s->n_ended++] = *bar;
}

int
tp_series_put(struct tp_series *s, const struct tp_candle *bar, struct tp_err *err)
{
    unsigned         what = tp_bucket_put(&s->bucket, s->need.interval, s->made.from->us, bar->timestamp.us);
    struct tp_candle before;

    if (tp_resample_put(&s->made, bar, &before, err) < 0)
        return tp_where(err, "series %s", s->need.name);
    if (what & TP_BUCKET_ENDED)
        end_bar(s, &before);
    if (what & TP_BUCKET_ENDS)
        end_bar(s, &s->made.bucket);
    return 0;
}

void
tp_series_save(const struct tp_series *s, struct tp_buf *to)
{
    tp_buf_fmt(to, "{\"interval\":\"%s\",\"seen\":%s,\"whole\":%s", s->need.interval->name,
               s->bucket.seen ? "true" : "false", s->bucket.whole ? "true" : "false");
    if (s->bucket.begun) {
        tp_buf_text(to, ",\"bar\":");
        tp_record_json(&tp_candle_record, &s->made.bucket, to);
        to->n--; /* the line's end */
    }
    tp_buf_char(to, '}');
}

int
tp_series_recall(struct tp_series *s, const json_t *saved, struct tp_err *err)
{
    const json_t *bar = json_object_get(saved, "bar");
    const char   *interval = tp_json_text(saved, "interval");
    TP_AUTO_BUF   text = {0};

    if (!interval || strcmp(interval, s->need.interval->name) != 0)
        return tp_fail(err, TP_EINPUT, "series %s: the program needed another interval when it stored its state",
                       s->need.name);
    s->bucket.seen = json_is_true(json_object_get(saved, "seen"));
    s->bucket.whole = json_is_true(json_object_get(saved, "whole"));
    if (!bar)
        return 0;
    tp_json_print(bar, &text);
    if (tp_record_parse(&tp_candle_record, text.at, text.n, &s->made.bucket, NULL, err) != 1)
        return tp_fail(err, TP_EINPUT, "series %s: what was stored is no candle", s->need.name);
    s->made.count = 1; /* some: how many does not matter, the last bar need not be complete */
    s->bucket.begun = true;
    s->bucket.start = s->made.bucket.timestamp.us;
    return 0;
}
