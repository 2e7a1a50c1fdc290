-- Phase 1. The four roles and the schema.
-- Nobody logs in as these roles: logins are members and the programs run "set role".
-- Roles belong to the whole server, so the way down leaves them (other databases may use them).
-- Run by a superuser, or by the database owner where the roles exist or createrole is held.
do $$
declare
    wanted constant text[] := array['tp_owner', 'tp_app', 'tp_service', 'tp_readonly'];
    -- 16 split membership from the right to "set role"; 15 knows membership only
    split constant boolean := current_setting('server_version_num')::integer >= 160000;
    role_name text;
begin
    foreach role_name in array wanted loop
        if not exists (select from pg_catalog.pg_roles r where r.rolname = role_name) then
            begin
                execute format('create role %I nologin', role_name);
            exception
                when duplicate_object or unique_violation then
                    null; -- another database of this server made it in the same moment
            end;
        end if;
        if role_name = current_user
           or (not (select r.rolsuper from pg_catalog.pg_roles r where r.rolname = current_user)
               and pg_catalog.pg_has_role(current_user, role_name, case when split then 'SET' else 'MEMBER' end))
           or exists (select
                        from pg_catalog.pg_auth_members m
                       where m.roleid = role_name::regrole
                         and m.member = current_user::regrole
                         and (select r.rolsuper from pg_catalog.pg_roles r where r.rolname = current_user)) then
            continue;
        end if;
        if split then
            execute format('grant %I to current_user with set true', role_name);
        else
            execute format('grant %I to current_user', role_name);
        end if;
    end loop;
end
$$;

-- The migration history may have made the schema before the first file ran.
create schema if not exists tp authorization tp_owner;
alter schema tp owner to tp_owner;
grant usage on schema tp to tp_app, tp_service, tp_readonly;

comment on schema tp is
    'Trading platform: prices, strategies, backtests, bots, orders, positions, risk, alerts, events. '
    'Money is numeric with eight places, times are timestamptz in UTC, percent columns say so.';
