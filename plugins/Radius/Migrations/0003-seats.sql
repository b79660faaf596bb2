-- A place within a session limit, taken at Access-Accept and given back when the first record of the session arrives, or when it has
-- not arrived for a while. Losing some in a crash does no harm.
create table radius.seat (
  tenant_id uuid not null,
  token uuid not null,
  subscription_id uuid not null,
  -- From where, if the request told: who asks again from there has not come in.
  line bytea,
  taken_at timestamptz not null,
  primary key (tenant_id, token)
);
create index seat_of_subscription on radius.seat (tenant_id, subscription_id);
select host.protect('radius.seat');
