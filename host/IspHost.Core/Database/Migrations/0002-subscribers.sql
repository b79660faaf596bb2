-- Customers, what they can buy, what they have, and what they may reach.

create table host.customer (
  tenant_id   uuid not null references host.tenant,
  id          uuid not null,
  portal_id   text not null,
  name        text not null check (length(name) between 1 and 200),
  email       text,
  address     text[] not null default '{}',
  country     char(2) not null check (country ~ '^[A-Z]{2}$'),
  tax_number  text,
  segment     text not null,
  tags        text[] not null default '{}',
  since       date not null,
  closed_on   date,
  primary key (tenant_id, id),
  unique (tenant_id, portal_id)
);
select host.protect('host.customer');

create table host.plan (
  tenant_id   uuid not null references host.tenant,
  id          uuid not null,
  code        text not null check (code ~ '^[a-z0-9][a-z0-9-]{0,63}$'),
  primary key (tenant_id, id),
  unique (tenant_id, code)
);
select host.protect('host.plan');

-- A price script's revisions; the image is what the compiler made of the source, or null for one to be compiled again.
create table host.price_script (
  tenant_id   uuid not null references host.tenant,
  hash        char(64) not null check (hash ~ '^[0-9a-f]{64}$'),
  name        text not null,
  revision    int not null check (revision > 0),
  source      text not null,
  image       bytea not null,
  compiler    text not null,
  created_at  timestamptz not null default now(),
  primary key (tenant_id, hash),
  unique (tenant_id, name, revision)
);
select host.protect('host.price_script');
revoke update, delete, truncate on host.price_script from isphost_app;

create table host.plan_version (
  tenant_id       uuid not null,
  plan_id         uuid not null,
  version         int not null check (version > 0),
  name            text not null,
  published_at    timestamptz not null,
  up              bigint not null check (up > 0),
  down            bigint not null check (down > 0),
  throttled       bigint not null check (throttled > 0),
  pool            text,
  session_limit   int not null check (session_limit >= 0),
  interim_seconds int not null check (interim_seconds >= 60),
  recurring       numeric(20,8) check (recurring >= 0),
  currency        char(3) not null,
  interval_months int not null check (interval_months in (1, 3, 6, 12)),
  timing          text not null check (timing in ('advance', 'arrears')),
  proration       text not null check (proration in ('actual_days', 'thirty_days', 'full_period', 'none')),
  usage_rule      text,
  usage_rule_hash char(64),
  usage_rate      numeric(20,8) check (usage_rate >= 0),
  tax_class       text not null,
  primary key (tenant_id, plan_id, version),
  foreign key (tenant_id, plan_id) references host.plan,
  foreign key (tenant_id, usage_rule_hash) references host.price_script,
  check ((usage_rule is null) = (usage_rate is null)),
  check (coalesce(usage_rule = 'script', false) = (usage_rule_hash is not null))
);
select host.protect('host.plan_version');
revoke update, delete, truncate on host.plan_version from isphost_app;

create table host.subscription (
  tenant_id     uuid not null,
  id            uuid not null,
  customer_id   uuid not null,
  state         text not null check (state in ('pending', 'active', 'held', 'terminated')),
  user_name     text not null check (octet_length(user_name) between 1 and 253),
  password      bytea not null,            -- encrypted: CHAP needs it in clear
  activated_on  date,
  terminated_on date,
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references host.customer,
  check ((state = 'terminated') = (terminated_on is not null))
);
create unique index subscription_user_name on host.subscription (tenant_id, user_name) where state <> 'terminated';
create index on host.subscription (tenant_id, customer_id);
select host.protect('host.subscription');
create trigger announce after insert or update or delete on host.subscription
  for each row execute function host.announce('subscriber', 'tenant_id', 'id');

-- The terms of a service on the days from valid_from up to, but not including, valid_to. At most one is in force on a day.
create table host.contract_version (
  tenant_id       uuid not null,
  id              uuid not null,
  subscription_id uuid not null,
  customer_id     uuid not null,
  plan_id         uuid not null,
  plan_version    int not null,
  anchor          date not null,
  valid_from      date not null,
  valid_to        date,
  primary key (tenant_id, id),
  foreign key (tenant_id, subscription_id) references host.subscription,
  foreign key (tenant_id, customer_id) references host.customer,
  foreign key (tenant_id, plan_id, plan_version) references host.plan_version,
  check (valid_to > valid_from),
  constraint one_contract_a_day exclude using gist (tenant_id with =, subscription_id with =, daterange(valid_from, valid_to) with &&)
);
create index on host.contract_version (tenant_id, customer_id);
select host.protect('host.contract_version');
create trigger announce after insert or update or delete on host.contract_version
  for each row execute function host.announce('subscriber', 'tenant_id', 'subscription_id');

create table host.hold (
  tenant_id       uuid not null,
  subscription_id uuid not null,
  starts_on       date not null,
  ends_on         date,
  primary key (tenant_id, subscription_id, starts_on),
  foreign key (tenant_id, subscription_id) references host.subscription,
  check (ends_on > starts_on),
  constraint one_hold_at_a_time exclude using gist (tenant_id with =, subscription_id with =, daterange(starts_on, ends_on) with &&)
);
select host.protect('host.hold');

-- Reasons why a service may reach less than all. The most restrictive one wins; paying lifts debt and nothing else.
create table host.access_lock (
  tenant_id       uuid not null,
  subscription_id uuid not null,
  reason          text not null check (reason in ('debt', 'fair_use', 'hold', 'fraud', 'admin')),
  mode            text not null check (mode in ('throttled', 'walled_garden', 'blocked')),
  since           timestamptz not null,
  note            text,
  primary key (tenant_id, subscription_id, reason),
  foreign key (tenant_id, subscription_id) references host.subscription
);
select host.protect('host.access_lock');
create trigger announce after insert or update or delete on host.access_lock
  for each row execute function host.announce('subscriber', 'tenant_id', 'subscription_id');
