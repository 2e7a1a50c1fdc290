# One program per file under test; add the name to unit_programs and its _SOURCES line.
EXTRA_DIST += tests/unit/tap.h
check_PROGRAMS += tests/unit/test_dec
tests_unit_test_dec_SOURCES = tests/unit/test_dec.c
tests_unit_test_dec_LDADD = $(TP_LIBS)
UNIT_TESTS += tests/unit/test_dec
