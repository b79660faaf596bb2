using IspHost.Scripting.Shared;

namespace IspHost.ScriptWorker.Compile;

/// <summary>Compiles one source after the other, until the host goes.</summary>
static class CompileLoop
{
    /// <summary>Binding goes as deep as the source is nested, which the rules bound; this is several times what they let through.</summary>
    public const int StackBytes = 64 << 20;

    static readonly CompileBounds WarmUpBounds = new(1000, 64, 512);

    const string WarmUpSource =
        """
        decimal Rounded(decimal x) => Math.Round(x, 2);
        var data = Usage.Where(u => u.Kind == "data").Sum(u => u.Gigabytes);
        return Rounded(data * Rate);
        """;

    /// <summary>The first compilation takes a second, nearly all of it for the compiler's own code: better before a request.</summary>
    public static void WarmUp() => new ScriptCompiler(WarmUpBounds).Compile(WarmUpSource);

    public static void Serve(Connection connection)
    {
        ScriptCompiler? compiler = null;
        while (connection.TryReceive(out var kind, out var frame))
        {
            var content = new WireReader(frame);
            if (kind == FrameKind.Bounds)
                compiler = new ScriptCompiler(new CompileBounds(content.Int32(), content.Int32(), content.Int32()));
            else if (kind == FrameKind.Compile && compiler is not null)
                Answer(connection, compiler.Compile(content.Text()));
            else
                throw new InvalidDataException($"A compile worker does not take {kind}.");
        }
    }

    static void Answer(Connection connection, CompileResult result)
    {
        var answer = connection.Begin(FrameKind.Compiled);
        answer.Bytes(result.Image);
        answer.Int32(result.Findings.Count);
        foreach (var finding in result.Findings)
        {
            answer.Text(finding.Code);
            answer.Int32(finding.Line);
            answer.Int32(finding.Column);
            answer.Text(finding.Text);
        }

        connection.Send();
    }
}
