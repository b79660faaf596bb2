using IspHost.Sdk;
using IspHost.Sdk.Notifications;
using IspHost.Sdk.Rating;
using IspHost.Sdk.Taxes;

namespace IspHost.Plugins.Billing.Tests;

/// <summary>The other plugins: a rule that multiplies, a flat tax of 24 %, and a mailbox.</summary>
sealed class Extensions : IExtensions
{
    readonly Dictionary<string, IRatingRule> rules = new() { ["linear"] = new LinearRule() };

    public FlatTax Tax { get; } = new();

    public Mailbox Mailbox { get; } = new();

    public void AddRule(string name, Func<RatingItem, RatingOutcome> rate) => rules[name] = new Rule(rate);

    public TPoint Get<TPoint>(string name) where TPoint : class => (TPoint)(object)(typeof(TPoint).Name switch
    {
        nameof(IRatingRule) => rules.GetValueOrDefault(name)
            ?? throw new ExtensionUnavailableException("rating", name, "no plugin offers it"),
        nameof(ITaxEngine) => Tax,
        _ => Mailbox,
    });

    public IReadOnlyList<string> Names<TPoint>() where TPoint : class => [];

    sealed class LinearRule : IRatingRule
    {
        public ValueTask<IReadOnlyList<RatingOutcome>> RateAsync(RatingBatch batch, CancellationToken cancellationToken)
            => new([.. batch.Items.Select(Rate)]);

        static RatingOutcome Rate(RatingItem item)
            => new RatingOutcome.Rated(new(item.Quantity * item.Rate, [$"{item.Quantity} GB at {item.Rate}"]));
    }

    sealed class Rule(Func<RatingItem, RatingOutcome> rate) : IRatingRule
    {
        public ValueTask<IReadOnlyList<RatingOutcome>> RateAsync(RatingBatch batch, CancellationToken cancellationToken)
            => new([.. batch.Items.Select(rate)]);
    }
}

sealed class FlatTax : ITaxEngine
{
    /// <summary>What the engine throws; null while it works.</summary>
    public Exception? Down { get; set; }

    /// <summary>Changes a quote before it is given.</summary>
    public Func<TaxQuote, TaxQuote> Twist { get; set; } = quote => quote;

    /// <summary>What the engine has against a document.</summary>
    public Func<TaxDocument, TaxQuote.Refused?> Objection { get; set; } = _ => null;

    /// <summary>What the engine does before it answers.</summary>
    public Func<Task> Think { get; set; } = () => Task.CompletedTask;

    public async ValueTask<TaxQuote> QuoteAsync(TaxDocument document, CancellationToken cancellationToken)
    {
        await Think();
        return Down is { } down ? throw down : Objection(document) ?? Twist(new TaxQuote.Quoted([.. document.Lines.Select(Tax)]));
    }

    static Tax Tax(TaxableLine line) => new()
    {
        LineId = line.Id,
        Jurisdiction = "GR",
        Name = "VAT 24 %",
        Category = "S",
        RatePercent = 24m,
        Base = line.Net,
        Amount = (line.Net * 0.24m).Round(MidpointRounding.AwayFromZero),
    };
}

sealed class Mailbox : INotificationChannel
{
    public List<Notification> Mails { get; } = [];

    /// <summary>What it answers; null for what it does otherwise.</summary>
    public Func<NotificationResult>? Answer { get; set; }

    public ValueTask<NotificationResult> SendAsync(Notification notification, CancellationToken cancellationToken)
    {
        Mails.Add(notification);
        return new(Answer?.Invoke() ?? (notification.To.Contains('@')
            ? new NotificationResult.Sent("queued")
            : new NotificationResult.Refused("not an address")));
    }
}
