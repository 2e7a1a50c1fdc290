/* Records: a line that is read prints and reads back equal. */
#include "market/candle.h"
#include "market/symbol.h"
#include "tests/fuzz/fuzz.h"
#include "trade/order.h"

static void
check(const struct tp_record *record, const char *line, size_t n)
{
    TP_AUTO_ARENA arena = {0};
    TP_AUTO_BUF   first = {0};
    TP_AUTO_BUF   second = {0};
    TP_AUTO_FREE void *row = tp_alloc(record->size);
    struct tp_err err = TP_ERR_INIT;

    if (tp_record_parse(record, line, n, row, &arena, &err) != 1)
        return;
    tp_record_json(record, row, &first);
    fuzz_want(first.n > 0 && first.at[first.n - 1] == '\n');
    fuzz_want(tp_text_utf8(first.at, first.n));
    fuzz_want(tp_record_parse(record, first.at, first.n - 1, row, &arena, &err) == 1);
    tp_record_json(record, row, &second);
    fuzz_want(first.n == second.n && memcmp(first.at, second.at, first.n) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char          type[64];
    struct tp_err err = TP_ERR_INIT;

    /* tp_lines lets no other lines through. */
    if (!tp_text_utf8((const char *)data, n))
        return 0;
    tp_record_type((const char *)data, n, type, sizeof type, &err);
    check(&tp_candle_record, (const char *)data, n);
    check(&tp_symbol_record, (const char *)data, n);
    check(&tp_order_record, (const char *)data, n);
    return 0;
}
