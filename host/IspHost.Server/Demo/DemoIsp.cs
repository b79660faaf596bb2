using System.Net;

namespace IspHost.Server.Demo;

/// <summary>A provider of the demo: what it is, what it sells, and who its customers are.</summary>
sealed record DemoIsp
{
    public required string Code { get; init; }
    public required string Name { get; init; }
    public required string Currency { get; init; }
    public required string Zone { get; init; }
    public required string[] Address { get; init; }
    public required IPAddress Nas { get; init; }
    public required string Secret { get; init; }
    public required string ScriptName { get; init; }
    public required string Script { get; init; }
    public required IReadOnlyList<DemoPlan> Plans { get; init; }
    public required IReadOnlyList<DemoCustomer> Customers { get; init; }

    public override string ToString() => Code;

    /// <summary>One in the European Union that prices in tiers, and one in West Africa where the night is free.</summary>
    public static IReadOnlyList<DemoIsp> Both { get; } = [Aegean, Volta];

    static DemoIsp Aegean => new()
    {
        Code = "aegean",
        Name = "Aegean Fibre",
        Currency = "EUR",
        Zone = "Europe/Athens",
        Address = ["12 Akti Miaouli", "185 38 Piraeus", "Greece"],
        Nas = IPAddress.Loopback,
        Secret = "testing123",
        ScriptName = "tiers",
        Script = """
            // The first 100 GB are in the price, the next 200 cost the plan's rate, and all above that half of it.
            var dear = Math.Clamp(Quantity - 100m, 0m, 200m);
            var cheap = Math.Max(Quantity - 300m, 0m);
            return Math.Round(dear * Rate + cheap * Rate / 2m, 4);
            """,
        Plans =
        [
            new("fibre-100", "Fibre 100", Up: 20, Down: 100, Recurring: "24.90", Rate: "0.05"),
            new("fibre-300", "Fibre 300", Up: 50, Down: 300, Recurring: "34.90", Rate: "0.04"),
        ],
        Customers =
        [
            new("Eleni Papadaki", "eleni", "fibre-100"), new("Νίκος Γεωργίου", "nikos", "fibre-300"), new(
                "Maria Konstantinou", "maria", "fibre-100"),
            new("Yannis Makris", "yannis", "fibre-300"), new("Blue Harbour Café", "blue-harbour", "fibre-300"), new(
                "Demo User", "demo-user", "fibre-100", "demo-pass"),
        ],
    };

    static DemoIsp Volta => new()
    {
        Code = "volta",
        Name = "Volta Connect",
        Currency = "GHS",
        Zone = "Africa/Accra",
        Address = ["8 Liberation Road", "Accra", "Ghana"],
        // macOS gives loopback one address only; the secret tells the two access servers apart there.
        Nas = OperatingSystem.IsMacOS() ? IPAddress.Loopback : IPAddress.Parse("127.0.0.2"),
        Secret = "volta-secret-2026",
        ScriptName = "free-night",
        Script = """
            // From midnight to six in the morning data is free.
            var day = Usage.Where(u => u.Kind == "data" && u.LocalStart.Hour >= 6).Sum(u => u.Gigabytes);
            return Math.Round(day * Rate, 4);
            """,
        Plans =
        [
            new("air-20", "Air 20", Up: 5, Down: 20, Recurring: "180.00", Rate: "0.75"),
            new("air-50", "Air 50", Up: 10, Down: 50, Recurring: "320.00", Rate: "0.60"),
        ],
        Customers =
        [
            new("Ama Mensah", "ama", "air-20"), new("Kofi Boateng", "kofi", "air-50"), new("Akosua Owusu", "akosua", "air-20"),
            new("Yaw Asante", "yaw", "air-50"), new("Labadi Guesthouse", "labadi", "air-50"),
        ],
    };
}

/// <param name="Code">The plan's code.</param>
/// <param name="Name">What stands on the invoice.</param>
/// <param name="Up">Megabits a second from the subscriber.</param>
/// <param name="Down">Megabits a second to the subscriber.</param>
/// <param name="Recurring">The price of a month.</param>
/// <param name="Rate">The price of a billion bytes.</param>
sealed record DemoPlan(string Code, string Name, int Up, int Down, string Recurring, string Rate);

/// <param name="Name">The customer's name.</param>
/// <param name="UserName">The login name of its service.</param>
/// <param name="Plan">The plan of its service.</param>
/// <param name="Password">The password of its service.</param>
sealed record DemoCustomer(string Name, string UserName, string Plan, string Password = "demo-secret")
{
    public override string ToString() => UserName;
}
