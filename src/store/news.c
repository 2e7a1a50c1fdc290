#include "store/news.h"

#include "base/banned.h"
#include "store/sql.h"

void
tp_news_add(struct tp_news *news, const char *type, const char *what, struct tp_uuid id,
            const struct tp_record *record, const void *row)
{
    char text[TP_UUID_TEXT];

    tp_uuid_print(text, id);
    tp_buf_char(&news->json, news->n++ ? ',' : '[');
    tp_buf_fmt(&news->json, "{\"event_type\":\"%s\",\"ordering_key\":\"%s:%s\",\"payload\":", type, what, text);
    tp_record_json(record, row, &news->json);
    news->json.at[news->json.n - 1] = '}'; /* in the place of the line's end */
}

int
tp_news_send(struct tp_news *news, struct tp_db *db, struct tp_uuid user, struct tp_err *err)
{
    int rc = 0;

    if (news->n) {
        tp_buf_char(&news->json, ']');
        rc = tp_db_exec(db, &SQL_news_send, TP_PARAMS(tp_p_uuid(user), tp_p_text(news->json.at)), NULL, err);
    }
    tp_buf_clear(&news->json);
    news->n = 0;
    return rc;
}

int
tp_news_tell(struct tp_db *db, struct tp_uuid user, const char *type, const char *what, struct tp_uuid id,
             const struct tp_record *record, const void *row, struct tp_err *err)
{
    struct tp_news news = {0};
    int            rc;

    tp_news_add(&news, type, what, id, record, row);
    rc = tp_news_send(&news, db, user, err);
    tp_news_free(&news);
    return rc;
}

void
tp_news_free(struct tp_news *news)
{
    tp_buf_free(&news->json);
    news->n = 0;
}
