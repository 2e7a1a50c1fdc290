# The programs from outside; scenario.bats drives the fill engine with the cases of tests/scenario.
BATS_TESTS += tests/cli/common.bats
BATS_TESTS += tests/cli/tour.bats
BATS_TESTS += tests/cli/scenario.bats
BATS_TESTS += tests/cli/backtest.bats tests/cli/backtest-stream.bats
EXTRA_DIST += tests/cli/common.bats tests/cli/tour.bats tests/cli/scenario.bats tests/cli/backtest.bats tests/cli/backtest-stream.bats tests/scenario
BATS_TESTS += tests/cli/user.bats
BATS_TESTS += tests/cli/symbol.bats
EXTRA_DIST += tests/cli/user.bats tests/cli/symbol.bats
BATS_TESTS += tests/cli/tp.bats
EXTRA_DIST += tests/cli/tp.bats
BATS_TESTS += tests/cli/db.bats
EXTRA_DIST += tests/cli/db.bats
BATS_TESTS += tests/cli/bad-input.bats
EXTRA_DIST += tests/cli/bad-input.bats
BATS_TESTS += tests/cli/config.bats
EXTRA_DIST += tests/cli/config.bats
