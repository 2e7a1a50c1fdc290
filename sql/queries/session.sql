-- name: session_user_set (text)
-- Names the acting user for row security until the end of the transaction.
select set_config('app.user_id', coalesce($1, ''), true);

-- name: session_snapshot ()
-- The name by which another transaction can see what this one does.
select pg_export_snapshot() as snapshot;
