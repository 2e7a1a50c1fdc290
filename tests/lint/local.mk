# Rules about the source itself, as tests.
LINT_TESTS = tests/lint/layers.sh tests/lint/banned-words.sh tests/lint/shell.sh tests/lint/docs.sh
EXTRA_DIST += $(LINT_TESTS)
