-- Soft delete, restore and erasure of a user with everything that belongs to the person.
set local role tp_owner;

create or replace function tp.soft_delete_user(p_user uuid)
returns timestamptz
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- one time for the whole family: restore finds by it what this call deleted
    v_at constant timestamptz := now();
begin
    update tp.users set deleted_at = v_at, is_active = false where id = p_user and deleted_at is null;
    if not found then
        return null;
    end if;
    update tp.bots set deleted_at = v_at, status = 'stopped' where user_id = p_user and deleted_at is null;
    update tp.strategies set deleted_at = v_at where user_id = p_user and deleted_at is null;
    update tp.api_connections
       set deleted_at = v_at, status = 'INACTIVE'
     where user_id = p_user
       and deleted_at is null;
    update tp.database_configs
       set deleted_at = v_at, status = 'INACTIVE'
     where user_id = p_user
       and deleted_at is null;
    update tp.risk_limits set deleted_at = v_at where user_id = p_user and deleted_at is null;
    update tp.backtests set deleted_at = v_at where user_id = p_user and deleted_at is null;
    update tp.alerts set status = 'DISABLED' where user_id = p_user and status = 'ACTIVE';
    return v_at;
end
$$;

-- Answers with SQLSTATE 23505 when the e-mail address was registered again meanwhile.
create or replace function tp.restore_user(p_user uuid)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_at timestamptz;
begin
    select u.deleted_at
      into v_at
      from tp.users u
     where u.id = p_user
       and u.deleted_at is not null
       and u.erased_at is null
       for update;
    if not found then
        return false;
    end if;
    update tp.users set deleted_at = null, is_active = true where id = p_user;
    update tp.bots set deleted_at = null where user_id = p_user and deleted_at = v_at;
    update tp.strategies set deleted_at = null where user_id = p_user and deleted_at = v_at;
    update tp.api_connections set deleted_at = null where user_id = p_user and deleted_at = v_at;
    update tp.database_configs set deleted_at = null where user_id = p_user and deleted_at = v_at;
    update tp.risk_limits set deleted_at = null where user_id = p_user and deleted_at = v_at;
    update tp.backtests set deleted_at = null where user_id = p_user and deleted_at = v_at;
    return true;
end
$$;

-- The books stay, as tax law wants; everything that names the person goes. Cannot be undone.
create or replace function tp.erase_user(p_user uuid)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (select
                 from tp.legal_holds h
                where h.user_id = p_user
                  and h.released_at is null
                  for share) then
        raise exception using
            errcode = 'restrict_violation',
            message = format('user %s is under a legal hold', p_user);
    end if;
    perform tp.soft_delete_user(p_user);
    delete from tp.alert_deliveries where user_id = p_user;
    delete from tp.alerts where user_id = p_user;
    delete from tp.event_queue where user_id = p_user;
    delete from tp.database_configs where user_id = p_user;
    delete from tp.backtests where user_id = p_user;
    delete from tp.strategy_transcripts where user_id = p_user;
    delete from tp.strategy_scores where user_id = p_user;
    delete from tp.signals where user_id = p_user;
    delete from tp.job_runs where user_id = p_user;
    delete from tp.login_users where user_id = p_user;
    update tp.api_connections
       set api_key_encrypted = 'gAAAAA',
           api_secret_encrypted = 'gAAAAA',
           passphrase_encrypted = null,
           last_test_result = null
     where user_id = p_user;
    update tp.strategies
       set name = id::text,
           description = null,
           parameters = '{}',
           content_sha256 = null,
           backtest_summary = null,
           is_public = false
     where user_id = p_user;
    update tp.bots
       set name = id::text,
           config = '{}',
           performance_stats = '{}'
     where user_id = p_user;
    update tp.bot_state set strategy_state = '{}' where user_id = p_user;
    update tp.orders set metadata = '{}' where user_id = p_user and metadata <> '{}';
    update tp.trades set metadata = '{}' where user_id = p_user and metadata <> '{}';
    update tp.risk_halts set reason = 'erased', halted_by = 'erased' where user_id = p_user;
    update tp.risk_halts set resumed_by = 'erased' where user_id = p_user and resumed_at is not null;
    update tp.users
       set email = 'erased+' || id || '@invalid',
           password_hash = '!',
           full_name = null,
           timezone = 'UTC',
           preferences = '{}',
           last_login = null,
           is_active = false,
           deleted_at = coalesce(deleted_at, now()),
           erased_at = now()
     where id = p_user
       and erased_at is null;
    return found;
end
$$;

revoke execute on function tp.soft_delete_user(uuid) from public;
revoke execute on function tp.restore_user(uuid) from public;
revoke execute on function tp.erase_user(uuid) from public;
grant execute on function tp.soft_delete_user(uuid) to tp_service;
grant execute on function tp.restore_user(uuid) to tp_service;
grant execute on function tp.erase_user(uuid) to tp_service;

comment on function tp.soft_delete_user(uuid) is
    'Soft-deletes a user and children with one time, which it returns; null when there is no '
    'such live user.';

comment on function tp.restore_user(uuid) is
    'Takes back a soft delete: the user and what that call deleted. False when there is '
    'nothing to restore; SQLSTATE 23505 when the address is taken.';

comment on function tp.erase_user(uuid) is
    'Empties everything that names the person and keeps the books. Refused under a legal '
    'hold; cannot be undone. False when already erased.';

reset role;
