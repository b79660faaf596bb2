-- Access servers, addresses and usage.

create table host.nas_device (
  tenant_id   uuid not null references host.tenant,
  id          uuid not null,
  name        text not null check (length(name) between 1 and 100),
  address     inet not null,
  secret      bytea not null,              -- encrypted
  vendor      text not null,
  require_message_authenticator boolean not null,
  change_port int not null check (change_port between 1 and 65535),
  primary key (tenant_id, id),
  unique (tenant_id, address)
);
select host.protect('host.nas_device');
create trigger announce after insert or update or delete on host.nas_device
  for each row execute function host.announce('nas_device', 'tenant_id', 'id');

create table host.address_pool (
  tenant_id   uuid not null references host.tenant,
  name        text not null check (name ~ '^[a-z0-9][a-z0-9-]{0,63}$'),
  primary key (tenant_id, name)
);
select host.protect('host.address_pool');

-- A prefix that is cut into equal pieces: /32 for v4, the length of a link's or a customer's prefix for IPv6.
create table host.pool_prefix (
  tenant_id    uuid not null,
  id           uuid not null,
  pool         text not null,
  prefix       cidr not null,
  kind         text not null check (kind in ('v4', 'v6', 'delegated')),
  piece_length int not null,
  pieces       bigint not null check (pieces > 0),
  next_piece   bigint not null check (next_piece between 0 and pieces),
  primary key (tenant_id, id),
  unique (tenant_id, prefix),
  foreign key (tenant_id, pool) references host.address_pool (tenant_id, name),
  check (piece_length >= masklen(prefix)),
  check ((kind = 'v4') = (family(prefix) = 4)),
  constraint prefixes_do_not_overlap exclude using gist (tenant_id with =, prefix inet_ops with &&)
);
select host.protect('host.pool_prefix');

create table host.address_assignment (
  tenant_id       uuid not null,
  subscription_id uuid not null,
  kind            text not null check (kind in ('v4', 'v6', 'delegated')),
  address         cidr not null,
  prefix          cidr not null,
  primary key (tenant_id, subscription_id, kind),
  unique (tenant_id, address),
  foreign key (tenant_id, subscription_id) references host.subscription,
  foreign key (tenant_id, prefix) references host.pool_prefix (tenant_id, prefix),
  check (address <<= prefix)
);
create index on host.address_assignment (tenant_id, prefix);
select host.protect('host.address_assignment');
create trigger announce after insert or update or delete on host.address_assignment
  for each row execute function host.announce('subscriber', 'tenant_id', 'subscription_id');

-- Facts, never changed. Old months leave as whole partitions.
create table host.usage (
  tenant_id       uuid not null,
  started_at      timestamptz not null,
  id              uuid not null,
  subscription_id uuid not null,
  ended_at        timestamptz not null,
  bytes_up        bigint not null check (bytes_up >= 0),
  bytes_down      bigint not null check (bytes_down >= 0),
  primary key (tenant_id, subscription_id, started_at, id),
  check (ended_at >= started_at)
) partition by range (started_at);
select host.protect('host.usage');
revoke update, delete, truncate on host.usage from isphost_app;

create table host.usage_other partition of host.usage default;
select host.protect('host.usage_other');
revoke all on host.usage_other from isphost_app;

-- Gives a month its partition, and brings along what had to go to the default one. The application owns no table, so it asks.
create function host.add_usage_month(month date) returns void language plpgsql security definer set search_path = pg_catalog as $$
declare
  first date := date_trunc('month', month)::date;
  last date := (date_trunc('month', month) + interval '1 month')::date;
  partition text := 'usage_' || to_char(first, 'YYYY_MM');
begin
  perform pg_advisory_xact_lock(hashtext('host.usage'));
  if to_regclass('host.' || partition) is not null then
    return;
  end if;
  execute format('create table host.%I (like host.usage including defaults including constraints)', partition);
  alter table host.usage_other no force row level security;
  execute format('with moved as (delete from host.usage_other where started_at >= %L and started_at < %L returning *)
                  insert into host.%I select * from moved', first::timestamp at time zone 'UTC', last::timestamp at time zone 'UTC', partition);
  alter table host.usage_other force row level security;
  execute format('alter table host.usage attach partition host.%I for values from (%L) to (%L)',
    partition, first::timestamp at time zone 'UTC', last::timestamp at time zone 'UTC');
  perform host.protect(('host.' || partition)::regclass);
  execute format('revoke all on host.%I from isphost_app', partition);
end $$;
revoke all on function host.add_usage_month(date) from public;
grant execute on function host.add_usage_month(date) to isphost_app;
