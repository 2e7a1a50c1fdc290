#include "cmd/environment.h"

#include <string.h>

#include "base/banned.h"
#include "trade/order.h"

const char *
tp_environment_trading(struct tp_ctx *tp, const char *word, bool live)
{
    if (strcmp(word, "production") == 0 && !live) {
        tp_fail(&tp->err, TP_EUSAGE, "--environment production: nothing is done there without --live");
        return NULL;
    }
    if (strcmp(word, "paper") != 0) {
        tp_fail(&tp->err, TP_EREFUSED, "--environment %s: no broker for venues is there yet", word);
        tp_hint(&tp->err, "accounts on paper trade: leave --environment out");
        return NULL;
    }
    return tp_environment_of(word);
}
