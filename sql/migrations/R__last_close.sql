-- The price of an instrument at a moment.
set local role tp_owner;

-- plpgsql, because its plan over some hundred partitions is kept for the session.
create or replace function tp.last_close(p_exchange integer, p_symbol text, p_at timestamptz)
returns numeric
language plpgsql
stable
strict
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
    return (select c.close
              from (values ('1m', interval '1 minute'),
                           ('5m', interval '5 minutes'),
                           ('15m', interval '15 minutes'),
                           ('30m', interval '30 minutes'),
                           ('1h', interval '1 hour'),
                           ('4h', interval '4 hours'),
                           ('1d', interval '1 day'),
                           ('1w', interval '7 days')) as i (name, length)
             cross join lateral (
                       select p.close,
                              p.timestamp + i.length as closed_at
                         from tp.market_prices p
                        where p.exchange_id = p_exchange
                          and p.symbol = p_symbol
                          and p.interval = i.name
                          and p.timestamp <= p_at - i.length
                        order by p.timestamp desc
                        limit 1
                   ) as c
             order by c.closed_at desc,
                      i.length
             limit 1);
end
$$;

revoke execute on function tp.last_close(integer, text, timestamptz) from public;
grant execute on function tp.last_close(integer, text, timestamptz) to tp_app, tp_service, tp_readonly;

comment on function tp.last_close(integer, text, timestamptz) is
    'Close of the newest candle of any interval that had closed at p_at; null when there is none.';

reset role;
