/* Options that are the same in every program: letter, word and what a shell offers.  What follows the field is
 * the help text, then more members of struct tp_opt (.required, .fallback, .env ...). */
#ifndef TP_CMD_OPTIONS_H
#define TP_CMD_OPTIONS_H

#include "base/opt.h"
#include "market/interval.h"
#include "trade/order.h"

#define OPT_EXCHANGE(type, field, ...)                                                             \
    {.kind = TP_OPT_TEXT, .letter = 'e', .name = "exchange", .value = "CODE", .complete = "exchange", \
     .at = TP_OPT_AT(type, field, const char *), .help = __VA_ARGS__}
/* The venue where nothing nearer says it. */
#define OPT_VENUE(type, field, ...)                                                                \
    OPT_EXCHANGE(type, field, __VA_ARGS__, .env = "TP_EXCHANGE", .config = "exchange")
#define OPT_SYMBOL(type, field, ...)                                                               \
    {.kind = TP_OPT_TEXT, .letter = 's', .name = "symbol", .value = "SYMBOL", .complete = "symbol", \
     .at = TP_OPT_AT(type, field, const char *), .help = __VA_ARGS__}
#define OPT_INTERVAL(type, field, ...)                                                             \
    OPT_ENUM(type, field, 'i', "interval", tp_interval_names, __VA_ARGS__)
/* [from, to) of open times. */
#define OPT_RANGE(type, from, to)                                                                  \
    OPT_TIME(type, from, 0, "from", "first open time (UTC)"),                                      \
        OPT_TIME(type, to, 0, "to", "open times before this one (UTC)")
/* paper, testnet or production; tp_environment_of gives the stored word. */
#define OPT_ENVIRONMENT(type, field, ...)                                                          \
    OPT_ENUM(type, field, 0, "environment", tp_environment_words, __VA_ARGS__)
/* The same where one is needed: paper unless something else is said. */
#define OPT_ENVIRONMENT_PAPER(type, field)                                                         \
    OPT_ENVIRONMENT(type, field, "paper, testnet or production", .fallback = "paper",              \
                    .env = "TP_ENVIRONMENT", .config = "environment")
#define OPT_LIVE(type, field) OPT_FLAG(type, field, 0, "live", "with --environment production: yes, with real money")
#define OPT_ACCOUNT(type, field, ...) OPT_TEXT(type, field, 'a', "account", "ACCOUNT", __VA_ARGS__)
#define OPT_BOT(type, field, ...) OPT_TEXT(type, field, 'b', "bot", "BOT", __VA_ARGS__)
#define OPT_PARAM(type, field, ...) OPT_LIST(type, field, 'P', "param", "NAME=VALUE", __VA_ARGS__)
/* Of lists. */
#define OPT_DELETED(type, field) OPT_FLAG(type, field, 0, "deleted", "the deleted ones instead")
#define OPT_LIMIT(type, field, most)                                                               \
    OPT_INT(type, field, 'n', "limit", "N", 1, 1000000, "at most so many", .fallback = most)

#endif
