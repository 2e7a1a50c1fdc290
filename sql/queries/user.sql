-- name: user_find (text)
-- Ids of live users that may act: by address or id; null finds anyone, at most two.
select id
  from tp.find_user($1) as f (id);

-- name: user_add (text, text, text, text, jsonb)
-- A new user: address, bcrypt hash, name, zone (null: UTC), preferences (null: none).
insert into tp.users (email, password_hash, full_name, timezone, preferences)
values ($1, $2, $3, coalesce($4::text, 'UTC'), coalesce($5::jsonb, '{}'))
returning id, email, full_name, timezone, created_at, updated_at, last_login, is_active, preferences,
          deleted_at, erased_at;

-- name: user_list (text, boolean)
-- Users by address or id (null: everyone), oldest first: live ones (false), deleted ones (true), both (null).
select id, email, full_name, timezone, created_at, updated_at, last_login, is_active, preferences,
       deleted_at, erased_at
  from tp.users
 where ($1::text is null or lower(email) = lower($1) or id::text = lower($1))
   and ($2::boolean is null or (deleted_at is not null) = $2)
 order by created_at, id;

-- name: user_set (uuid, text, text, text, jsonb, boolean)
-- Changes what is not null.
update tp.users
   set email = coalesce($2, email),
       full_name = coalesce($3, full_name),
       timezone = coalesce($4, timezone),
       preferences = coalesce($5, preferences),
       is_active = coalesce($6, is_active)
 where id = $1
   and deleted_at is null
returning id, email, full_name, timezone, created_at, updated_at, last_login, is_active, preferences,
          deleted_at, erased_at;

-- name: user_hash_get (uuid)
select password_hash
  from tp.users
 where id = $1
   and deleted_at is null;

-- name: user_hash_set (uuid, text)
update tp.users
   set password_hash = $2
 where id = $1
   and deleted_at is null;

-- name: user_login_stamp (uuid)
update tp.users
   set last_login = now()
 where id = $1
   and deleted_at is null;

-- name: user_delete (uuid)
select tp.soft_delete_user($1) as deleted_at;

-- name: user_restore (uuid)
select tp.restore_user($1) as restored;

-- name: user_erase (uuid)
select tp.erase_user($1) as erased;

-- name: timezone_known (text)
select count(*) as n
  from pg_catalog.pg_timezone_names
 where name = $1;
