namespace IspHost.Scripting.Tests;

/// <summary>Refusals that the vectors do not have.</summary>
public sealed class RuleTests(Workers workers)
{
    [Theory]
    [InlineData("dynamic x = 1m; return x;", "SBX112")]
    [InlineData("class A { ~A() { } } return 0m;", "SBX117")]
    [InlineData("class A { public static decimal X; } return A.X;", "SBX116")]
    [InlineData("class A { public static decimal X { get; set; } } return A.X;", "SBX116")]
    [InlineData("record Node(decimal X, Node Next); return 0m;", "SBX122")]
    [InlineData("record A(string X); record B(A P, A Q, A R, A S); record C(B P, B Q, B R, B S); record D(C P, C Q, C R, C S); return 0m;", "SBX122")]
    [InlineData("return 1.5;", "SBX130")]
    [InlineData("return (decimal)Math.Sqrt(2);", "SBX130")]
    [InlineData("return new Random(1).Next();", "SBX130")]
    [InlineData("var a = new { X = 1 }; return a.GetHashCode();", "SBX100")]
    [InlineData("record R(string X); return new R(\"a\").GetHashCode();", "SBX100")]
    [InlineData("object o = Quantity; return 0m;", "SBX100")]
    [InlineData("Func<decimal> f = () => 1m; f += f; return f();", "SBX100")]
    [InlineData("return Quantity.ToString(\"F999999999\").Length;", "SBX126")]
    [InlineData("var f = \"F9\" + Quantity; return Quantity.ToString(f).Length;", "SBX126")]
    [InlineData("return $\"{Quantity:F99999}\".Length;", "SBX126")]
    [InlineData("IEnumerable<decimal> q = new[] { 1m }; return ((decimal[])q)[0];", "SBX121")]
    [InlineData("IEnumerable<decimal> q = new[] { 1m }; return q is decimal[] a ? a[0] : 0m;", "SBX121")]
    [InlineData("IEnumerable<decimal> q = new[] { 1m }; return (q as decimal[])[0];", "SBX121")]
    [InlineData("Rate = 5m; return 1m;", "SBX140")]
    [InlineData("var p = Period with { Start = Period.End }; return 1m;", "SBX140")]
    [InlineData("var m = new decimal[2, 2]; return m[0, 0];", "SBX120")]
    [InlineData("IspHost.ScriptWorker.Metering.Meter.Tick(); return 0m;", "SBX100")]
    [InlineData("var __item = 1m; return 0m;", "SBX124")]
    [InlineData("var e = new List<int>().GetEnumerator(); return 0m;", "SBX100")]
    [InlineData("return DateTime.Parse(\"10:00\").Year;", "SBX100")]
    [InlineData("return new DateTimeOffset(new DateTime(2024, 1, 1)).Hour;", "SBX100")]
    [InlineData("DateTimeOffset o = new DateTime(2024, 1, 1); return o.Hour;", "SBX100")]
    [InlineData("var t = (1, 2); return t.GetHashCode();", "SBX100")]
    [InlineData("switch (1) { case 1: goto case 1; } return 0m;", "SBX119")]
    public async Task It_is_refused(string source, string code) => Assert.Equal(code, (await workers.RefusalAsync(source)).Code);
}
