using System.Globalization;
using IspHost.Sdk.Rating;

namespace IspHost.Scripting.Tests;

/// <summary>What scripts can say, beyond the vectors.</summary>
public sealed class PriceTests(Workers workers)
{
    [Theory]
    [InlineData("Quantity * Rate", "25.00")]
    [InlineData("return 7;", "7")]
    [InlineData("return new[] { 3m, 1m, 2m }.Reverse().First();", "2")]
    [InlineData("return new[] { 3m, 1m }.Contains(1m) ? 1m : 0m;", "1")]
    [InlineData("return Usage.Count + Account.Tags.Count;", "11")]
    [InlineData("return Usage.GroupBy(u => u.Kind).OrderBy(g => g.Key).Aggregate(0m, (a, g) => a * 10m + g.Count());", "414")]
    [InlineData("return (from u in Usage where u.Seconds > 40 orderby u.Seconds descending select u.Seconds).First();", "125")]
    [InlineData("var s = \"\"; foreach (var p in Account.Products) s += p[..1]; return s == \"fvt\" ? 1m : 0m;", "1")]
    [InlineData("decimal[] a = [1m, 2m]; List<int> l = [3, 4]; return a[1] + l.Sum();", "9")]
    [InlineData("var d = new SortedDictionary(); return d.Get(2); class SortedDictionary { public int Get(int x) => x * 2; }", "4")]
    [InlineData("var l = new List<decimal> { 3m, 1m, 2m }; l.Sort((a, b) => b.CompareTo(a)); return l[0];", null)]
    [InlineData("string? n = null; return (n?.Trim() ?? \"ab\").Length;", "2")]
    [InlineData("record struct P(int X) { public static P operator +(P a, P b) => new(a.X + b.X); } return (new P(1) + new P(2)).X;", "3")]
    [InlineData("enum E { A, B } E e = E.B; return e switch { E.A => 1m, E.B => 2m, _ => 3m };", "2")]
    [InlineData("var q = Usage.Join(Account.Tags, u => 1, t => 1, (u, t) => u.Seconds); return q.Sum();", "522")]
    [InlineData("return Usage.Max(u => u.Gigabytes) + Usage.Average(u => u.Gigabytes * 9m);", "120.00")]
    [InlineData("decimal F(params decimal[] xs) => xs.Sum(); return F(1m, 2m, 3m);", "6")]
    [InlineData("var x = 1m; void Add(decimal y) { x += y; } Add(2m); return x;", "3")]
    public async Task A_script_can_say_it(string source, string? price)
    {
        if (price is null)
            Assert.Equal("SBX100", (await workers.RefusalAsync(source)).Code);
        else
            Assert.Equal(decimal.Parse(price, CultureInfo.InvariantCulture), await AmountAsync(source));
    }

    async Task<decimal> AmountAsync(string source)
        => Assert.IsType<RatingOutcome.Rated>(await workers.PriceAsync(source)).Charge.Amount;

    [Fact]
    public async Task A_script_can_explain_its_price()
    {
        var outcome = await workers.PriceAsync("return new Charge(Quantity * Rate, [$\"{Quantity} GB\", \"at \" + Rate]);");

        var charge = Assert.IsType<RatingOutcome.Rated>(outcome).Charge;
        Assert.Equal(25.00m, charge.Amount);
        Assert.Equal(["250 GB", "at 0.10"], charge.Lines);
    }

