-- From what a customer owes to the invoice and the books. The constraints are the referee: what must never happen cannot be written.
create extension if not exists btree_gist;

-- A customer in one currency. A parked account is billed by nobody until somebody clears the reason.
create table billing.account (
  tenant_id uuid not null references host.tenant (id),
  customer_id uuid not null,
  currency char(3) not null,
  parked_reason text,
  primary key (tenant_id, customer_id, currency)
);

-- Double entry: one row moves an amount from a credit account to a debit account, so books that do not balance cannot be written.
create table billing.ledger_account (
  tenant_id uuid not null references host.tenant (id),
  id uuid not null,
  currency char(3) not null,
  kind text not null check (kind in ('asset', 'liability', 'income', 'expense', 'equity')),
  code text not null,
  customer_id uuid,
  primary key (tenant_id, id),
  unique (tenant_id, id, currency),
  unique nulls not distinct (tenant_id, code, currency, customer_id),
  check ((code = 'receivable') = (customer_id is not null)),
  foreign key (tenant_id, customer_id, currency) references billing.account
);

-- A journal has the identity of the fact that it books, so booking a fact twice breaks the primary key.
create table billing.journal (
  tenant_id uuid not null references host.tenant (id),
  id uuid not null,
  kind text not null check (kind in ('invoice')),
  currency char(3) not null,
  effective_on date not null,
  posted_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id),
  unique (tenant_id, id, currency)
);

create table billing.transfer (
  tenant_id uuid not null,
  journal_id uuid not null,
  line_no smallint not null check (line_no > 0),
  currency char(3) not null,
  debit_account uuid not null,
  credit_account uuid not null,
  amount_minor bigint not null check (amount_minor between 1 and 1000000000000000),
  primary key (tenant_id, journal_id, line_no),
  check (debit_account <> credit_account),
  foreign key (tenant_id, journal_id, currency) references billing.journal (tenant_id, id, currency),
  foreign key (tenant_id, debit_account, currency) references billing.ledger_account (tenant_id, id, currency),
  foreign key (tenant_id, credit_account, currency) references billing.ledger_account (tenant_id, id, currency)
);
create index transfer_debit on billing.transfer (tenant_id, debit_account);
create index transfer_credit on billing.transfer (tenant_id, credit_account);

-- A second start of a run finds the first.
create table billing.bill_run (
  tenant_id uuid not null references host.tenant (id),
  id uuid not null,
  kind text not null check (kind in ('monthly')),
  period daterange not null check (not isempty(period) and not lower_inf(period) and not upper_inf(period)),
  state text not null default 'open' check (state in ('open', 'done')),
  attempt smallint not null default 1 check (attempt > 0),
  partitions smallint check (partitions between 1 and 64),
  started_at timestamptz not null,
  finished_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, kind, period),
  check ((state = 'done') = (finished_at is not null))
);

-- One customer in a run: its own unit of work.
create table billing.bill_run_item (
  tenant_id uuid not null,
  run_id uuid not null,
  customer_id uuid not null,
  slot smallint not null check (slot between 0 and 63),
  state text not null default 'todo' check (state in ('todo', 'tax_pending', 'done', 'parked', 'nothing')),
  attempt smallint not null default 1 check (attempt > 0),
  reason text,
  primary key (tenant_id, run_id, customer_id),
  check ((state in ('tax_pending', 'parked')) = (reason is not null)),
  foreign key (tenant_id, run_id) references billing.bill_run
);
create index bill_run_item_open on billing.bill_run_item (tenant_id, run_id, slot) where state in ('todo', 'tax_pending');

-- What could not be billed, and why. It is tried again by each run, and is gone when it has been billed.
create table billing.held_line (
  tenant_id uuid not null,
  customer_id uuid not null,
  subscription_id uuid not null,
  component text not null check (component in ('recurring', 'usage')),
  period daterange not null,
  contract_version_id uuid not null,
  run_id uuid not null,
  reason text not null check (reason in
    ('missing_price', 'rule_failed', 'tax_pending', 'already_billed', 'negative_correction', 'negative_total')),
  detail text not null,
  primary key (tenant_id, customer_id, subscription_id, component, period),
  foreign key (tenant_id, run_id) references billing.bill_run
);
create index held_line_run on billing.held_line (tenant_id, run_id);

-- A row is here only when the document is final: nothing is ever changed in it.
create table billing.invoice (
  tenant_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  currency char(3) not null,
  run_id uuid not null,
  attempt smallint not null,
  period daterange not null,
  tax_point date not null,
  issued_on date not null,
  due_on date not null check (due_on >= issued_on),
  net_minor bigint not null check (net_minor >= 0),
  tax_minor bigint not null check (tax_minor >= 0),
  total_minor bigint not null generated always as (net_minor + tax_minor) stored,
  seller json not null,
  buyer json not null,
  content_hash bytea not null check (length(content_hash) = 32),
  primary key (tenant_id, id),
  unique (tenant_id, run_id, customer_id, currency, attempt),
  foreign key (tenant_id, run_id, customer_id) references billing.bill_run_item,
  foreign key (tenant_id, customer_id, currency) references billing.account,
  foreign key (tenant_id, id, currency) references billing.journal (tenant_id, id, currency)
);
create index invoice_customer on billing.invoice (tenant_id, customer_id, id);

