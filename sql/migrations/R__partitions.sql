-- Making partitions. Nothing here drops one: that is the work of tp-cleanup.
set local role tp_owner;

create or replace function tp.partition_floor(at timestamptz, step interval)
returns timestamptz
language sql
immutable
strict
parallel safe
set search_path = pg_catalog, pg_temp
as $$
    select date_trunc(case step
                          when interval '1 day' then 'day'
                          when interval '7 days' then 'week'
                          when interval '1 month' then 'month'
                          when interval '3 months' then 'quarter'
                      end, at at time zone 'UTC') at time zone 'UTC'
$$;

-- "like" and "attach" take share update exclusive on the parent; "create table ... partition of" takes
-- access exclusive and can deadlock with writers through the foreign keys.
create or replace function tp.ensure_partitions(
    p_parent regclass,
    p_from timestamptz,
    p_to timestamptz,
    p_limit integer default 600)
returns integer
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
declare
    v_step interval;
    v_schema name;
    v_name name;
    v_leaf text;
    v_lower timestamptz;
    v_upper timestamptz;
    v_made integer := 0;
begin
    select p.step
      into v_step
      from tp.partition_policies p
     where p.parent = p_parent;
    if not found then
        raise exception using
            errcode = 'undefined_object',
            message = format('no partition policy for %s', p_parent);
    end if;
    if p_from < timestamptz '1970-01-01' or p_to > now() + interval '2 years' or p_from > p_to then
        raise exception using
            errcode = 'invalid_parameter_value',
            message = format('partition range %s to %s of %s is out of bounds', p_from, p_to, p_parent),
            hint = 'partitions reach from 1970 to two years from now';
    end if;

    select s.nspname, c.relname
      into v_schema, v_name
      from pg_class c
      join pg_namespace s
        on s.oid = c.relnamespace
     where c.oid = p_parent;

    v_lower := tp.partition_floor(p_from, v_step);
    while v_lower <= p_to and v_made < p_limit loop
        v_upper := ((v_lower at time zone 'UTC') + v_step) at time zone 'UTC';
        v_leaf := v_name || to_char(v_lower, '"_p"YYYYMMDD');
        if to_regclass(format('%I.%I', v_schema, v_leaf)) is null then
            if v_made = 0 then
                -- Two makers of the same leaf wait for each other, then the later one looks again. An
                -- advisory lock would not do: only a relation's lock makes the session read what others
                -- have done to the catalog meanwhile.
                execute format('lock table %s in share update exclusive mode', p_parent);
            end if;
            if to_regclass(format('%I.%I', v_schema, v_leaf)) is null then
                execute format('create table %I.%I (like %s including all)', v_schema, v_leaf, p_parent);
                execute format('alter table %s attach partition %I.%I for values from (%L) to (%L)',
                               p_parent, v_schema, v_leaf, v_lower, v_upper);
                -- no policy on a leaf: read directly it shows nothing
                execute format('alter table %I.%I enable row level security', v_schema, v_leaf);
                v_made := v_made + 1;
            end if;
        end if;
        v_lower := v_upper;
    end loop;
    return v_made;
end
$$;

create or replace function tp.premake_partitions()
returns table (parent regclass, created integer)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select p.parent,
           tp.ensure_partitions(p.parent, now(), now() + p.step * p.premake)
      from tp.partition_policies p
     order by p.parent::text
$$;

revoke execute on function tp.ensure_partitions(regclass, timestamptz, timestamptz, integer) from public;
revoke execute on function tp.premake_partitions() from public;
grant execute
   on function tp.ensure_partitions(regclass, timestamptz, timestamptz, integer)
   to tp_app, tp_service;
grant execute on function tp.premake_partitions() to tp_service;

comment on function tp.partition_floor(timestamptz, interval) is
    'Start of the partition that holds a moment, for a step of partition_policies, in UTC.';

comment on function tp.ensure_partitions(regclass, timestamptz, timestamptz, integer) is
    'Makes the missing partitions of a table from p_from to p_to inclusive, at most p_limit '
    'in a call, and returns how many; call again while it returns p_limit. Refuses ranges '
    'before 1970 or beyond two years from now.';

comment on function tp.premake_partitions() is
    'Makes the partitions that partition_policies wants ahead of now; returns how many per '
    'table.';

reset role;
