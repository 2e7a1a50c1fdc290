# One line per file of statements.
TP_QUERIES += sql/queries/session.sql
TP_QUERIES += sql/queries/catalog.sql
TP_QUERIES += sql/queries/user.sql
TP_QUERIES += sql/queries/backtest.sql
TP_QUERIES += sql/queries/migration.sql
TP_QUERIES += sql/queries/partition.sql
TP_QUERIES += sql/queries/exchange.sql
TP_QUERIES += sql/queries/symbol.sql
TP_QUERIES += sql/queries/candle.sql
TP_QUERIES += sql/queries/strategy.sql
TP_QUERIES += sql/queries/doctor.sql
TP_QUERIES += sql/queries/reference.sql