create table billing.invoice_series (
  tenant_id uuid not null references host.tenant (id),
  series text not null check (series ~ '^[A-Z0-9]{1,8}$'),
  last_number bigint not null default 0,
  last_hash bytea not null default ''::bytea,
  primary key (tenant_id, series)
);

-- Numbers are apart from the invoices, so that all else is written before the lock on the series is taken. A number refers to
-- its predecessor and the predecessor's hash: a gap, a fork or a broken chain has nothing to refer to.
create table billing.invoice_number (
  tenant_id uuid not null,
  series text not null,
  number bigint not null check (number > 0),
  invoice_id uuid not null,
  previous_number bigint generated always as (nullif(number - 1, 0)) stored,
  previous_hash bytea not null,
  hash bytea not null check (length(hash) = 32),
  primary key (tenant_id, series, number),
  unique (tenant_id, series, number, hash),
  unique (tenant_id, invoice_id),
  check ((number = 1) = (previous_hash = ''::bytea)),
  foreign key (tenant_id, series) references billing.invoice_series,
  foreign key (tenant_id, invoice_id) references billing.invoice,
  foreign key (tenant_id, series, previous_number, previous_hash) references billing.invoice_number (tenant_id, series, number, hash)
);
alter table billing.invoice add constraint invoice_has_number
  foreign key (tenant_id, id) references billing.invoice_number (tenant_id, invoice_id) deferrable initially deferred;

create table billing.invoice_line (
  tenant_id uuid not null,
  invoice_id uuid not null,
  line_no smallint not null check (line_no > 0),
  component text not null check (component in ('recurring', 'usage')),
  subscription_id uuid not null,
  contract_version_id uuid not null,
  description text not null,
  period daterange not null check (not isempty(period)),
  quantity numeric(28, 9) not null,
  unit text not null check (unit in ('interval', 'GB')),
  unit_price numeric(28, 8) not null,
  numerator integer not null check (numerator between 0 and denominator),
  denominator integer not null check (denominator > 0),
  net_minor bigint not null,
  tax_class text not null,
  rule text not null,
  rule_hash text,
  inputs_digest bytea check (length(inputs_digest) = 32),
  explanation text not null,
  bytes bigint not null check (bytes >= 0),
  primary key (tenant_id, invoice_id, line_no),
  check ((component = 'usage') = (inputs_digest is not null)),
  foreign key (tenant_id, invoice_id) references billing.invoice
);

create table billing.invoice_tax (
  tenant_id uuid not null,
  invoice_id uuid not null,
  line_no smallint not null,
  tax_no smallint not null check (tax_no > 0),
  jurisdiction text not null,
  name text not null,
  category text not null,
  rate_percent numeric(9, 4) not null,
  base_minor bigint not null,
  amount_minor bigint not null,
  exemption text,
  primary key (tenant_id, invoice_id, line_no, tax_no),
  foreign key (tenant_id, invoice_id, line_no) references billing.invoice_line
);

-- What was billed for which days. Sequence 0 is the charge, the others correct it. The contract version is evidence and no part
-- of the key: a change of plan that bills the same days again must fail too, in whichever currency.
create table billing.obligation (
  tenant_id uuid not null,
  subscription_id uuid not null,
  component text not null check (component in ('recurring', 'usage')),
  period daterange not null check (not isempty(period) and not lower_inf(period) and not upper_inf(period)),
  sequence smallint not null check (sequence >= 0),
  contract_version_id uuid not null,
  invoice_id uuid not null,
  line_no smallint not null,
  primary key (tenant_id, subscription_id, component, period, sequence),
  unique (tenant_id, invoice_id, line_no),
  foreign key (tenant_id, invoice_id, line_no) references billing.invoice_line,
  constraint never_billed_twice exclude using gist
    (tenant_id with =, subscription_id with =, component with =, period with &&) where (sequence = 0)
);

create table billing.document (
  tenant_id uuid not null,
  invoice_id uuid not null,
  content_type text not null,
  body bytea not null,
  created_at timestamptz not null,
  primary key (tenant_id, invoice_id),
  foreign key (tenant_id, invoice_id) references billing.invoice
);

create table billing.delivery (
  tenant_id uuid not null,
  invoice_id uuid not null,
  channel text not null,
  outcome text not null check (outcome in ('sent', 'refused')),
  detail text not null,
  delivered_at timestamptz not null,
  primary key (tenant_id, invoice_id, channel),
  foreign key (tenant_id, invoice_id) references billing.document
);

select host.protect(format('billing.%I', name)::regclass::text) from unnest(array[
  'account', 'ledger_account', 'journal', 'transfer', 'bill_run', 'bill_run_item', 'held_line', 'invoice', 'invoice_series',
  'invoice_number', 'invoice_line', 'invoice_tax', 'obligation', 'document', 'delivery']) as name;

revoke update, delete on billing.ledger_account, billing.journal, billing.transfer, billing.invoice, billing.invoice_number,
  billing.invoice_line, billing.invoice_tax, billing.obligation, billing.document, billing.delivery from isphost_app;
revoke delete on billing.account, billing.bill_run, billing.bill_run_item, billing.invoice_series from isphost_app;
