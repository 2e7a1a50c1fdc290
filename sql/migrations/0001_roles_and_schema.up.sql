-- Phase 1. The four roles and the schema.
-- Nobody logs in as these roles: logins are members and the programs run "set role".
-- Roles belong to the whole server, so the way down leaves them (other databases may use them).
-- Run by a superuser, or by the database owner where the roles exist or createrole is held.
do $$
declare
    wanted constant name[] := array['tp_owner', 'tp_app', 'tp_service', 'tp_readonly'];
    me constant regrole := quote_ident(current_user)::regrole;
    super constant boolean := (select r.rolsuper from pg_catalog.pg_roles r where r.oid = me);
    -- 16 split membership from the right to "set role"; 15 knows membership only
    split constant boolean := current_setting('server_version_num')::integer >= 160000;
    wanted_role name;
    granted boolean;
begin
    foreach wanted_role in array wanted loop
        if not exists (select from pg_catalog.pg_roles r where r.rolname = wanted_role) then
            begin
                execute format('create role %I nologin', wanted_role);
            exception
                when duplicate_object or unique_violation then
                    null; -- another database of this server made it in the same moment
            end;
        end if;

        -- a superuser has every right, so for one the membership itself is looked up
        if super then
            granted := exists (select
                                 from pg_catalog.pg_auth_members m
                                where m.roleid = quote_ident(wanted_role)::regrole
                                  and m.member = me);
        elsif split then
            granted := pg_catalog.pg_has_role(me, wanted_role, 'SET');
        else
            granted := pg_catalog.pg_has_role(me, wanted_role, 'MEMBER');
        end if;
        if granted or wanted_role = current_user then
            continue;
        end if;
        if split then
            execute format('grant %I to current_user with set true', wanted_role);
        else
            execute format('grant %I to current_user', wanted_role);
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
