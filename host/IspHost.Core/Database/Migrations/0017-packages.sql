-- Packages of plugins: whose are taken, and which were. Both are of the operator, who is above tenants.

create table host.publisher_key (
  fingerprint  text primary key check (fingerprint ~ '^[0-9a-f]{64}$'),  -- SHA-256 of the public key
  publisher    text not null,                          -- one may have several keys, an old and a new one
  public_key   text not null,                          -- SPKI in PEM
  tier         text not null check (tier in ('first_party', 'trusted', 'local')),
  added_at     timestamptz not null,
  revoked_at   timestamptz
);
-- A key that was revoked stays: what it signed is refused for that, and nobody adds it again.
revoke delete, truncate on host.publisher_key from isphost_app;

create table host.plugin_package (
  sha256        text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
  plugin        text not null,
  version       text not null,
  size          bigint not null check (size > 0),
  signed_by     text references host.publisher_key,    -- null: nobody
  permissions   text[] not null,                       -- what it asks for
  granted       text[] not null default '{}',
  state         text not null check (state in ('uploaded', 'installed', 'replaced', 'removed')),
  uploaded_at   timestamptz not null,
  installed_at  timestamptz,                           -- the last time; null: never
  check (state in ('uploaded', 'removed') or installed_at is not null)
);
-- Ids of plugins that differ only in case are the same.
create unique index plugin_package_installed on host.plugin_package (lower(plugin)) where state = 'installed';
-- What was once installed is remembered: no lower version comes after it.
revoke delete, truncate on host.plugin_package from isphost_app;
