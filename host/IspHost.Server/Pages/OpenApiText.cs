using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Primitives;
using Microsoft.OpenApi;

namespace IspHost.Server.Pages;

/// <summary>The description of the API as it is sent. It is made once for all who ask, and again after endpoints have changed.</summary>
sealed class OpenApiText : IDisposable
{
    readonly IOpenApiDocumentProvider document;
    readonly IDisposable changes;
    volatile Lazy<Task<byte[]>> text;

    public OpenApiText([FromKeyedServices(OpenApiDocument.Name)] IOpenApiDocumentProvider document, EndpointDataSource endpoints)
    {
        this.document = document;
        text = new Lazy<Task<byte[]>>(WriteAsync);
        changes = ChangeToken.OnChange(endpoints.GetChangeToken, () => text = new Lazy<Task<byte[]>>(WriteAsync));
    }

    public async Task<byte[]> ReadAsync(CancellationToken cancellationToken)
    {
        var current = text;
        try
        {
            return await current.Value.WaitAsync(cancellationToken);
        }
        catch (Exception) when (current.IsValueCreated && current.Value.IsFaulted)
        {
            // Whoever asks next has it made anew, instead of being told for ever what was wrong once.
            Interlocked.CompareExchange(ref text!, new Lazy<Task<byte[]>>(WriteAsync), current);
            throw;
        }
    }

    public void Dispose() => changes.Dispose();

    async Task<byte[]> WriteAsync()
    {
        var api = await document.GetOpenApiDocumentAsync(CancellationToken.None);
        using var stream = new MemoryStream();
        await api.SerializeAsJsonAsync(stream, OpenApiSpecVersion.OpenApi3_1, CancellationToken.None);
        return stream.ToArray();
    }
}
