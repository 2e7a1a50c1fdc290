-- Fails when something that 0004_users.up.sql makes is missing.
select id, email, password_hash, full_name, timezone, created_at, updated_at, last_login,
       is_active, preferences, deleted_at, erased_at
  from tp.users
 where false;

select login, user_id, created_at
  from tp.login_users
 where false;

select 'tp.app_user_id()'::regprocedure;

select
  from tp.active_users
 where false;

do $$
declare
    missing text;
begin
    select string_agg(concat_ws(' ', w.kind, nullif(w.name, ''), 'of', w.tab), ', ')
      into missing
      from (values
               ('trigger', 'users_touch', 'tp.users'),
               ('policy', 'user_isolation', 'tp.users'),
               ('policy', 'service_all', 'tp.users'),
               ('policy', 'readonly_all', 'tp.users'),
               ('policy', 'user_isolation', 'tp.login_users'),
               ('policy', 'service_all', 'tp.login_users'),
               ('policy', 'readonly_all', 'tp.login_users'),
               ('index', 'users_email_live_key', 'tp.users'),
               ('index', 'users_created_at_idx', 'tp.users'),
               ('index', 'idx_users_deleted', 'tp.users'),
               ('index', 'login_users_user_idx', 'tp.login_users')
           ) as w (kind, name, tab)
     where not case w.kind
                   when 'trigger' then
                       exists (select
                                 from pg_catalog.pg_trigger t
                                where t.tgrelid = w.tab::regclass
                                  and t.tgname = w.name)
                   when 'policy' then
                       exists (select
                                 from pg_catalog.pg_policy p
                                where p.polrelid = w.tab::regclass
                                  and p.polname = w.name)
                   when 'index' then
                       exists (select
                                 from pg_catalog.pg_index i
                                where i.indrelid = w.tab::regclass
                                  and i.indexrelid = pg_catalog.to_regclass('tp.' || w.name)
                                  and i.indisvalid)
               end;
    if missing is not null then
        raise exception 'missing: %', missing;
    end if;
end
$$;

do $$
begin
    if exists (select
                 from pg_catalog.pg_class c
                where c.oid in ('tp.users'::regclass,
                                'tp.login_users'::regclass)
                  and (not c.relrowsecurity or c.relforcerowsecurity)) then
        raise exception 'row security is off or forced';
    end if;
end
$$;
