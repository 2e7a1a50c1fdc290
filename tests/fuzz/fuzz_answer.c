/* Answers of strategies that are programs: what is taken has a place in the engine, what is not is told why. */
#include "proc/message.h"
#include "tests/fuzz/fuzz.h"

static void
check_place(const struct tp_answer *a)
{
    size_t id = strlen(a->id);

    fuzz_want(a->want.side == 1 || a->want.side == -1);
    fuzz_want(id >= 1 && id < TP_PROC_ID && strlen(a->body) == sizeof a->body - 1);
    fuzz_want(a->order.reduce_only || !tp_dec_none(a->want.size));
    if (!tp_dec_none(a->want.size))
        fuzz_want(tp_dec_sign(a->want.size) > 0);
    if (!tp_dec_none(a->order.price))
        fuzz_want(tp_dec_sign(a->order.price) > 0);
    if (!tp_dec_none(a->order.stop_price))
        fuzz_want(tp_dec_sign(a->order.stop_price) > 0);
    fuzz_want(a->order.expire_bars >= 0);
}

static void
check_needs(const struct tp_answer *a)
{
    fuzz_want(a->n_needs <= TP_PROC_NEEDS);
    for (size_t i = 0; i < a->n_needs; i++) {
        fuzz_want(a->needs[i].interval && a->needs[i].name[0]);
        for (size_t k = 0; k < i; k++)
            fuzz_want(strcmp(a->needs[i].name, a->needs[k].name) != 0);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct tp_err    err = TP_ERR_INIT;
    struct tp_answer a;

    if (tp_answer_read(&a, (const char *)data, n, &err)) {
        fuzz_want(err.code == TP_EINPUT && err.msg[0]);
    } else if (a.kind == TP_ANSWER_PLACE) {
        check_place(&a);
    } else if (a.kind == TP_ANSWER_TARGET) {
        fuzz_want(a.want.side >= -1 && a.want.side <= 1);
        fuzz_want(a.want.side == 0 || tp_dec_sign(a.want.size) > 0);
    } else if (a.kind == TP_ANSWER_READY) {
        check_needs(&a);
    } else if (a.kind == TP_ANSWER_DONE) {
        fuzz_want(a.seq >= 0);
    }
    tp_answer_free(&a);
    return 0;
}
