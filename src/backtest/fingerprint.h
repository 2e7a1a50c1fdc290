/* The SHA-256 of the candles a run saw: "open_us|o|h|l|c|v\n" each, at eight places, behind the
 * instrument. */
#ifndef TP_BACKTEST_FINGERPRINT_H
#define TP_BACKTEST_FINGERPRINT_H

#include "base/crypt.h"
#include "market/bars.h"

struct tp_fingerprint;

/* head is the line of the instrument. */
void tp_fingerprint_open(struct tp_fingerprint **out, const char *head, size_t n);
/* The next bars; they are copied.  A long run is digested by a second thread: that costs more than
 * the run itself. */
void tp_fingerprint_add(struct tp_fingerprint *f, const struct tp_bars *bars);
/* The digest in hex; nothing may be added any more. */
void tp_fingerprint_end(struct tp_fingerprint *f, char out[TP_SHA256_TEXT]);
void tp_fingerprint_close(struct tp_fingerprint *f); /* NULL is fine */

#endif
