using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace IspHost.Core.Imports;

/// <summary>A file of subscribers: a header, then a row each with the columns <c>username</c>, <c>password</c> and <c>plan</c>.</summary>
static class SubscriberFile
{
    static readonly string[] Columns = ["username", "password", "plan"];

    /// <summary>The rows of the file, in their order. A row that cannot be read says why.</summary>
    /// <exception cref="SubscriberFileException">The header lacks a column, or has one that nothing reads.</exception>
    public static async IAsyncEnumerable<SubscriberRow> ReadAsync(TextReader text)
    {
        var settings = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            PrepareHeaderForMatch = header => header.Header.Trim().ToLowerInvariant(),
            BadDataFound = null,
            MissingFieldFound = null,
        };
        using var csv = new CsvReader(text, settings);
        if (!await csv.ReadAsync() || !csv.ReadHeader())
            throw new SubscriberFileException("The file is empty: it must begin with a header, username,password,plan.");
        var header = csv.HeaderRecord!.Select(name => name.Trim().ToLowerInvariant()).ToList();
        if (Columns.Except(header).FirstOrDefault() is { } missing)
            throw new SubscriberFileException($"The header lacks the column {missing}.");
        if (header.Except(Columns).FirstOrDefault() is { } unknown)
            throw new SubscriberFileException($"There is no column '{Short(unknown)}' of subscribers: only username, password and plan.");
        if (header.Count > Columns.Length)
            throw new SubscriberFileException("A column stands in the header twice.");

        while (await csv.ReadAsync())
            yield return new SubscriberRow(
                csv.Parser.Row, csv.GetField("username") ?? "", csv.GetField("password") ?? "", csv.GetField("plan") ?? "");
    }

    static string Short(string name) => name.Length <= 64 ? name : $"{name[..64]}...";
}

/// <summary>A row of the file.</summary>
/// <param name="Number">Its number in the file; the header is 1.</param>
/// <param name="UserName">The login name.</param>
/// <param name="Password">The password.</param>
/// <param name="Plan">The code of the plan.</param>
readonly record struct SubscriberRow(int Number, string UserName, string Password, string Plan)
{
    public override string ToString() => $"{Number} {UserName}";
}

/// <summary>A file is not one of subscribers. The message is for the user.</summary>
sealed class SubscriberFileException(string message) : Exception(message);
