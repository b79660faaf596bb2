-- For which request an invoice was mailed again: its repetition mails nothing.
alter table billing.delivery add column request uuid;
grant update (request) on billing.delivery to isphost_app;
