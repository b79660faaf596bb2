using System.Text.Json.Nodes;
using IspHost.Sdk.Web;

namespace IspHost.Core.Catalog;

/// <summary>A plan that limits no sessions says nothing of them; 0 said it before, which looked like none at all.</summary>
sealed class SessionLimitChange() : ApiChange(
    ApiVersions.Next, typeof(NetworkTerms),
    "`network.session_limit` of plans is left out where any number of sessions may run; it was 0 before.")
{
    const string Field = "session_limit";

    public override void Upgrade(JsonObject body, bool isPatch)
    {
        if (body[Field] is not JsonValue value || !value.TryGetValue(out int limit) || limit != 0)
            return;
        if (isPatch)
            body[Field] = null;
        else
            body.Remove(Field);
    }

    public override void Downgrade(JsonObject body) => body.TryAdd(Field, 0);

    public override void Describe(JsonObject schema)
    {
        if (schema["properties"]?[Field] is not JsonObject field)
            return;
        field["minimum"] = 0;
        field["description"] = "How many sessions may run at once; 0 for any number.";
    }
}
