/* bench_record - reads candle records from standard input and writes them again: the work of P11. */
#include "base/line.h"
#include "base/output.h"
#include "market/candle.h"

#include <unistd.h>

int
main(void)
{
    struct tp_lines  in;
    struct tp_out    out;
    struct tp_err    err = TP_ERR_INIT;
    struct tp_candle candle;
    struct tp_arena  arena = {0};
    const char      *line;
    size_t           n;
    int              rc;

    tp_lines_init(&in, STDIN_FILENO);
    tp_out_init(&out, STDOUT_FILENO, TP_FORM_JSON);
    while ((rc = tp_lines_next(&in, &line, &n, &err)) > 0)
        if (tp_record_parse(&tp_candle_record, line, n, &candle, &arena, &err) != 1
            || tp_out_row(&out, &tp_candle_record, &candle, &err))
            return 1;
    if (rc == 0)
        rc = tp_out_flush(&out, &err);
    tp_lines_free(&in);
    tp_out_free(&out);
    return rc != 0;
}
