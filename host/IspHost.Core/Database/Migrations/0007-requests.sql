-- What requests leave behind: answers to those with an Idempotency-Key, and what the operator has done.

-- The table before kept answers as they were, with new API keys in clear.
drop table host.idempotency;

-- A request with an Idempotency-Key is claimed before its work, and its answer is written in the transaction of the work. Who has lost
-- the claim finds no row to write the answer to, and takes the work back.
create table host.idempotency (
  tenant_id     uuid not null default nullif(current_setting('app.tenant', true), '')::uuid references host.tenant,
  key           bytea not null check (length(key) = 32),
  request_hash  bytea not null check (length(request_hash) = 32),
  claim         uuid not null,
  claimed_until timestamptz not null,
  status        smallint,                    -- null: not answered yet
  content_type  text,
  location      text,
  body          bytea,
  created_at    timestamptz not null default now(),
  expires_at    timestamptz not null,
  primary key (tenant_id, key)
);
select host.protect('host.idempotency');
create index on host.idempotency (tenant_id, expires_at);

-- The same for requests of the operator, who is above tenants.
create table host.operator_idempotency (
  key           bytea primary key check (length(key) = 32),
  request_hash  bytea not null check (length(request_hash) = 32),
  claim         uuid not null,
  claimed_until timestamptz not null,
  status        smallint,
  content_type  text,
  location      text,
  body          bytea,
  created_at    timestamptz not null default now(),
  expires_at    timestamptz not null
);
create index on host.operator_idempotency (expires_at);

-- What the operator has done. It can be added to and read, and nothing else.
create table host.operator_audit (
  id          uuid primary key,
  happened_at timestamptz not null default now(),
  actor       text not null,
  action      text not null,
  object      text not null,
  detail      jsonb
);
create index on host.operator_audit (object, id);
revoke update, delete, truncate on host.operator_audit from isphost_app;

-- Services are listed in this order, those that have ended among them.
create index on host.subscription (tenant_id, user_name, id);