    [Theory]
    [InlineData("return -0.01m;", "SBX204")]
    [InlineData("return 1_000_000_000_000.01m;", "SBX204")]
    [InlineData("return 0.0000000000001m;", "SBX204")]
    [InlineData("return new Charge(1m, Enumerable.Repeat(\"x\", 21).ToImmutableArray());", "SBX204")]
    [InlineData("return new Charge(1m, [new string('x', 201)]);", "SBX204")]
    [InlineData("return new Charge(1m, [\"a\\nb\"]);", "SBX204")]
    [InlineData("return new Charge(1m, [\"a\\u0085b\"]);", "SBX204")]
    [InlineData("return new Charge(1m, [\"a\\ud83d\"]);", "SBX204")]
    [InlineData("return new Charge(1m, [\"\\ude00\\ud83d\"]);", "SBX204")]
    [InlineData("throw new InvalidOperationException(\"a\\nb\");", "SBX205")]
    [InlineData("return 1m / (Quantity - 250m);", "SBX205")]
    [InlineData("var l = new List<string>(); while (true) l.Add(new string('x', 60_000));", "SBX201")]
    [InlineData("var q = Enumerable.Range(0, 2); for (var i = 0; i < 100_000; i++) q = q.Select(x => x); return q.Count();", "SBX202")]
    [InlineData("class A { public A Next = new A(); } return new A().Next == null ? 0m : 1m;", "SBX202")]
    [InlineData("var l = new List<int> { 1 }; while (true) l.AddRange(l);", "SBX201")]
    [InlineData("var l = Enumerable.Range(0, 100_000).ToList(); while (true) l.Contains(-1);", "SBX200")]
    [InlineData("var s = new string('x', 60_000); while (true) s.Contains('y');", "SBX200")]
    [InlineData("class A { public A(int x) : this(new A(x)) { } public A(A a) { } } var z = new A(1); return 0m;", "SBX202")]
    [InlineData("class A(int x) { public decimal Y { get; } = new A(x).Y; } return new A(1).Y;", "SBX202")]
    [InlineData("record R(int X) { public R Self => this; } return $\"{new R(1)}\".Length;", "SBX202")]
    [InlineData("IEnumerable<int> F(int n) { yield return n; foreach (var x in F(n + 1)) yield return x; } return F(0).Sum();", "SBX200")]
    [InlineData("Func<int, decimal> f = null; f = n => f(n + 1); return f(0);", "SBX202")]
    [InlineData("Func<int, decimal> f = null; f = delegate(int n) { return f(n + 1); }; return f(0);", "SBX202")]
    [InlineData("class A { public decimal this[int i] => this[i + 1]; } return new A()[0];", "SBX202")]
    [InlineData("do ; while (true); return 0m;", "SBX200")]
    [InlineData("while (true) if (Rate > 0m) continue; return 0m;", "SBX200")]
    [InlineData("return Enumerable.Range(0, 2000).OrderBy(x => Enumerable.Range(0, 2000).Sum()).First();", "SBX200")]
    public async Task A_script_is_stopped(string source, string code)
        => Assert.Equal(code, Assert.IsType<RatingOutcome.Failed>(await workers.PriceAsync(source)).Code);

    [Fact]
    public async Task What_a_script_throws_is_told_in_one_line()
    {
        var outcome = await workers.PriceAsync("throw new InvalidOperationException(\"a\\nb\");");

        Assert.Equal("InvalidOperationException: a b", Assert.IsType<RatingOutcome.Failed>(outcome).Reason);
    }

    /// <summary>The type's name and 172 letters leave one place of 200, and a clef takes two.</summary>
    [Fact]
    public async Task A_reason_is_cut_between_characters()
    {
        var outcome = await workers.PriceAsync("throw new InvalidOperationException(new string('x', 172) + \"\\ud834\\udd1e\");");

        Assert.Equal("InvalidOperationException: " + new string('x', 172), Assert.IsType<RatingOutcome.Failed>(outcome).Reason);
    }

    [Fact]
    public async Task Half_a_character_in_a_reason_is_shown_as_such()
    {
        var outcome = await workers.PriceAsync("throw new InvalidOperationException(\"a\\ud834b\");");

        Assert.Equal("InvalidOperationException: a\ufffdb", Assert.IsType<RatingOutcome.Failed>(outcome).Reason);
    }

    [Fact]
    public async Task A_source_with_half_a_character_is_refused()
        => Assert.Equal("SBX123", (await workers.RefusalAsync("return 1m; // \ud834")).Code);
}
