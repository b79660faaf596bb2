namespace IspHost.Scripting.Tests;

public sealed class DiagnosticTests(Workers workers)
{
    [Theory]
    [InlineData("decimal x = 1m;\nreturn y;", "CS0103", 2, 8)]
    [InlineData("var a = 1m\nreturn a;", "CS1002", 1, 11)]
    [InlineData("using System.Linq;\n\n  return Usage.Cout();", "CS1061", 3, 16)]
    [InlineData("for (var i = 0; i < 3; i++)\n{\n    var s = i.Nope;\n}\nreturn 0m;", "CS1061", 3, 15)]
    public async Task An_error_of_the_compiler_has_its_code_line_and_column(string source, string code, int line, int column)
        => Assert.Equal((code, line, column), Place(await workers.RefusalAsync(source)));

    [Theory]
    [InlineData("return\n    System.IO.File.ReadAllText(\"x\").Length;", "SBX100", 2, 15)]
    [InlineData("var x = 1m;\ntry { } catch { }\nreturn x;", "SBX119", 2, 1)]
    [InlineData("var x = 1m;\n#if DEBUG\nreturn x;", "SBX114", 2, 1)]
    [InlineData("var x = 1m;\n  var naïve = x;\nreturn x;", "SBX123", 2, 9)]
    public async Task A_refusal_has_its_code_line_and_column(string source, string code, int line, int column)
        => Assert.Equal((code, line, column), Place(await workers.RefusalAsync(source)));

    /// <summary>Variables outside of functions are local to the run: errors that only this form has are placed in the script too.</summary>
    [Theory]
    [InlineData("var a = 1m;\n{\n    var a = 2m;\n}\nreturn a;", "CS0136", 3, 5)]
    [InlineData("decimal F() => later;\nvar x = F();\nvar later = 2m;\nreturn x + later;", "CS0841", 1, 1)]
    public async Task An_error_of_the_rewritten_program_points_to_the_statement(string source, string code, int line, int column)
        => Assert.Equal((code, line, column), Place(await workers.RefusalAsync(source)));

    [Theory]
    [InlineData("return \"text\";")]
    [InlineData("var x = 1m;")]
    [InlineData("if (Quantity > 1m) return 1m;")]
    public async Task A_script_returns_a_price_on_every_path(string source)
        => Assert.Equal("SBX127", (await workers.RefusalAsync(source)).Code);

    static (string, int, int) Place(ScriptDiagnostic diagnostic) => (diagnostic.Code, diagnostic.Line, diagnostic.Column);
}
