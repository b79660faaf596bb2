using System.Text.Json.Serialization;
using IspHost.Sdk.Web;

namespace IspHost.Plugins.Billing;

/// <summary>The JSON of this plugin, generated: reflection would keep the plugin loaded for ever.</summary>
[JsonSerializable(typeof(Seller))]
[JsonSerializable(typeof(Buyer))]
[JsonSerializable(typeof(StartRun))]
[JsonSerializable(typeof(RunView))]
[JsonSerializable(typeof(Page<RunView>))]
[JsonSerializable(typeof(RunOutcome))]
[JsonSerializable(typeof(InvoiceView))]
[JsonSerializable(typeof(Page<InvoiceSummary>))]
[JsonSerializable(typeof(Page<MailView>))]
[JsonSerializable(typeof(MailView))]
[JsonSerializable(typeof(BalanceView))]
[JsonSerializable(typeof(TrialBalance))]
[JsonSerializable(typeof(BooksReport))]
sealed partial class BillingJson : JsonSerializerContext;
