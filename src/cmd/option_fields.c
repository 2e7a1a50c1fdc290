#include "cmd/option_fields.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "base/json.h"

static const char *
text_of(const struct tp_option_field *o, const void *args)
{
    const char *text;

    memcpy(&text, (const char *)args + o->at, sizeof text);
    return text;
}

static int
read_one(struct tp_ctx *tp, const struct tp_field *f, const char *text, void *row)
{
    TP_AUTO_JSON tree = NULL;
    size_t       n = strlen(text);

    if (!tp_text_utf8(text, n))
        return tp_fail(&tp->err, TP_EUSAGE, "%s: invalid UTF-8", f->name);
    /* A JSON text goes on as it is, inside of others: it must be one, and no more than one. */
    if (f->kind == TP_F_JSON && tp_json_parse(text, n, &tree, &tp->err))
        return -1;
    return tp_field_parse(f, text, n, row, &tp->arena, &tp->err);
}

static const struct tp_field *
field(const struct tp_record *record, const char *name)
{
    const struct tp_field *f = record->fields;

    while (strcmp(f->name, name) != 0) {
        f++;
        assert(f->kind != TP_F_STOP);
    }
    return f;
}

int
tp_option_fields(struct tp_ctx *tp, const struct tp_option_field *table, const void *args,
                 const struct tp_record *record, void *row)
{
    for (; table->field; table++) {
        const char *text = text_of(table, args);

        if (text && read_one(tp, field(record, table->field), text, row))
            return tp_usage(&tp->err, "--%s", table->option);
    }
    return 0;
}

bool
tp_option_fields_given(const struct tp_option_field *table, const void *args)
{
    for (; table->field; table++)
        if (text_of(table, args))
            return true;
    return false;
}

int
tp_batch_operands(struct tp_batch *b, const struct tp_option_field *table, const void *args)
{
    struct tp_ctx               *tp = b->tp;
    const struct tp_field       *id = field(b->ask, "id");
    size_t                       n = tp->n_operands;
    TP_AUTO_FREE struct tp_item *items = tp_alloc(n * sizeof *items);
    int                          rc = 0;

    tp_batch_alloc(b, items, n);
    for (size_t i = 0; i < n && !rc; i++)
        if (tp_operand_id(tp, i, (struct tp_uuid *)((char *)items[i].ask + id->at))
            || (table && tp_option_fields(tp, table, args, b->ask, items[i].ask)))
            rc = -1;
    rc = rc ? -1 : tp_batch_items(b, items, n);
    tp_batch_free(items, n);
    return rc;
}
