-- Takes back 0002_identifiers.up.sql.
set local role tp_owner;

drop function tp.touch_updated_at();
drop function tp.uuid_v7();
drop function tp.uuid_v7_at(timestamptz);
drop function tp.uuid_v7_time(uuid);

reset role;
