/* Decimals and rates: what is read prints and reads back equal. */
#include "base/dec.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const char    *text = (const char *)data;
    struct tp_dec  d, again;
    struct tp_rate r, r_again;
    struct tp_err  err = TP_ERR_INIT;
    char           out[TP_DEC_TEXT];

    if (!tp_dec_parse(text, n, &d, &err)) {
        fuzz_want(!tp_dec_none(d));
        fuzz_want(!tp_dec_parse_foreign(text, n, &again, &err) && tp_dec_cmp(d, again) == 0);
    }
    if (!tp_dec_parse_foreign(text, n, &d, &err)) {
        fuzz_want(!tp_dec_none(d));
        fuzz_want(!tp_dec_parse(out, tp_dec_print(out, d, TP_DEC_SCALE), &again, &err));
        fuzz_want(tp_dec_cmp(d, again) == 0);
        fuzz_want(!tp_dec_parse(out, tp_dec_print_short(out, d), &again, &err));
        fuzz_want(tp_dec_cmp(d, again) == 0);
    }
    if (!tp_rate_parse(text, n, &r, &err)) {
        fuzz_want(!tp_rate_parse(out, tp_rate_print(out, r), &r_again, &err));
        fuzz_want(r.units == r_again.units);
    }
    return 0;
}
