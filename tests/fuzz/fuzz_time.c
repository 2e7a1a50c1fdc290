/* Times, days and UUIDs: what is read prints and reads back equal. */
#include "base/time.h"
#include "base/uuid.h"
#include "tests/fuzz/fuzz.h"

static void
check(struct tp_time t)
{
    struct tp_time again;
    struct tp_err  err = TP_ERR_INIT;
    char           out[TP_TIME_TEXT];

    fuzz_want(t.us >= TP_TIME_MIN && t.us <= TP_TIME_MAX);
    fuzz_want(!tp_time_parse(out, tp_time_print(out, t), &again, &err) && t.us == again.us);
    fuzz_want(tp_time_of(tp_time_civil(t)).us == t.us);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const char    *text = (const char *)data;
    struct tp_err  err = TP_ERR_INIT;
    struct tp_time t;
    struct tp_uuid id, id_again;
    int64_t        day, day_again;
    char           out[TP_UUID_TEXT];

    if (!tp_time_parse(text, n, &t, &err))
        check(t);
    if (!tp_time_parse_epoch(text, n, &t, &err))
        check(t);
    if (!tp_day_parse(text, n, &day, &err))
        fuzz_want(!tp_day_parse(out, tp_day_print(out, day), &day_again, &err) && day == day_again);
    if (!tp_uuid_parse(text, n, &id, &err) && !tp_uuid_none(id))
        fuzz_want(!tp_uuid_parse(out, tp_uuid_print(out, id), &id_again, &err) && tp_uuid_equal(id, id_again));
    return 0;
}
