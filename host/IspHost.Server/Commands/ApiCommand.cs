using System.CommandLine;
using System.CommandLine.Parsing;
using IspHost.Server.Client;

namespace IspHost.Server.Commands;

/// <summary><c>api</c>: any request to the API, with the operator's key, for what has no command of its own.</summary>
static class ApiCommand
{
    static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

    /// <summary>What a request with a key may have at most; a longer one goes without.</summary>
    const int LongestWithKey = 1024 * 1024;

    static readonly Argument<string> Method = new("method") { Description = "GET, HEAD, POST, PUT, PATCH or DELETE.", HelpName = "METHOD" };

    static readonly Argument<string> Path = new("path")
    {
        Description = "What to ask, with its query and with or without /api/v1.",
        HelpName = "PATH",
    };

    static readonly Option<string?> Tenant = new("--tenant") { Description = "The code of the tenant.", HelpName = "CODE" };

    static readonly Option<string?> Body = new("--body")
    {
        Description = "What to send: a file, - for standard input, or JSON as it is.",
        HelpName = "FILE|-|JSON",
    };

    static readonly Option<string[]> Header = new("--header")
    {
        Description = "A header to send. May be given more than once.",
        HelpName = "NAME:VALUE",
    };

    static readonly Option<string?> Key = new("--key")
    {
        Description = "The Idempotency-Key of a POST that is repeated; by default a new one.",
        HelpName = "KEY",
    };

    static readonly Option<bool> All = new("--all") { Description = "All pages of a list, as one list of its items." };

    static readonly Option<FileInfo?> To = new("--output") { Description = "A file to write the answer to.", HelpName = "FILE" };

    public static Command Create()
    {
        Header.Validators.Add(CheckHeaders);
        var command = new Command("api", "Sends a request to the API with the operator's key, and prints the answer.")
        {
            Method, Path, Tenant, Body, Header, Key, All, To,
        }.OnServer();
        command.Validators.Add(Check);
        command.Does(RunAsync);
        return command;
    }

    static async Task RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var request = await RequestAsync(parsed, stop);
        await using var api = await CommonOptions.ConnectAsync(parsed, stop);
        try
        {
            if (parsed.GetValue(All))
                await Answers.WriteAsync(await ApiPages.ReadAsync(api, request, stop), parsed.GetValue(To), stop);
            else
                await AskAsync(api, request, parsed, stop);
        }
        catch (RequestException failure) when (request.IsWorthRepeating(failure))
        {
            throw new RequestException(failure.Status, failure.Message, [.. failure.More, Again(request)]);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && request.Key is not null)
        {
            await Console.Error.WriteLineAsync(Again(request));
            throw;
        }
    }

    static async Task AskAsync(ApiClient api, ApiRequest request, ParseResult parsed, CancellationToken stop)
    {
        var answer = await ApiAnswer.TryAsync(api, request, stop);
        if (answer.Refused is null)
            await Answers.WriteAsync(answer, parsed.GetValue(To), stop);
        else if (parsed.GetValue(CommonOptions.Json) && answer.Json is not null)
            await Answers.WriteAsync(answer, to: null, stop);
        if (answer.Refused is { } refused)
            throw refused;
    }

    static async Task<ApiRequest> RequestAsync(ParseResult parsed, CancellationToken stop)
    {
        var method = HttpMethod.Parse(parsed.GetValue(Method)!.ToUpperInvariant());
        var headers = (parsed.GetValue(Header) ?? []).Select(Split).ToList();
        if (parsed.GetValue(Tenant) is { } tenant)
            headers.Add(("Tenant", tenant));
        var body = parsed.GetValue(Body) is { } given ? await Files.ReadBodyAsync(given, stop) : null;
        var key = parsed.GetValue(Key) ?? headers.LastOrDefault(header => IsKey(header.Name)).Value;
        if (method == HttpMethod.Post && (body?.Content.Length ?? 0) <= LongestWithKey)
            key ??= $"{Guid.NewGuid()}";
        return new(method, Below(parsed.GetValue(Path)!), headers, body, key);
    }

    static string Below(string path)
    {
        path = path.TrimStart('/');
        return path.StartsWith("api/v1", StringComparison.Ordinal) && path["api/v1".Length..] is [] or ['/' or '?', ..]
            ? path["api/v1".Length..].TrimStart('/')
            : path;
    }

    static void Check(CommandResult result)
    {
        if (result.GetValue(Method)?.ToUpperInvariant() is not { } method)
            return;
        if (!Methods.Contains(method))
            result.AddError($"'{method}' is not a method: use {string.Join(", ", Methods)}.");
        if (result.GetValue(All) && method is not "GET")
            result.AddError("--all is for GET.");
        if (result.GetValue(Key) is not null && method is not "POST")
            result.AddError("--key is for POST: any other request may be repeated as it is.");
    }

    static void CheckHeaders(OptionResult result)
    {
        foreach (var token in result.Tokens.Select(token => token.Value))
        {
            var (name, value) = Split(token);
            if (name.Length == 0 || value.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
                || value.Any(c => c is < ' ' or > '~'))
                result.AddError($"'{token}' is not a header such as Accept:application/json.");
        }
    }

    static (string Name, string Value) Split(string header)
        => header.Split(':', 2, StringSplitOptions.TrimEntries) is [var name, var value] ? (name, value) : ("", "");

    static bool IsKey(string name) => name.Equals(ApiRequest.KeyHeader, StringComparison.OrdinalIgnoreCase);

    static string Again(ApiRequest request) => $"To send it again, add --key {request.Key}: what was done is then not done twice.";
}
