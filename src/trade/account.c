#include "trade/account.h"

#include "base/banned.h"
#include "trade/order.h"

const char *const tp_ledger_kinds[] = {"DEPOSIT", "FEE", "PNL", "FUNDING", "LIQUIDATION", "ADJUST", NULL};

static const struct tp_field fields[] = {
    F_UUID(struct tp_account, id, "UUID version 7"),
    F_UUID(struct tp_account, user_id, "whose account it is", .wide = true),
    F_TEXT(struct tp_account, exchange, "code of the venue"),
    F_TEXT(struct tp_account, environment, "PAPER, TESTNET or PRODUCTION", .choices = tp_environments),
    F_TEXT(struct tp_account, currency, "currency of its balance"),
    F_TEXT(struct tp_account, name, "what its owner calls it"),
    F_TEXT(struct tp_account, position_mode, "ONE_WAY or HEDGE", .choices = tp_position_modes),
    F_UUID(struct tp_account, api_connection_id, "keys that reach it", .wide = true),
    F_UUID(struct tp_account, bot_id, "bot whose own account it is", .wide = true),
    F_DEC(struct tp_account, initial_balance, "what it was opened with"),
    F_VOLUME(struct tp_account, balance, "sum of its ledger, without unrealised results"),
    F_TIME(struct tp_account, cursor, "on paper: close of the last candle that its orders have met"),
    F_JSON(struct tp_account, settings, "on paper: profile and knobs of the fill engine", .wide = true),
    F_TIME(struct tp_account, created_at, "when it was opened"),
    F_STOP,
};

const struct tp_record tp_account_record = {"account", "money at a venue", fields, sizeof(struct tp_account)};

static const struct tp_field entry_fields[] = {
    F_UUID(struct tp_ledger_entry, id, "UUID version 7"),
    F_UUID(struct tp_ledger_entry, user_id, "whose account it is", .wide = true),
    F_UUID(struct tp_ledger_entry, account_id, "the account", .wide = true),
    F_TIME(struct tp_ledger_entry, at, "when it took effect"),
    F_TEXT(struct tp_ledger_entry, kind, "DEPOSIT, FEE, PNL, FUNDING, LIQUIDATION or ADJUST", .choices = tp_ledger_kinds),
    F_DEC(struct tp_ledger_entry, amount, "signed, in the account's currency"),
    F_UUID(struct tp_ledger_entry, trade_id, "fill that caused it", .wide = true),
    F_UUID(struct tp_ledger_entry, position_id, "position that caused it", .wide = true),
    F_STOP,
};

const struct tp_record tp_ledger_entry_record = {"ledger_entry", "one movement of an account's balance",
                                                 entry_fields, sizeof(struct tp_ledger_entry)};
