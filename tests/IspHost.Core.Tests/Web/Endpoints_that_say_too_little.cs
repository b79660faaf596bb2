using IspHost.Core.Web;
using IspHost.Core.Web.Document;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace IspHost.Core.Tests.Web;

public sealed class Endpoints_that_say_too_little
{
    sealed record Thing(string Name);

    sealed record ThingView(string Name);

    [Fact]
    public async Task Are_refused_with_all_that_they_lack()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddApiJson().AddDocument();
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapGet("/api/v1/things", () => TypedResults.Ok(new List<Thing>()));
        app.MapPut("/api/v1/things/{id}", IResult (string id, Thing thing) => TypedResults.Ok(thing)).WithName("ChangeThing");

        await app.StartAsync(TestContext.Current.CancellationToken);

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(
            () => ApiDocument.MakeAsync(app.Services, "", TestContext.Current.CancellationToken));

        Assert.Equal(
            [
                "GET /api/v1/things has no name in camel case: say what it is with Documented",
                "GET /api/v1/things has no summary: say what it is with Documented",
                "GET /api/v1/things has no description: say what it is with Documented",
                "GET /api/v1/things asks for no scope",
                "GET /api/v1/things is a list without [Cursor] cursor and [Limit] limit",
                "PUT /api/v1/things/{id} has no name in camel case: say what it is with Documented",
                "PUT /api/v1/things/{id} has no summary: say what it is with Documented",
                "PUT /api/v1/things/{id} has no description: say what it is with Documented",
                "PUT /api/v1/things/{id} asks for no scope",
                "PUT /api/v1/things/{id} does not say what it answers: return a typed result, such as Ok<Invoice>",
                "PUT /api/v1/things/{id} changes what is there without an IfMatch",
            ],
            refused.Message.TrimEnd('.').Split("; ").Where(line => !line.Contains("chapter", StringComparison.Ordinal)));
    }

    sealed record Box(IReadOnlyList<Page<ThingView>> Pages);

    [Fact]
    public async Task Are_refused_if_two_of_their_types_would_have_one_name()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddApiJson().AddDocument();
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapGroup("/api/v1/things").InChapter("Things", "What there is.").ForTenants("things")
            .MapPost("/", (Thing thing) => TypedResults.Ok(new Box([]))).Documented("addThing", "Add a thing", "Adds it.");

        await app.StartAsync(TestContext.Current.CancellationToken);

        // Before a document is made: a plugin is refused when it is loaded, and its part is made when somebody asks for it.
        var refused = Assert.Throws<InvalidOperationException>(() => ApiDocument.Check(app.Services, ""));

        Assert.Equal(
            $"{typeof(Thing)} and {typeof(ThingView)} would both be 'Thing' in the API's document: rename one of them.", refused.Message);
    }
}
