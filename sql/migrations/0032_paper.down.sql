-- Takes back 0032_paper.up.sql.
set local role tp_owner;

drop table tp.account_equity;

drop view tp.active_positions;
drop view tp.active_orders;

alter table tp.positions
    drop column book;

alter table tp.orders
    drop column role,
    drop column reason,
    drop column work;

create view tp.active_orders
  with (security_invoker = true)
    as
select id,
       created_at,
       user_id,
       account_id,
       environment,
       position_id,
       position_opened_at,
       parent_order_id,
       parent_order_created_at,
       group_id,
       bot_id,
       api_connection_id,
       exchange_id,
       symbol,
       side,
       reduce_only,
       order_type,
       quantity,
       filled_quantity,
       avg_fill_price,
       price,
       stop_price,
       working_type,
       callback_rate,
       trail_distance,
       activation_price,
       leverage,
       margin_mode,
       position_mode,
       time_in_force,
       expires_at,
       stop_loss,
       take_profit,
       status,
       submit_state,
       reject_reason,
       exchange_order_id,
       exchange_algo_id,
       metadata,
       updated_at,
       filled_at,
       cancelled_at,
       deleted_at
  from tp.orders
 where deleted_at is null;

create view tp.active_positions
  with (security_invoker = true)
    as
select id,
       opened_at,
       user_id,
       account_id,
       environment,
       bot_id,
       exchange_id,
       symbol,
       side,
       entry_price,
       mark_price,
       liquidation_price,
       quantity,
       realized_pnl,
       unrealized_pnl,
       pnl,
       margin_used,
       pnl_percent,
       stop_loss,
       take_profit,
       leverage,
       margin_mode,
       status,
       closed_at,
       updated_at,
       deleted_at
  from tp.positions
 where deleted_at is null;

grant select on tp.active_orders to tp_app, tp_service;
grant select on tp.active_positions to tp_app, tp_service;

comment on view tp.active_orders is
    'The rows of orders that are not soft-deleted, under the row security of the reader.';
comment on view tp.active_positions is
    'The rows of positions that are not soft-deleted, under the row security of the reader.';

drop trigger ledger_entries_balance on tp.ledger_entries;
drop function tp.ledger_balance();

drop index tp.accounts_name_key;
alter table tp.accounts
    drop column name,
    drop column position_mode,
    drop column settings,
    drop column balance,
    drop column revision;

reset role;
