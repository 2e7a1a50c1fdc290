-- Phase 3. Strategies, and the rule that a private one of another user cannot be referred to.
set local role tp_owner;

create table tp.strategies (
    id uuid not null default tp.uuid_v7(),
    user_id uuid not null,
    name varchar(255) not null,
    type varchar(20) not null,
    parameters jsonb not null default '{}',
    description text,
    version varchar(32) not null default '1.0.0',
    content_sha256 varchar(64),
    backtest_summary jsonb,
    is_public boolean not null default false,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    constraint strategies_pkey primary key (id),
    constraint strategies_user_fk foreign key (user_id) references tp.users (id),
    constraint strategies_name_check check (name <> ''),
    constraint strategies_type_check check (type in ('technical', 'ml', 'hybrid', 'arbitrage')),
    constraint strategies_parameters_check check (jsonb_typeof(parameters) = 'object'),
    constraint strategies_sha256_check check (content_sha256 ~ '^[0-9a-f]{64}$'),
    constraint strategies_version_check check (version ~ '^\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?$')
);
create unique index strategies_name_live_key on tp.strategies (user_id, name, version)
 where deleted_at is null;
create index strategies_type_idx on tp.strategies (type) where deleted_at is null;
create index strategies_public_idx on tp.strategies (type, id) where is_public and deleted_at is null;
create index strategies_content_idx on tp.strategies (user_id, content_sha256) where deleted_at is null;
create index idx_strategies_deleted on tp.strategies (deleted_at) where deleted_at is not null;

-- Foreign key checks do not see row security, so a plain one would accept a strategy nobody may read.
create function tp.check_strategy_visible()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (select
                     from tp.strategies s
                    where s.id = new.strategy_id
                      and (s.user_id = new.user_id or s.is_public)) then
        raise exception using
            errcode = 'foreign_key_violation',
            message = format('strategy %s does not exist', new.strategy_id);
    end if;
    return new;
end
$$;

create trigger strategies_touch
before update on tp.strategies
   for each row
       execute function tp.touch_updated_at();

alter table tp.strategies enable row level security;
create policy user_isolation on tp.strategies
    to tp_app
 using (user_id = (select tp.app_user_id()))
  with check (user_id = (select tp.app_user_id()));
create policy service_all on tp.strategies
    to tp_service
 using (true)
  with check (true);
create policy readonly_all on tp.strategies
   for select
    to tp_readonly
 using (true);

create policy public_strategies on tp.strategies
   for select
    to tp_app
 using (is_public and deleted_at is null);
create view tp.active_strategies
  with (security_invoker = true)
    as
select id,
       user_id,
       name,
       type,
       parameters,
       description,
       version,
       content_sha256,
       backtest_summary,
       is_public,
       created_at,
       updated_at,
       deleted_at
  from tp.strategies
 where deleted_at is null;

grant select, insert, update on tp.strategies to tp_app;
grant select, insert, update, delete on tp.strategies to tp_service;
grant select on tp.strategies to tp_readonly;
grant select on tp.active_strategies to tp_app, tp_service;

comment on table tp.strategies is
    'Strategies in their declarative form. Public ones can be read by every user.';
comment on column tp.strategies.id is 'UUID version 7.';
comment on column tp.strategies.user_id is 'Owner.';
comment on column tp.strategies.name is
    'Name; unique with version among the owner''s live strategies.';
comment on column tp.strategies.type is 'technical, ml, hybrid or arbitrage.';
comment on column tp.strategies.parameters is 'The strategy itself, a JSON object.';
comment on column tp.strategies.description is 'For people.';
comment on column tp.strategies.version is
    'Semantic version; stored built-ins carry +<first 8 hex of the hash>.';
comment on column tp.strategies.content_sha256 is
    'SHA-256 in hex of the canonical form of parameters; finds an equal strategy again.';
comment on column tp.strategies.backtest_summary is
    'Figures of the backtest it was published with.';
comment on column tp.strategies.is_public is 'Readable and usable by every user.';
comment on column tp.strategies.created_at is 'When it was added.';
comment on column tp.strategies.updated_at is 'Stamped by trigger at every change.';
comment on column tp.strategies.deleted_at is 'Soft delete; null while live.';

comment on function tp.check_strategy_visible() is
    'Trigger function: refuses a reference to a strategy that is neither the user''s own nor '
    'public (SQLSTATE 23503).';

comment on view tp.active_strategies is
    'The rows of strategies that are not soft-deleted, under the row security of the reader.';

reset role;
