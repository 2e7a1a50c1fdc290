/* Where orders may go: --environment and --live. */
#ifndef TP_CMD_ENVIRONMENT_H
#define TP_CMD_ENVIRONMENT_H

#include "base/prog.h"

/* The word as records have it ("PAPER").  NULL: production without --live is TP_EUSAGE; testnet and production
 * are TP_EREFUSED, because nobody is there yet who would execute an order. */
const char *tp_environment_trading(struct tp_ctx *tp, const char *word, bool live);

#endif
