namespace IspHost.Sdk.Panels;

/// <summary>A table on the host's status page, as data: the host draws it.</summary>
public interface IPanel
{
    /// <summary>What the table shows now. Called each time someone looks, with two seconds to answer.</summary>
    ValueTask<Panel> ReadAsync(CancellationToken cancellationToken);
}

/// <summary>A table.</summary>
public sealed record Panel
{
    /// <summary>Its heading.</summary>
    public required string Title { get; init; }

    /// <summary>The headings of its columns.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>At most 50 rows, with a cell for each column. Text, never markup.</summary>
    public required IReadOnlyList<IReadOnlyList<string>> Rows { get; init; }
}
