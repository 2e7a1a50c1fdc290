# make bench builds what the benchmarks need; bench/run runs them.
EXTRA_PROGRAMS = bench/timeit
bench_timeit_SOURCES = bench/timeit.c
EXTRA_DIST += bench/lib.bash bench/run bench/p02-start.bash bench/p01-query.bash bench/p08-prices.bash bench/p12-orders.bash bench/p18-migrate.bash \
    bench/p13-event.bash bench/peer-graphile.mjs
CLEANFILES += $(EXTRA_PROGRAMS)

.PHONY: bench
bench: all $(EXTRA_PROGRAMS)
	TP_BUILD='$(abs_builddir)' bash $(srcdir)/bench/run
EXTRA_PROGRAMS += bench/bench_record
bench_bench_record_SOURCES = bench/bench_record.c
bench_bench_record_LDADD = $(TP_LIBS)
EXTRA_PROGRAMS += bench/bench_indicator
bench_bench_indicator_SOURCES = bench/bench_indicator.c
bench_bench_indicator_LDADD = $(TP_LIBS)
EXTRA_DIST += bench/p03-backtest.bash bench/peer-backtesting.py bench/p07-indicators.bash bench/p11-records.bash \
    bench/p19-memory.bash
EXTRA_PROGRAMS += bench/bench_engine
bench_bench_engine_SOURCES = bench/bench_engine.c
bench_bench_engine_LDADD = $(TP_LIBS)
