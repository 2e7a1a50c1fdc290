/* Paper accounts brought up to the stored candles: tp-order sync, and what a halt does next. */
#ifndef TP_CMD_ACCOUNT_SYNC_H
#define TP_CMD_ACCOUNT_SYNC_H

#include "base/prog.h"
#include "store/sync.h"

/* As the account's job "sync ID": TP_EBUSY when another copy is at it. */
int tp_account_sync(struct tp_ctx *tp, const struct tp_sync_opts *opts, struct tp_sync_done *done);

#endif
