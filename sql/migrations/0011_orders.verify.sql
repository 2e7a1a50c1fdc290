-- Fails when something that 0011_orders.up.sql makes is missing.
select id, created_at, user_id, account_id, environment, position_id, position_opened_at,
       parent_order_id, parent_order_created_at, group_id, bot_id, api_connection_id,
       exchange_id, symbol, side, reduce_only, order_type, quantity, filled_quantity,
       avg_fill_price, price, stop_price, working_type, callback_rate, trail_distance,
       activation_price, leverage, margin_mode, position_mode, time_in_force, expires_at,
       stop_loss, take_profit, status, submit_state, reject_reason, exchange_order_id,
       exchange_algo_id, metadata, updated_at, filled_at, cancelled_at, deleted_at
  from tp.orders
 where false;

select
  from tp.active_orders
 where false;

do $$
declare
    missing text;
begin
    select string_agg(concat_ws(' ', w.kind, nullif(w.name, ''), 'of', w.tab), ', ')
      into missing
      from (values
               ('partition policy', '', 'tp.orders'),
               ('trigger', 'orders_touch', 'tp.orders'),
               ('policy', 'user_isolation', 'tp.orders'),
               ('policy', 'service_all', 'tp.orders'),
               ('policy', 'readonly_all', 'tp.orders'),
               ('index', 'idx_orders_user_symbol_exchange', 'tp.orders'),
               ('index', 'idx_orders_status_time', 'tp.orders'),
               ('index', 'idx_orders_pending', 'tp.orders'),
               ('index', 'orders_account_open_idx', 'tp.orders'),
               ('index', 'idx_orders_deleted', 'tp.orders'),
               ('index', 'orders_position_idx', 'tp.orders'),
               ('index', 'orders_parent_idx', 'tp.orders'),
               ('index', 'orders_group_idx', 'tp.orders'),
               ('index', 'orders_bot_idx', 'tp.orders')
           ) as w (kind, name, tab)
     where not case w.kind
                   when 'trigger' then
                       exists (select
                                 from pg_catalog.pg_trigger t
                                where t.tgrelid = w.tab::regclass
                                  and t.tgname = w.name)
                   when 'policy' then
                       exists (select
                                 from pg_catalog.pg_policy p
                                where p.polrelid = w.tab::regclass
                                  and p.polname = w.name)
                   when 'partition policy' then
                       exists (select
                                 from tp.partition_policies p
                                where p.parent = w.tab::regclass)
                   when 'index' then
                       exists (select
                                 from pg_catalog.pg_index i
                                where i.indrelid = w.tab::regclass
                                  and i.indexrelid = pg_catalog.to_regclass('tp.' || w.name)
                                  and i.indisvalid)
               end;
    if missing is not null then
        raise exception 'missing: %', missing;
    end if;
end
$$;

do $$
begin
    if exists (select
                 from pg_catalog.pg_class c
                where c.oid in ('tp.orders'::regclass)
                  and (not c.relrowsecurity or c.relforcerowsecurity)) then
        raise exception 'row security is off or forced';
    end if;
end
$$;
