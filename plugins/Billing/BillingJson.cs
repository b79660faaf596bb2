using System.Text.Json.Serialization;

namespace IspHost.Plugins.Billing;

/// <summary>The JSON of this plugin, generated: reflection would keep the plugin loaded for ever.</summary>
[JsonSerializable(typeof(Seller))]
[JsonSerializable(typeof(Buyer))]
[JsonSerializable(typeof(StartRun))]
[JsonSerializable(typeof(RunView))]
[JsonSerializable(typeof(RunList))]
[JsonSerializable(typeof(RunOutcome))]
[JsonSerializable(typeof(InvoiceView))]
[JsonSerializable(typeof(InvoicePage))]
[JsonSerializable(typeof(MailPage))]
[JsonSerializable(typeof(MailView))]
[JsonSerializable(typeof(BalanceView))]
[JsonSerializable(typeof(TrialBalance))]
[JsonSerializable(typeof(BooksReport))]
sealed partial class BillingJson : JsonSerializerContext;
