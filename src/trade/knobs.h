/* The knobs of the fill model (knobs.def) and the profiles that set them. */
#ifndef TP_TRADE_KNOBS_H
#define TP_TRADE_KNOBS_H

#include "base/dec.h"
#include "base/err.h"
#include "base/text.h"
#include "market/symbol.h"

enum { TP_FILL_NEXT_OPEN, TP_FILL_CLOSE };
enum { TP_LIMIT_THROUGH, TP_LIMIT_TOUCH, TP_LIMIT_CLOSE_THROUGH };
enum { TP_GAP_LIMIT, TP_GAP_OPEN };
enum { TP_PATH_ADVERSE, TP_PATH_NEAREST, TP_PATH_OHLC, TP_PATH_OLHC, TP_PATH_COLOR };
enum { TP_SAME_PESSIMISTIC, TP_SAME_CERTAIN, TP_SAME_MARKET_ONLY, TP_SAME_NEVER };
enum { TP_BOTH_SL, TP_BOTH_NEAREST };
enum { TP_TRAIL_LAGGED, TP_TRAIL_CLOSE, TP_TRAIL_HIGH_FIRST };
enum { TP_IMPACT_OFF, TP_IMPACT_SQRT, TP_IMPACT_SQUARE };
enum { TP_FUNDING_COST, TP_FUNDING_ZERO, TP_FUNDING_FAIL, TP_FUNDING_OFF };
enum { TP_LIQUIDATION_ON, TP_LIQUIDATION_OFF };
enum { TP_MODE_ISOLATED, TP_MODE_CROSS };
enum { TP_END_CLOSE, TP_END_KEEP_OPEN };
enum { TP_VOLUME_WARN, TP_VOLUME_CAP, TP_VOLUME_OFF };
enum { TP_MARGIN_REJECT, TP_MARGIN_SHRINK };

/* WORD knobs hold the place of the word in its list, as the enums above count. */
struct tp_knobs {
#define WORD(name, words, a, b, c, d, e, help) int name;
#define DEC(name, a, b, c, d, e, help) struct tp_dec name;
#define INT(name, a, b, c, d, e, help) int64_t name;
#include "trade/knobs.def"
#undef WORD
#undef DEC
#undef INT
    bool maker_given, taker_given; /* set by hand: stand above the instrument's rates */
    bool funding_given;            /* likewise: an instrument of an unknown type has funding */
    int  profile;
};

/* conservative, optimistic, backtesting.py, backtrader, freqtrade; NULL-ended. */
extern const char *const tp_profiles[];

/* All knobs of a profile; -1 with TP_EUSAGE for an unknown name (NULL: conservative). */
int tp_knobs_init(struct tp_knobs *k, const char *profile, struct tp_err *err);
/* Sets one knob from text; 1, or 0 when there is none of that name, or -1 with TP_EUSAGE. */
int tp_knobs_set(struct tp_knobs *k, const char *name, size_t name_length, const char *value,
                 struct tp_err *err);
/* Adds the settings of an account that fills by these rules, {"profile":...,"set":{...}}, after every knob of
 * sets ("slippage_bps=5") was tried; -1 with TP_EUSAGE naming --set. */
int tp_knobs_settings(const char *profile, const char *const *sets, size_t n, struct tp_buf *to,
                      struct tp_err *err);
/* Reads them back (NULL: the defaults); -1 with TP_EINPUT. */
int tp_knobs_read(struct tp_knobs *k, const char *settings, struct tp_err *err);
/* Gives the instrument the fee rates that hold: a knob set by hand, else its own, else the profile's. */
void tp_knobs_fees(const struct tp_knobs *k, struct tp_symbol *symbol);

/* One knob for --list-knobs, and its value here as text. */
struct tp_knob {
    char        name[24];
    char        value[24]; /* in the chosen profile, after --set */
    char        words[48];
    const char *help;
};
extern const struct tp_record tp_knob_record;
size_t         tp_knobs_count(void);
struct tp_knob tp_knobs_get(const struct tp_knobs *k, size_t i);
/* Adds all of them as a JSON object, sorted by name as knobs.def stands. */
void tp_knobs_json(const struct tp_knobs *k, struct tp_buf *to);

#endif
