-- The vault's keys and those of the API.

-- The keys that ciphertexts may be made with; the keys themselves are not here. A row is there for as long as a ciphertext uses it.
create table host.vault_key (
  number      int primary key check (number > 0),
  fingerprint bytea,                       -- of the key, so that a wrong key file is noticed at the start; null: not seen yet
  is_current  boolean not null default false,
  since       timestamptz not null default now(),
  emptied_at  timestamptz                  -- when nothing was found any more that it had made
);
create unique index vault_key_current on host.vault_key (is_current) where is_current;
insert into host.vault_key (number, is_current) values (1, true);

-- The number of the key that a ciphertext was made with. The first format, of one key, had no number.
create function host.vault_key_of(sealed bytea) returns int language sql immutable parallel safe as $$
  select case
    when length(sealed) < 5 then null
    when get_byte(sealed, 0) = 1 then 1
    when get_byte(sealed, 0) = 2
      then (get_byte(sealed, 1) << 24) | (get_byte(sealed, 2) << 16) | (get_byte(sealed, 3) << 8) | get_byte(sealed, 4)
  end
$$;

alter table host.subscription
  add password_key int generated always as (host.vault_key_of(password)) stored references host.vault_key;
create index on host.subscription (tenant_id, password_key);
alter table host.nas_device
  add secret_key int generated always as (host.vault_key_of(secret)) stored references host.vault_key;
create index on host.nas_device (tenant_id, secret_key);

-- What a key may do, until when, and when it was last used. Keys from before may do everything.
alter table host.api_key
  add scopes text[] not null default '{all}' check (cardinality(scopes) between 1 and 50),
  add expires_at timestamptz,
  add last_used_at timestamptz;
alter table host.api_key alter scopes drop default;
alter table host.operator_key
  add scopes text[] not null default '{all}' check (cardinality(scopes) between 1 and 50),
  add expires_at timestamptz,
  add last_used_at timestamptz;
alter table host.operator_key alter scopes drop default;
