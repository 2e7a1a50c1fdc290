# One program per file under test: add its name to unit_tests; it is built from tests/unit/NAME.c.
EXTRA_DIST += tests/unit/tap.h
AM_DEFAULT_SOURCE_EXT = .c
LDADD = $(TP_LIBS)
unit_tests = \
    tests/unit/test_ahead \
    tests/unit/test_answer \
    tests/unit/test_book \
    tests/unit/test_copy \
    tests/unit/test_crypt \
    tests/unit/test_dec \
    tests/unit/test_decl \
    tests/unit/test_expr \
    tests/unit/test_indicator \
    tests/unit/test_instruments \
    tests/unit/test_json \
    tests/unit/test_language \
    tests/unit/test_limit \
    tests/unit/test_line \
    tests/unit/test_look \
    tests/unit/test_match \
    tests/unit/test_metric \
    tests/unit/test_opt \
    tests/unit/test_order_check \
    tests/unit/test_record \
    tests/unit/test_ring \
    tests/unit/test_row \
    tests/unit/test_reference \
    tests/unit/test_session \
    tests/unit/test_report \
    tests/unit/test_split \
    tests/unit/test_time \
    tests/unit/test_uuid \
    tests/unit/test_venue_files \
    tests/unit/test_yaml
check_PROGRAMS += $(unit_tests)
UNIT_TESTS += $(unit_tests)
