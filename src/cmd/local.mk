# One program, three lines.
bin_PROGRAMS += tp-backtest
tp_backtest_SOURCES = src/cmd/tp-backtest.c
tp_backtest_LDADD = $(TP_LIBS)
