using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using IspHost.Sdk;
using IspHost.Sdk.Payments;

namespace CustomGateway;

// begin gateway
/// <summary>
/// Charges through a provider that knows <c>PUT /tenants/TENANT/charges/KEY</c>, which charges once, and <c>GET</c> of the same.
/// </summary>
public sealed class Gateway(HttpClient provider) : IPaymentGateway
{
    /// <inheritdoc/>
    public async ValueTask<ChargeResult> ChargeAsync(ChargeRequest request, CancellationToken cancellationToken)
    {
        var body = new ChargeBody(
            request.Amount.Amount.ToString(CultureInfo.InvariantCulture), request.Amount.Currency.Code,
            request.PaymentMethod, request.Statement);
        HttpResponseMessage response;
        try
        {
            response = await provider.PutAsJsonAsync(
                PathOf(request.Tenant, request.IdempotencyKey), body, Wire.Default.ChargeBody, cancellationToken);
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError)
        {
            // The only exception that proves something: without a connection, nothing was asked for.
            return new ChargeResult.NeverHappened(e.Message);
        }
        using (response)
            return await ReadAsync(response, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<ChargeResult> FindAsync(TenantId tenant, string idempotencyKey, CancellationToken cancellationToken)
    {
        using var response = await provider.GetAsync(PathOf(tenant, idempotencyKey), cancellationToken);
        return response.StatusCode == HttpStatusCode.NotFound
            ? new ChargeResult.NeverHappened("The provider knows no such charge.")
            : await ReadAsync(response, cancellationToken);
    }

    static Uri PathOf(TenantId tenant, string key) => new($"tenants/{tenant}/charges/{Uri.EscapeDataString(key)}", UriKind.Relative);

    static async Task<ChargeResult> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.Created or HttpStatusCode.PaymentRequired))
            return new ChargeResult.Unknown(FormattableString.Invariant($"The provider answered {(int)response.StatusCode}."));
        var answer = await response.Content.ReadFromJsonAsync(Wire.Default.ChargeAnswer, cancellationToken);
        return answer switch
        {
            { State: "paid", Reference: { } reference } => new ChargeResult.Succeeded(reference),
            { State: "accepted", Reference: { } reference } => new ChargeResult.Pending(reference),
            { State: "declined", Code: { } code } => new ChargeResult.Declined(code, answer.Final),
            _ => new ChargeResult.Unknown($"The provider answered '{answer?.State}', which nobody told us about."),
        };
    }
}
// end gateway
