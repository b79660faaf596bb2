using IspHost.Sdk.Panels;

namespace IspHost.PluginRuntime;

sealed class PanelProxy(Slot<IPanel> slot) : IPanel
{
    public async ValueTask<Panel> ReadAsync(CancellationToken cancellationToken)
        => await slot.CallAsync(default, Read, true, cancellationToken); // The operator's: of no tenant.

    /// <summary>Copies the lists: they may be of types that the compiler made for the plugin.</summary>
    static async ValueTask<Panel> Read(IPanel panel, bool _, CancellationToken stop)
    {
        var read = await panel.ReadAsync(stop);
        return new Panel
        {
            Title = read.Title,
            Columns = [.. read.Columns.ToArray()],
            Rows = [.. read.Rows.Take(50).Select(row => row.ToArray())],
        };
    }
}
