-- Takes back 0019_bot_links.up.sql.
set local role tp_owner;

alter table tp.accounts
    drop constraint accounts_bot_fk;
alter table tp.positions
    drop constraint positions_bot_fk;
alter table tp.orders
    drop constraint orders_bot_fk;

reset role;
