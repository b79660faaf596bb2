namespace IspHost.Plugins.Billing;

/// <summary>What a price is for.</summary>
enum Component
{
    Recurring,
    Usage,
}

static class ComponentNames
{
    /// <summary>As the database and the API write it.</summary>
    public static string Text(this Component component) => component switch
    {
        Component.Recurring => "recurring",
        Component.Usage => "usage",
        _ => throw new ArgumentOutOfRangeException(nameof(component), component, null),
    };

    public static Component Parse(string text) => text switch
    {
        "recurring" => Component.Recurring,
        "usage" => Component.Usage,
        _ => throw new ArgumentOutOfRangeException(nameof(text), text, null),
    };
}
