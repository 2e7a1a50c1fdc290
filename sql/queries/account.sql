-- name: account_list (uuid, text, text, text)
-- A user's accounts, oldest first; nulls match everything: id or name, venue, environment.
select a.id,
       a.user_id,
       e.code as exchange,
       a.environment,
       a.currency,
       a.name,
       a.position_mode,
       a.api_connection_id,
       a.bot_id,
       a.initial_balance,
       a.balance,
       a.cursor,
       a.settings,
       a.created_at
  from tp.accounts a
  join tp.exchanges e
    on e.id = a.exchange_id
 where a.user_id = $1
   and ($2::text is null or a.id::text = lower($2) or a.name = $2)
   and ($3::text is null or e.code = $3)
   and ($4::text is null or a.environment = $4)
 order by a.created_at, a.id;

-- name: account_add (uuid, uuid, text, text, text, text, text, numeric, jsonb, timestamptz, uuid)
-- Opens an account and books what it is opened with: id, user, venue, environment, currency, name, position
-- mode, initial balance, settings, time, id of the first deposit. No row when the venue is unknown.
with opened as (
    insert into tp.accounts (id, user_id, exchange_id, environment, currency, name, position_mode,
                             initial_balance, settings, created_at)
    select $1,
           $2,
           e.id,
           $4,
           $5,
           $6,
           $7,
           $8,
           $9,
           $10
      from tp.exchanges e
     where e.code = $3
    returning id, user_id, initial_balance, created_at
), paid as (
    insert into tp.ledger_entries (id, user_id, account_id, at, kind, amount)
    select $11,
           o.user_id,
           o.id,
           o.created_at,
           'DEPOSIT',
           o.initial_balance
      from opened o
     where o.initial_balance > 0
)
select id
  from opened;

-- name: ledger_insert (jsonb)
-- Books movements of accounts, an array of records; one whose id is there already is left out.
insert into tp.ledger_entries (id, user_id, account_id, at, kind, amount, trade_id, position_id)
select coalesce(r.id, tp.uuid_v7()),
       r.user_id,
       r.account_id,
       r.at,
       r.kind,
       r.amount,
       r.trade_id,
       r.position_id
  from jsonb_array_elements($1) with ordinality as j (value, n)
 cross join lateral jsonb_to_record(j.value)
    as r (id uuid, user_id uuid, account_id uuid, at timestamptz, kind text, amount numeric, trade_id uuid,
          position_id uuid)
 order by j.n
    on conflict (id) do nothing;

-- name: ledger_list (uuid, uuid, uuid, timestamptz, uuid, bigint)
-- Movements of a user's account, oldest first: of one id (null: all), behind that time and id.
select l.id,
       l.user_id,
       l.account_id,
       l.at,
       l.kind,
       l.amount,
       l.trade_id,
       l.position_id
  from tp.ledger_entries l
 where l.user_id = $1
   and l.account_id = $2
   and ($3::uuid is null or l.id = $3)
   and ($4::timestamptz is null or (l.at >= $4 and (l.at, l.id) > ($4, $5)))
 order by l.at, l.id
 limit $6;
