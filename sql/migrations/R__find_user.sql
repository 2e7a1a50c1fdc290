-- Finding the acting user before row security knows one.
set local role tp_owner;

-- Row security hides every user until one acts, so the look-up runs with the owner's rights. A bound
-- login is told about its own user only.
create or replace function tp.find_user(p_who text)
returns setof uuid
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
select u.id
  from tp.users u
 where u.deleted_at is null
   and u.is_active
   and (p_who is null or lower(u.email) = lower(p_who) or u.id::text = lower(p_who))
   and u.id = coalesce((select l.user_id
                          from tp.login_users l
                         where l.login = session_user), u.id)
 limit 2
$$;

revoke execute on function tp.find_user(text) from public;
grant execute on function tp.find_user(text) to tp_app, tp_service;

comment on function tp.find_user(text) is
    'Ids of the live, active users with that e-mail address or id; null finds anyone, at most '
    'two. A login bound in login_users finds its own user only.';

reset role;
