# A year of invented hourly candles as Binance CSV: the same on every machine (integers only).
BEGIN {
    seed = 1
    close_ = 4200000
    for (i = 0; i < 8760; i++) {
        open_ = close_
        # Trends of a week, and noise around them.
        close_ += draw(1000) + (draw(600) > 0 ? 1 : -1) * 100 + (int(i / 168) % 2 ? 60 : -52) * 2
        if (close_ < 100000) close_ = 100000
        high = (open_ > close_ ? open_ : close_) + draw(300) ^ 2 / 300
        low = (open_ < close_ ? open_ : close_) - draw(300) ^ 2 / 300
        printf "%d,%s,%s,%s,%s,%d.5\n", (1704067200 + i * 3600) * 1000, price(open_), price(int(high)), \
            price(int(low)), price(close_), 100 + draw(90)
    }
}

# A whole number from -n to n; a multiplicative generator whose products stay below 2^53.
function draw(n) {
    seed = (seed * 48271) % 2147483647
    return seed % (2 * n + 1) - n
}

function price(cents) { return sprintf("%d.%02d", int(cents / 100), cents % 100) }
