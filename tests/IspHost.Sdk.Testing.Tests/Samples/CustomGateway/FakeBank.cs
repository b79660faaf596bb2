using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using IspHost.Sdk;

namespace CustomGateway.Tests;

/// <summary>The provider, without a network.</summary>
sealed class FakeBank
{
    readonly Dictionary<string, (decimal Amount, string Answer, HttpStatusCode Status)> charges = [];
    readonly Lock gate = new();

    public HttpClient NewClient(bool losesAnswers = false)
        => new(new Door(this, losesAnswers)) { BaseAddress = new Uri("http://bank.test/") };

    /// <summary>Also counts keys that begin so: that is how the tests make gateways that charge under keys of their own.</summary>
    public decimal Taken(TenantId tenant, string key)
    {
        lock (gate)
            return charges.Where(charge
                => charge.Key.StartsWith($"/tenants/{tenant}/charges/{key}", StringComparison.Ordinal)).Sum(charge => charge.Value.Amount);
    }

    (string Answer, HttpStatusCode Status) Handle(HttpMethod method, string path, string body)
    {
        lock (gate)
        {
            if (method == HttpMethod.Put && !charges.ContainsKey(path))
                charges[path] = Charge(JsonNode.Parse(body)!);
            return charges.TryGetValue(path, out var charge) ? (charge.Answer, charge.Status) : ("{}", HttpStatusCode.NotFound);
        }
    }

    (decimal Amount, string Answer, HttpStatusCode Status) Charge(JsonNode body)
        => (string?)body["method"] == "card_good"
            ? (decimal.Parse((string)body["amount"]!, System.Globalization.CultureInfo.InvariantCulture),
                $$"""{"state":"paid","reference":"ch_{{charges.Count + 1}}","final":true}""", HttpStatusCode.Created)
            : (0m, """{"state":"declined","code":"insufficient_funds","final":false}""", HttpStatusCode.PaymentRequired);

    sealed class Door(FakeBank bank, bool losesAnswers) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
            var (answer, status) = bank.Handle(request.Method, request.RequestUri!.AbsolutePath, body);
            return losesAnswers
                ? throw new HttpRequestException(HttpRequestError.ResponseEnded, "The connection was closed.")
                : new HttpResponseMessage(status) { Content = new StringContent(answer, Encoding.UTF8, "application/json") };
        }
    }
}
