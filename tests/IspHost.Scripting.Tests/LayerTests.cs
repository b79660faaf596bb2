using System.Diagnostics;
using System.Globalization;
using IspHost.Scripting.Workers;

namespace IspHost.Scripting.Tests;

/// <summary>What is left when a script has got past all that refuses and meters scripts.</summary>
public sealed class LayerTests
{
    [Fact]
    public async Task All_layers_are_on_that_the_platform_has()
    {
        await using var scripts = new PriceScripts(new ScriptOptions { Workers = 1, Without = ScriptLayers.LackingHere });

        await scripts.StartAsync();

        var expected = ScriptLayers.All.Except(ScriptLayers.LackingHere);
        Assert.Equal(expected.Order(StringComparer.Ordinal), scripts.Layers.Order(StringComparer.Ordinal));
        Assert.Null(scripts.Trouble);
    }

    [Fact]
    public async Task Without_a_layer_no_script_is_compiled_or_run()
    {
        await using var careless = new PriceScripts(Demanding("moat") with { Without = ["moat", .. ScriptLayers.LackingHere] });
        await using var strict = new PriceScripts(Demanding("moat") with { Without = ScriptLayers.LackingHere });
        var verdict = await careless.CompileAsync(Tests.Workers.Tenant, "return 1m;", Tests.Workers.Stop);
        var image = Assert.IsType<ScriptVerdict.Accepted>(verdict).Image;

        await Refused(strict.StartAsync());
        await Refused(strict.CompileAsync(Tests.Workers.Tenant, "return 1m;", Tests.Workers.Stop));
        await Refused(strict.RunAsync(Tests.Workers.Tenant, image, [Vector.Item], Tests.Workers.Stop));

        Assert.StartsWith("Price scripts are not run without moat: ", strict.Trouble, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_operator_does_without_is_not_put_on()
    {
        var without = new ScriptOptions { Workers = 1, Without = [ScriptLayers.Landlock, .. ScriptLayers.LackingHere] };
        await using var scripts = new PriceScripts(without);

        await scripts.StartAsync();

        Assert.DoesNotContain(ScriptLayers.Landlock, scripts.Layers);
    }

    [Fact]
    public void A_confined_program_opens_only_what_it_is_given()
    {
        Assert.SkipWhen(Landlock.Version == 0, "This kernel has no Landlock.");
        var (open, closed) = (Directory.CreateTempSubdirectory("isphost-open-"), Directory.CreateTempSubdirectory("isphost-closed-"));
        var (shown, hidden) = (Path.Combine(open.FullName, "file"), Path.Combine(closed.FullName, "file"));
        File.WriteAllText(shown, "shown");
        File.WriteAllText(hidden, "hidden");

        var answers = (Cat(shown, open.FullName), Cat(hidden, open.FullName), Cat($"{open.FullName}/../{closed.Name}/file", open.FullName));

        open.Delete(recursive: true);
        closed.Delete(recursive: true);
        Assert.Equal(("shown", "", ""), answers);
    }

    [Fact]
    public void The_thread_that_starts_a_confined_program_is_the_only_one_that_is_confined()
    {
        Cat("/etc/hostname");

        Assert.NotEmpty(Directory.GetFileSystemEntries("/"));
    }

    [Fact]
    public async Task Root_starts_workers_as_a_user_of_their_own()
    {
        Assert.SkipUnless(IsRootWithUsers, "Not root.");
        await using var scripts = new PriceScripts(new ScriptOptions { Workers = 1, Without = ScriptLayers.LackingHere });
        var ids = new List<int>();
        scripts.WorkerStarted += ids.Add;
        await scripts.CompileAsync(Tests.Workers.Tenant, "return 1m;", Tests.Workers.Stop);

        var user = UserOf(Assert.Single(ids));

        var own = File.ReadLines("/etc/passwd").FirstOrDefault(line => line.StartsWith("isphost-scripts:", StringComparison.Ordinal));
        Assert.Equal(own?.Split(':')[2] ?? "61131", user);
    }

    /// <summary>As below /root, and where the umask lets nobody else read.</summary>
    [Fact]
    public async Task A_worker_that_others_cannot_read_is_copied_to_where_its_user_can()
    {
        Assert.SkipUnless(IsRootWithUsers, "Not root.");
        var closed = Directory.CreateTempSubdirectory("isphost-closed-");
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(WorkerPlace.Find(null))!))
            File.Copy(file, Path.Combine(closed.FullName, Path.GetFileName(file)));
        var options = new ScriptOptions
        {
            Workers = 1,
            Without = ScriptLayers.LackingHere,
            WorkerPath = Path.Combine(closed.FullName, Path.GetFileName(WorkerPlace.Find(null))),
        };
        await using var scripts = new PriceScripts(options);

        await scripts.StartAsync();

        closed.Delete(recursive: true);
        Assert.Contains(ScriptLayers.UnprivilegedUser, scripts.Layers);
    }

    [Fact]
    public void Only_the_build_says_that_the_worker_is_elsewhere()
    {
        var published = Directory.CreateTempSubdirectory("isphost-published-").FullName;
        var before = WorkerPlace.Candidates(published).ToList();
        File.WriteAllText(Path.Combine(published, "script-worker.path"), "/built/here\n");
        var after = WorkerPlace.Candidates(published).ToList();

        Directory.Delete(published, recursive: true);
        Assert.Equal([Path.Combine(published, "script-worker", "IspHost.ScriptWorker")], before);
        Assert.Equal([.. before, "/built/here/IspHost.ScriptWorker"], after);
    }

    static bool IsRootWithUsers => Environment.IsPrivilegedProcess && !ScriptLayers.LackingHere.Contains(ScriptLayers.UnprivilegedUser);

    static ScriptOptions Demanding(string layer) => new() { Workers = 1, Demanded = [layer, .. ScriptLayers.All] };

    static async Task Refused(Task call) => await Assert.ThrowsAsync<ScriptsUnavailableException>(() => call);

    static string Cat(string file, params string[] readable)
    {
        var start = new ProcessStartInfo("/bin/cat", [file]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var cat = ConfinedStart.Start(start, ["/bin", "/usr", "/lib", "/lib64", "/etc/ld.so.cache", .. readable])!;
        return cat.StandardOutput.ReadToEnd();
    }

    static string UserOf(int process)
        => File.ReadLines($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/status")
            .First(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1];
}
