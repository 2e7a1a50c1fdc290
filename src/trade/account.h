/* Accounts and their ledger: whose money, at which venue, in which environment. */
#ifndef TP_TRADE_ACCOUNT_H
#define TP_TRADE_ACCOUNT_H

#include "base/record.h"
#include "market/symbol.h"

#define TP_NAME_SIZE 256 /* varchar(255) and NUL */

extern const char *const tp_ledger_kinds[]; /* DEPOSIT, FEE, PNL, FUNDING, LIQUIDATION, ADJUST */

/* A row of tp.accounts. */
struct tp_account {
    struct tp_uuid id;
    struct tp_uuid user_id;
    char           exchange[TP_EXCHANGE_SIZE];
    char           environment[11];
    char           currency[TP_CURRENCY_SIZE];
    char           name[TP_NAME_SIZE];
    char           position_mode[11];
    struct tp_uuid api_connection_id, bot_id;
    struct tp_dec  initial_balance; /* what it was opened with, its first deposit */
    struct tp_dec  balance;         /* sum of the ledger */
    struct tp_time cursor; /* paper: close of the last candle its orders were matched with; none: not begun */
    const char    *settings; /* paper: {"profile":..., "set":{knob:value}} */
    struct tp_time created_at;
};

extern const struct tp_record tp_account_record;

/* A row of tp.ledger_entries; never changed. */
struct tp_ledger_entry {
    struct tp_uuid id;
    struct tp_uuid user_id, account_id;
    struct tp_time at;
    char           kind[12];
    struct tp_dec  amount; /* signed, in the account's currency */
    struct tp_uuid trade_id, position_id;
};

extern const struct tp_record tp_ledger_entry_record;

#endif
