-- How often the price of an account's usage was asked for in vain: it waits, but not for ever.
alter table billing.bill_run_item add column tries smallint not null default 0;
