-- Phase 3. Orders, positions and accounts were made before bots; now they can refer to them.
set local role tp_owner;

alter table tp.orders
    add constraint orders_bot_fk foreign key (user_id, bot_id) references tp.bots (user_id, id);

alter table tp.positions
    add constraint positions_bot_fk foreign key (user_id, bot_id) references tp.bots (user_id, id);

alter table tp.accounts
    add constraint accounts_bot_fk foreign key (user_id, bot_id) references tp.bots (user_id, id);

reset role;
