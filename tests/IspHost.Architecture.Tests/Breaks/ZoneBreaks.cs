using IspHost.Architecture.Tests.Rules;

namespace IspHost.Architecture.Tests.Breaks;

static class ZoneBreaks
{
    const string File = "host/IspHost.Core/Customers/Customer.cs";
    const string Script = "plugins/Tax.Vat/Migrations/0001-vat.sql";

    public static IReadOnlyList<Break> All { get; } =
    [
        new(Zones.Source,
            SmallTree.InOrder.With(File, "sealed class Customer { object zone = DateTimeZoneProviders.Tzdb; }\n"),
            $"{File}:1 names DateTimeZoneProviders"),
        new(Zones.Source,
            SmallTree.InOrder.With(Script, "select now() at time zone 'UTC';\nselect now() at time zone zone from host.tenant;\n"),
            $"{Script}:2 has PostgreSQL work out a local time"),
    ];
}
