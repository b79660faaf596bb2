using IspHost.Sdk.Data;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace IspHost.Testing;

/// <summary>Names a request as the test says, and keeps no answer: as if the process was always killed before it could.</summary>
public sealed class FakeAnswers : IAnswers
{
    /// <summary>The key of what is asked from now on; null for none.</summary>
    public Guid? Request { get; set; }

    public Task KeepAsync(NpgsqlConnection connection, IResult answer, CancellationToken cancellationToken) => Task.CompletedTask;
}
