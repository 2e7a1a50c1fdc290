-- name: session_user_set (text)
-- Names the acting user for row security until the end of the transaction.
select set_config('app.user_id', coalesce($1, ''), true);
