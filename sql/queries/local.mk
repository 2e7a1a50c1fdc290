# One line per file of statements.
TP_QUERIES += sql/queries/session.sql
