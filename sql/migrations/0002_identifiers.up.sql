-- Phase 1. UUID version 7 (RFC 9562) and the trigger function that stamps updated_at.
-- plpgsql on purpose: an inlinable SQL body is expanded again by the planner for the check of every
-- partition at each plan of a foreign key check, which costs twice as much.
set local role tp_owner;

create function tp.uuid_v7_time(id uuid)
returns timestamptz
language plpgsql
immutable
strict
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    b constant bytea := uuid_send(id);
begin
    return to_timestamp(((get_byte(b, 0)::bigint << 40)
                       | (get_byte(b, 1)::bigint << 32)
                       | (get_byte(b, 2)::bigint << 24)
                       | (get_byte(b, 3)::bigint << 16)
                       | (get_byte(b, 4)::bigint << 8)
                       |  get_byte(b, 5)::bigint)::double precision / 1000);
end
$$;

create function tp.uuid_v7_at(at timestamptz)
returns uuid
language plpgsql
volatile
strict
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    us constant bigint := floor(extract(epoch from at) * 1000000)::bigint;
begin
    -- 48 bits of ms, version 7, 12 bits of the fraction of a ms (RFC 9562 6.2 method 3), 64 random bits
    return encode(overlay(uuid_send(gen_random_uuid())
                  placing int8send(((us / 1000) << 16) | 28672 | ((us % 1000) * 4096 / 1000))
                     from 1 for 8), 'hex')::uuid;
end
$$;

create function tp.uuid_v7()
returns uuid
language plpgsql
volatile
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
    return tp.uuid_v7_at(clock_timestamp());
end
$$;

-- 18 and later have a native generator.
do $do$
begin
    if current_setting('server_version_num')::integer >= 180000 then
        execute $sql$
            create or replace function tp.uuid_v7()
            returns uuid
            language plpgsql
            volatile
            parallel safe
            set search_path = pg_catalog, pg_temp
            as $$ begin return pg_catalog.uuidv7(); end $$
        $sql$;
    end if;
end
$do$;

create function tp.touch_updated_at()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    new.updated_at := clock_timestamp();
    return new;
end
$$;

comment on function tp.uuid_v7_time(uuid) is
    'Millisecond time inside a UUID version 7. Stored in generated columns, checks and '
    'partition keys: what it returns must never change.';

comment on function tp.uuid_v7_at(timestamptz) is
    'A new UUID version 7 whose time is the given one: 48 bits of milliseconds, 12 bits of '
    'the fraction, the rest random.';

comment on function tp.uuid_v7() is 'A new UUID version 7 of this moment; ids of one session rise.';

comment on function tp.touch_updated_at() is
    'Trigger function: stamps updated_at with the clock, also inside a long transaction.';

reset role;
