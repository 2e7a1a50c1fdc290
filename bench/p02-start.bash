# P2: a program's start without a query.  The peer is curl, the smallest tool most scripts start often.
bench_row P2 "start without a query, no library (tp)" 1.67 \
    'for i in 1 2 3 4 5 6 7 8 9 10; do curl --version; done' \
    'for i in 1 2 3 4 5 6 7 8 9 10; do tp --version; done'
bench_row P2 "start without a query, with libpq (tp-prices)" 1.67 \
    'for i in 1 2 3 4 5 6 7 8 9 10; do curl --version; done' \
    'for i in 1 2 3 4 5 6 7 8 9 10; do tp-prices --version; done'
