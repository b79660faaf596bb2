using IspHost.Architecture.Tests.Rules;

namespace IspHost.Architecture.Tests.Breaks;

static class CircleBreaks
{
    public static IReadOnlyList<Break> All { get; } =
    [
        new(Circles.Core,
            SmallTree.InOrder
                .With("host/IspHost.Core/Web/Page.cs", "using IspHost.Core.Customers;\n")
                .With("host/IspHost.Core/Audit/Trail.cs", "using IspHost.Core.Web;\n")
                .With("host/IspHost.Core/Customers/Customer.cs", "using IspHost.Core.Audit;\nusing IspHost.Core.Customers.Reports;\n"),
            "Audit -> Web -> Customers -> Audit"),
    ];
}
