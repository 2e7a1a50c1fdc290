-- name: gate_lock (uuid, text)
-- Orders of a user in an environment come into being one transaction at a time: limits hold over all of
-- the user's bots and accounts together. A statement of its own, so that what is read next is read behind
-- the lock.
select pg_advisory_xact_lock(hashtextextended(concat_ws(' ', 'gate', $1::text, $2::text), 0)) as locked;

-- name: gate_state (uuid, text, text)
-- The user's live halts, and last a stamp of the limits, the sum of the accounts' revisions, and whether
-- the transaction that we raised them in ($3, null: none) was committed: while these are what they were,
-- nothing that limits measure has changed.
select h.account_id,
       h.bot_id,
       null::text as limits,
       null::bigint as revision,
       null::boolean as committed
  from tp.risk_halts h
 where h.user_id = $1
   and h.resumed_at is null
   and (h.environment is null or h.environment = $2)
 union all
select null,
       null,
       (select concat_ws(' ', count(*), max(r.updated_at))
          from tp.risk_limits r
         where r.user_id = $1
           and r.deleted_at is null
           and r.enabled),
       (select coalesce(sum(a.revision), 0)::bigint
          from tp.accounts a
         where a.user_id = $1
           and a.environment = $2),
       coalesce(pg_xact_status($3::text::xid8) = 'committed', $3 is null);

-- name: gate_exposure (uuid, text, timestamptz, timestamptz)
-- What is held and ordered per bot, instrument and side. Each notional is rounded up, and an order is
-- bounded as tp_order_bound does it. Orders of the day from $3 to $4 are counted unless these are null.
with mine as (
    select a.id,
           -- a paper account lives at the close of the last candle that it has met
           coalesce(case a.environment when 'PAPER' then a.cursor end, now()) as at
      from tp.accounts a
     where a.user_id = $1
       and a.environment = $2
), entry as (
    select o.bot_id,
           o.exchange_id,
           o.symbol,
           o.side,
           o.quantity - o.filled_quantity as rest,
           o.price,
           o.stop_price,
           o.side = 'LONG' and o.price is not null as bounded,
           m.at
      from mine m
      join tp.orders o
        on o.account_id = m.id
     where o.user_id = $1
       and o.status in ('PENDING', 'PARTIALLY_FILLED')
       and not o.reduce_only
), market as (
    select w.exchange_id,
           w.symbol,
           tp.last_close(w.exchange_id, w.symbol, w.at) as close
      from (select n.exchange_id,
                   n.symbol,
                   max(n.at) as at
              from entry n
             where not n.bounded
             group by n.exchange_id, n.symbol) as w
), part as (
    select p.bot_id,
           p.exchange_id,
           p.symbol,
           p.side,
           ceil(p.quantity * coalesce(p.mark_price, p.entry_price) * 100000000) / 100000000 as held,
           0 as ordered,
           1 as positions,
           0 as orders,
           0 as unpriced,
           0 as today
      from mine m
      join tp.positions p
        on p.account_id = m.id
     where p.user_id = $1
       and p.status = 'OPEN'
     union all
    select n.bot_id,
           n.exchange_id,
           n.symbol,
           n.side,
           0,
           coalesce(ceil(n.rest * b.price * 100000000) / 100000000, 0),
           0,
           1,
           (b.price is null)::integer,
           0
      from entry n
      left join market k
        on k.exchange_id = n.exchange_id
       and k.symbol = n.symbol
     cross join lateral (
               select case
                          when n.bounded then n.price
                          when k.close is not null then greatest(k.close, n.price, n.stop_price)
                      end as price
           ) as b
     union all
    select o.bot_id,
           o.exchange_id,
           o.symbol,
           o.side,
           0,
           0,
           0,
           0,
           0,
           1
      from tp.orders o
     where o.user_id = $1
       and o.environment = $2
       and o.created_at >= $3
       and o.created_at < $4
       and o.status <> 'REJECTED'
       and not o.reduce_only
)
select t.bot_id,
       e.code as exchange,
       t.symbol,
       t.side,
       sum(t.held)::numeric(28,8) as held,
       sum(t.ordered)::numeric(28,8) as ordered,
       sum(t.positions)::bigint as positions,
       sum(t.orders)::bigint as orders,
       sum(t.unpriced)::bigint as unpriced,
       sum(t.today)::bigint as today
  from part t
  join tp.exchanges e
    on e.id = t.exchange_id
 group by t.bot_id, e.code, t.symbol, t.side;

-- name: gate_money (uuid, text, date)
-- Loss of the UTC day, equity and its peak: of all the user's accounts in the environment (bot_id null),
-- and per bot with limits those of the account it trades on. A deposit is neither a gain nor the end of a
-- drawdown: it is added to what the equity was before.
with own as (
    select a.id,
           a.balance + coalesce((select sum(p.unrealized_pnl)
                                   from tp.positions p
                                  where p.account_id = a.id
                                    and p.user_id = a.user_id
                                    and p.status = 'OPEN'), 0) as equity,
           paid.total,
           before.last,
           before.marked_at
      from tp.accounts a
      left join lateral (
               select q.last,
                      q.marked_at
                 from tp.account_equity q
                where q.account_id = a.id
                  and q.date < $3
                order by q.date desc
                limit 1
           ) as before
        on true
     cross join lateral (
               select coalesce(sum(l.amount), 0) as total
                 from tp.ledger_entries l
                where l.account_id = a.id
                  and l.user_id = a.user_id
                  and l.kind in ('DEPOSIT', 'ADJUST')
           ) as paid
     where a.user_id = $1
       and a.environment = $2
), account as (
    select o.id,
           o.equity,
           -- an account without an earlier day began with what was paid in
           coalesce(o.last + (select coalesce(sum(l.amount), 0)
                                from tp.ledger_entries l
                               where l.account_id = o.id
                                 and l.kind in ('DEPOSIT', 'ADJUST')
                                 and l.at > o.marked_at), o.total) - o.equity as daily_loss,
           greatest(o.total, (select max(q.high + (select coalesce(sum(l.amount), 0)
                                                     from tp.ledger_entries l
                                                    where l.account_id = o.id
                                                      and l.kind in ('DEPOSIT', 'ADJUST')
                                                      and l.at > q.marked_at))
                                from tp.account_equity q
                               where q.account_id = o.id)) as peak
      from own o
)
select null::uuid as bot_id,
       coalesce(sum(c.daily_loss), 0)::numeric(28,8) as daily_loss,
       coalesce(sum(c.equity), 0)::numeric(28,8) as equity,
       coalesce(sum(c.peak), 0)::numeric(28,8) as peak
  from account c
 union all
select b.id,
       c.daily_loss::numeric(28,8),
       c.equity::numeric(28,8),
       c.peak::numeric(28,8)
  from account c
  join tp.bots b
    on b.account_id = c.id
 where b.user_id = $1
   and exists (select
                 from tp.risk_limits r
                where r.bot_id = b.id
                  and r.user_id = $1
                  and r.deleted_at is null);

-- name: gate_market (jsonb)
-- The last close of instruments at their times, in the order given; null where there is none.
select tp.last_close(e.id, r.symbol, r.at) as close
  from jsonb_array_elements($1) with ordinality as j (value, n)
 cross join lateral jsonb_to_record(j.value) as r (exchange text, symbol text, at timestamptz)
  left join tp.exchanges e
    on e.code = r.exchange
 order by j.n;
