-- Whoever works on a partition of a run holds no lock meanwhile, but a lease: what its node had taken is free again when it runs out.
create table billing.bill_run_lease (
  tenant_id uuid not null,
  run_id uuid not null,
  partition smallint not null check (partition >= 0),
  lease uuid not null,
  ends_at timestamptz not null,
  primary key (tenant_id, run_id, partition),
  foreign key (tenant_id, run_id) references billing.bill_run
);
select host.protect('billing.bill_run_lease');

-- Who waits for taxes is asked about by turns.
alter table billing.bill_run_item add column tried_at timestamptz;

-- An attempt to deliver is written down before it is made, so that none is repeated of which nobody knows what came of it.
alter table billing.delivery drop constraint delivery_outcome_check;
alter table billing.delivery
  add constraint delivery_outcome_check check (outcome in ('waiting', 'sending', 'sent', 'refused', 'put_aside', 'unknown')),
  add column attempt integer not null default 1 check (attempt > 0),
  add column leased_until timestamptz,
  add check ((outcome = 'sending') = (leased_until is not null));
grant update (outcome, detail, delivered_at, attempt, leased_until) on billing.delivery to isphost_app;
create index delivery_outcome on billing.delivery (tenant_id, outcome, invoice_id) where outcome <> 'sent';

-- A run that has ended knows what came of it, so that a list of runs counts nothing: how many accounts by state, and what was issued.
alter table billing.bill_run add column outcome json;
create index bill_run_item_parked on billing.bill_run_item (tenant_id, run_id, customer_id) where state = 'parked';
