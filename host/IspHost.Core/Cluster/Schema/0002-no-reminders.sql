-- What is due stands in host.due: nothing sets reminders any more.

delete from orleans.orleansquery
where querykey in (
  'ReadReminderRowsKey', 'ReadReminderRowKey', 'ReadRangeRows1Key', 'ReadRangeRows2Key',
  'UpsertReminderRowKey', 'DeleteReminderRowKey', 'DeleteReminderRowsKey');
drop table orleans.reminder;
drop sequence orleans.reminder_etag;
