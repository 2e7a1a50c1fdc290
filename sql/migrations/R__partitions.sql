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

-- A partition that is not there yet is loaded as a table of its own, without indexes and foreign keys, and
-- attached when it is full: building both at once is several times as fast as row by row.
create or replace function tp.load_partition_begin(
    p_parent regclass,
    p_at timestamptz,
    out parent regclass,
    out upper_bound timestamptz,
    out load text)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
declare
    v_step interval;
    v_schema name;
    v_name name;
    v_lower timestamptz;
begin
    select p.step, s.nspname, c.relname
      into v_step, v_schema, v_name
      from tp.partition_policies p
      join pg_class c
        on c.oid = p.parent
      join pg_namespace s
        on s.oid = c.relnamespace
     where p.parent = p_parent;
    if not found then
        raise exception using
            errcode = 'undefined_object',
            message = format('no partition policy for %s', p_parent);
    end if;
    if p_at < timestamptz '1970-01-01' or p_at > now() + interval '2 years' then
        raise exception using
            errcode = 'invalid_parameter_value',
            message = format('%s is out of bounds for %s', p_at, p_parent),
            hint = 'partitions reach from 1970 to two years from now';
    end if;
    parent := p_parent;
    v_lower := tp.partition_floor(p_at, v_step);
    upper_bound := ((v_lower at time zone 'UTC') + v_step) at time zone 'UTC';
    if to_regclass(format('%I.%I', v_schema, v_name || to_char(v_lower, '"_p"YYYYMMDD'))) is null then
        load := format('%s_load_%s_%s', v_name, to_char(v_lower, 'YYYYMMDD'), pg_backend_pid());
        execute format('create table %I.%I (like %s including all excluding indexes)', v_schema, load, p_parent);
        execute format('grant insert on %I.%I to tp_service', v_schema, load);
    end if;
end
$$;

create or replace function tp.load_partition_end(p_parent regclass, p_at timestamptz, p_load text)
returns void
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
begin
    select p.step, s.nspname, c.relname
      into v_step, v_schema, v_name
      from tp.partition_policies p
      join pg_class c
        on c.oid = p.parent
      join pg_namespace s
        on s.oid = c.relnamespace
     where p.parent = p_parent;
    if not found or p_load !~ format('^%s_load_\d{8}_%s$', v_name, pg_backend_pid()) then
        raise exception using
            errcode = 'invalid_parameter_value',
            message = format('%s is no loaded table of %s', p_load, p_parent);
    end if;
    v_lower := tp.partition_floor(p_at, v_step);
    v_leaf := v_name || to_char(v_lower, '"_p"YYYYMMDD');
    execute format('lock table %s in share update exclusive mode', p_parent);
    if to_regclass(format('%I.%I', v_schema, v_leaf)) is null then
        execute format('revoke insert on %I.%I from tp_service', v_schema, p_load);
        execute format('alter table %I.%I rename to %I', v_schema, p_load, v_leaf);
        execute format('alter table %s attach partition %I.%I for values from (%L) to (%L)',
                       p_parent, v_schema, v_leaf, v_lower,
                       ((v_lower at time zone 'UTC') + v_step) at time zone 'UTC');
        execute format('alter table %I.%I enable row level security', v_schema, v_leaf);
    else
        -- another import made it meanwhile
        execute format('insert into %s select * from %I.%I', p_parent, v_schema, p_load);
        execute format('drop table %I.%I', v_schema, p_load);
    end if;
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
revoke execute on function tp.load_partition_begin(regclass, timestamptz) from public;
revoke execute on function tp.load_partition_end(regclass, timestamptz, text) from public;
grant execute on function tp.premake_partitions() to tp_service;
grant execute on function tp.load_partition_begin(regclass, timestamptz) to tp_service;
grant execute on function tp.load_partition_end(regclass, timestamptz, text) to tp_service;

comment on function tp.partition_floor(timestamptz, interval) is
    'Start of the partition that holds a moment, for a step of partition_policies, in UTC.';

comment on function tp.ensure_partitions(regclass, timestamptz, timestamptz, integer) is
    'Makes the missing partitions of a table from p_from to p_to inclusive, at most p_limit '
    'in a call, and returns how many; call again while it returns p_limit. Refuses ranges '
    'before 1970 or beyond two years from now.';

comment on function tp.load_partition_begin(regclass, timestamptz) is
    'The end of the partition that holds a moment, and, when there is none yet, the name of a '
    'new table beside the parent to load it into within this transaction.';

comment on function tp.load_partition_end(regclass, timestamptz, text) is
    'Makes a loaded table the partition that holds a moment; when another transaction made '
    'that partition first, its rows go there.';

comment on function tp.premake_partitions() is
    'Makes the partitions that partition_policies wants ahead of now; returns how many per '
    'table.';

reset role;
