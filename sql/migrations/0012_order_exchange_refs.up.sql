-- Phase 2. Uniqueness of the venue's order ids across partitions, and the way from a fill to its order.
-- A conditional order has two ids at some venues: the algo order's and, once triggered, the order's.
set local role tp_owner;

create table tp.order_exchange_refs (
    user_id uuid not null,
    exchange_id integer not null,
    symbol varchar(80) not null,
    kind varchar(5) not null,
    exchange_order_id varchar(64) not null,
    order_id uuid not null,
    constraint order_exchange_refs_pkey primary key (user_id, exchange_id, symbol, kind, exchange_order_id),
    constraint order_exchange_refs_kind_check check (kind in ('ORDER', 'ALGO'))
);
create index order_exchange_refs_order_idx on tp.order_exchange_refs (order_id);

create function tp.order_exchange_ref()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'UPDATE'
       and (old.user_id, old.exchange_id, old.symbol, old.exchange_order_id, old.exchange_algo_id)
           is not distinct from
           (new.user_id, new.exchange_id, new.symbol, new.exchange_order_id, new.exchange_algo_id) then
        return null;
    end if;
    if tg_op <> 'INSERT' then
        delete from tp.order_exchange_refs r
         where r.user_id = old.user_id
           and r.exchange_id = old.exchange_id
           and r.symbol = old.symbol
           and r.order_id = old.id;
    end if;
    if tg_op <> 'DELETE' then
        insert into tp.order_exchange_refs (user_id, exchange_id, symbol, kind, exchange_order_id, order_id)
        select new.user_id, new.exchange_id, new.symbol, v.kind, v.exchange_order_id, new.id
          from (values ('ORDER', new.exchange_order_id), ('ALGO', new.exchange_algo_id))
               as v (kind, exchange_order_id)
         where v.exchange_order_id is not null;
    end if;
    return null;
end
$$;
revoke execute on function tp.order_exchange_ref() from public;

create trigger orders_exchange_ref_insert
 after insert on tp.orders
   for each row
  when (new.exchange_order_id is not null or new.exchange_algo_id is not null)
       execute function tp.order_exchange_ref();
create trigger orders_exchange_ref_update
 after update of user_id, exchange_id, symbol, exchange_order_id, exchange_algo_id on tp.orders
   for each row
       execute function tp.order_exchange_ref();
create trigger orders_exchange_ref_delete
 after delete on tp.orders
   for each row
  when (old.exchange_order_id is not null or old.exchange_algo_id is not null)
       execute function tp.order_exchange_ref();

alter table tp.order_exchange_refs enable row level security;
create policy user_isolation on tp.order_exchange_refs
    to tp_app
 using (user_id = (select tp.app_user_id()))
  with check (user_id = (select tp.app_user_id()));
create policy service_all on tp.order_exchange_refs
    to tp_service
 using (true)
  with check (true);
create policy readonly_all on tp.order_exchange_refs
   for select
    to tp_readonly
 using (true);

grant select on tp.order_exchange_refs to tp_app, tp_service, tp_readonly;

comment on table tp.order_exchange_refs is
    'The venue''s ids of orders: unique across partitions, and the way from a fill to its '
    'order. Kept by triggers on orders.';
comment on column tp.order_exchange_refs.user_id is 'Owner of the order.';
comment on column tp.order_exchange_refs.exchange_id is 'The venue.';
comment on column tp.order_exchange_refs.symbol is
    'The instrument; some venues number orders per symbol.';
comment on column tp.order_exchange_refs.kind is
    'ORDER, or ALGO for the id of a conditional order.';
comment on column tp.order_exchange_refs.exchange_order_id is 'The venue''s id.';
comment on column tp.order_exchange_refs.order_id is
    'The order; its time inside leads to the partition.';

comment on function tp.order_exchange_ref() is
    'Trigger function: keeps order_exchange_refs as the ids of an order come and change. A '
    'taken id is refused with SQLSTATE 23505.';

reset role;
