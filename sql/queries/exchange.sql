-- name: exchange_list (text)
-- Venues by code; null: all.
select code, name, api_base_url, is_testnet, is_active, supported_features, rate_limits,
       created_at, updated_at
  from tp.exchanges
 where ($1::text is null or code = $1)
 order by code;

-- name: exchange_add (text, text, text, boolean, jsonb, jsonb)
insert into tp.exchanges (code, name, api_base_url, is_testnet, supported_features, rate_limits)
values ($1, $2, $3, $4, coalesce($5::jsonb, '{}'), coalesce($6::jsonb, '{}'))
returning code, name, api_base_url, is_testnet, is_active, supported_features, rate_limits,
          created_at, updated_at;

-- name: exchange_set (text, text, text, jsonb, jsonb, boolean)
-- Changes what is not null.
update tp.exchanges
   set name = coalesce($2, name),
       api_base_url = coalesce($3, api_base_url),
       supported_features = coalesce($4, supported_features),
       rate_limits = coalesce($5, rate_limits),
       is_active = coalesce($6, is_active)
 where code = $1
returning code, name, api_base_url, is_testnet, is_active, supported_features, rate_limits,
          created_at, updated_at;
