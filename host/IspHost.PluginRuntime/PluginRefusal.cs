namespace IspHost.PluginRuntime;

/// <summary>A rule that a plugin may break, by a code that stays. The table in docs/plugin-authors/refusals.md is made of these.</summary>
/// <param name="Code">Such as <c>ISP1005</c>; never used for another rule.</param>
/// <param name="Step">How far the plugin came: see <see cref="PluginLoadException.Step"/>.</param>
/// <param name="Rule">What holds, in a sentence.</param>
/// <param name="Remedy">What whoever made the plugin, or operates it, can do.</param>
public sealed record PluginRefusal(string Code, string Step, string Rule, string Remedy)
{
    const string PackAgain = "Make the package with `dotnet pack`, and do not change it afterwards.";
    const string SignAgain = "Sign the package again with `isphost plugins sign`.";
    const string Ask = "The operator asks the publisher for the key's fingerprint, and adds the key with `isphost publishers add`.";

    internal static readonly PluginRefusal NoArchive = new(
        "ISP1001", "archive", "A package is a plain ZIP archive, undamaged, without encryption, comment or ZIP64 records.", PackAgain);
    internal static readonly PluginRefusal TooManyEntries = new(
        "ISP1002", "archive", "A package has at most 2,000 entries.", "Leave out what the plugin does not need at run time.");
    internal static readonly PluginRefusal TooLarge = new(
        "ISP1003", "archive", "A package has at most 200 MB, packed and unpacked.",
        "Leave out what the plugin does not need at run time, such as native libraries of other platforms.");
    internal static readonly PluginRefusal TooDense = new(
        "ISP1004", "archive", "The files have together at most 100 times the bytes of the archive.",
        "Leave out files that are filled with one value, or make them at run time.");
    internal static readonly PluginRefusal Name = new(
        "ISP1005", "archive",
        "A name is relative, stays where it is, and means the same on every system: printable ASCII, at most 200 characters, no `..`, "
        + "none of `<`, `>`, `:`, `\"`, `?`, `*`, backslash and vertical bar, no device, no dot or space at the end.",
        "Rename the file.");
    internal static readonly PluginRefusal SameName = new(
        "ISP1006", "archive", "No two entries have one name, nor names that differ only in case, nor is a file another one's folder.",
        "Rename one of the files.");
    internal static readonly PluginRefusal Link = new(
        "ISP1007", "archive", "All entries are files: no folders of their own, links or devices.", PackAgain);
    internal static readonly PluginRefusal NoList = new(
        "ISP1008", "archive", "`plugin/files.json` names every file below `plugin/` but itself and `files.sig`, with size and SHA-256.",
        PackAgain);
    internal static readonly PluginRefusal NotListed = new(
        "ISP1009", "archive", "Every file below `plugin/` is in `files.json`.", PackAgain);
    internal static readonly PluginRefusal NotThere = new(
        "ISP1010", "archive", "Every file that `files.json` names is in the package.", PackAgain);
    internal static readonly PluginRefusal Changed = new(
        "ISP1011", "archive", "Every file has the size and the SHA-256 that `files.json` says.",
        "Somebody changed the file after it was packed. Get the package from its publisher again.");

    internal static readonly PluginRefusal NoManifest = new(
        "ISP1101", "manifest", "`plugin.json` is there, and is one JSON object of at most 64 KB and 4 levels.", "Correct the manifest.");
    internal static readonly PluginRefusal ManifestField = new(
        "ISP1102", "manifest", "Every field of `plugin.json` is known, is given once and keeps its rule.",
        "Correct the field that is named; plugin.schema.json lets an editor do that while you write.");
    internal static readonly PluginRefusal OtherPlugin = new(
        "ISP1103", "manifest", "The package or folder holds the plugin that was asked for.", "Name the right one, or the right plugin.");

    internal static readonly PluginRefusal Unsigned = new(
        "ISP1201", "trust", "A package is signed.",
        "Sign it with `isphost plugins sign`. For development the operator may allow packages without (`PluginPackages:AllowLocal`).");
    internal static readonly PluginRefusal NoSignature = new(
        "ISP1202", "trust", "`plugin/files.sig` says in JSON by which algorithm (`ecdsa-p256-sha256`), with which key, and the signature.",
        SignAgain);
    internal static readonly PluginRefusal UnknownKey = new(
        "ISP1203", "trust", "The key that signed is one of a publisher whom the operator knows.", Ask);
    internal static readonly PluginRefusal RevokedKey = new(
        "ISP1204", "trust", "The key that signed was not revoked.",
        "The publisher signs with a new key, and tells the operator its fingerprint.");
    internal static readonly PluginRefusal WrongSignature = new(
        "ISP1205", "trust", "The signature was made with that key over these bytes of `files.json`.",
        "Somebody changed the package after it was signed. Get it from its publisher again.");
    internal static readonly PluginRefusal LocalKey = new(
        "ISP1206", "trust", "Keys of the tier `local` count where the operator allows them.",
        "The operator sets `PluginPackages:AllowLocal`, on machines for development.");
    internal static readonly PluginRefusal OtherPublisher = new(
        "ISP1207", "trust", "A plugin comes from the publisher it came from before, or from one of the tier `first_party`.",
        "Give the plugin an id of its own. If it has changed hands, the operator removes the plugin and allows the change once.");
    internal static readonly PluginRefusal Downgrade = new(
        "ISP1208", "trust", "No version is lower than the highest that was ever installed.",
        "Give the plugin a higher version. The operator may allow the lower one once.");

    internal static readonly PluginRefusal SdkRange = new(
        "ISP1301", "gate", "The range `sdk` of the manifest holds the host's version of the SDK.",
        "Test the plugin with that version and widen the range, or update the host.");
    internal static readonly PluginRefusal NoAssembly = new(
        "ISP1302", "gate", "The file that the manifest calls `assembly` is a .NET assembly beside it.",
        "Correct the manifest or the build.");
    internal static readonly PluginRefusal SharedAssembly = new(
        "ISP1303", "gate", "The plugin brings no assembly that all plugins share with the host.",
        "Give the package reference `ExcludeAssets=\"runtime\"`, or the project reference `Private=\"false\"`.");
    internal static readonly PluginRefusal NoReference = new(
        "ISP1304", "gate", "What an assembly refers to is in the package or shared by the host.",
        "Leave `EnableDynamicLoading` on, so that packages of your own are copied.");
    internal static readonly PluginRefusal NewerReference = new(
        "ISP1305", "gate", "What an assembly refers to is not newer than what the host has.",
        "Refer to the host's version or an older one, or update the host.");
    internal static readonly PluginRefusal NotPermitted = new(
        "ISP1306", "gate", "What the code does beyond the SDK is named in the manifest's `permissions`.",
        "Do without it, or name the permission.");
    internal static readonly PluginRefusal NotGranted = new(
        "ISP1307", "gate", "What the manifest asks for is granted by the operator.", "The operator installs it with `--grant PERMISSION`.");

    internal static readonly PluginRefusal NotLoaded = new(
        "ISP1401", "load", "All types of the assembly can be loaded.", "Build against the host's version of what is missing.");
    /// <summary>Another load of the same plugin.</summary>
    public static readonly PluginRefusal AlreadyLoaded = new(
        "ISP1402", "load", "A plugin is loaded once.", "Replace it.");
    internal static readonly PluginRefusal NotServing = new(
        "ISP1403", "load", "Only a plugin that serves is replaced.", "Load it.");
    internal static readonly PluginRefusal EndedTheProcess = new(
        "ISP1404", "load", "The process survives the plugin's load: of two in a row that did not, the next start leaves the plugin out.",
        "Mend it. Other files are tried again at once, and the same ones when the operator says `isphost plugins load`.");
    internal static readonly PluginRefusal NotConfigured = new(
        "ISP1411", "configure", "The entry class configures itself, and everything it contributes can be made, without an exception.",
        "Read the cause; `PluginTestHost` shows it in a test.");
    internal static readonly PluginRefusal NotReady = new(
        "ISP1412", "configure", "That is done within the deadline, a minute.", "Do long work in a job or on the first call.");
    internal static readonly PluginRefusal NotDescribed = new(
        "ISP1421", "describe", "Every endpoint says what it takes and answers.", "Add what is named: see endpoints.md.");
    internal static readonly PluginRefusal NotMigrated = new(
        "ISP1431", "migrate", "The scripts of the plugin's schema run.",
        "Correct the script that is named; what was released gets another step.");
    internal static readonly PluginRefusal NoListener = new(
        "ISP1441", "listen", "The ports of its listeners are free.", "The operator frees the port, or gives another (`Listeners:NAME`).");
    internal static readonly PluginRefusal NotSubscribed = new(
        "ISP1451", "subscribe", "What events it wants can be stored.", "Try again when the database answers.");
    internal static readonly PluginRefusal Taken = new(
        "ISP1461", "switch", "Names and routes are not those of another plugin or of the host.", "Take other names.");
    internal static readonly PluginRefusal NotSwitched = new(
        "ISP1462", "switch", "Nothing of the host's own fails while the plugin is put in its place.",
        "Read the cause; try again when it is gone.");
    internal static readonly PluginRefusal NotRemoved = new(
        "ISP1471", "remove", "Only a plugin that serves is removed.", "There is nothing to do.");

    /// <summary>All, by code.</summary>
    public static IReadOnlyList<PluginRefusal> All { get; } =
    [
        NoArchive, TooManyEntries, TooLarge, TooDense, Name, SameName, Link, NoList, NotListed, NotThere, Changed,
        NoManifest, ManifestField, OtherPlugin,
        Unsigned, NoSignature, UnknownKey, RevokedKey, WrongSignature, LocalKey, OtherPublisher, Downgrade,
        SdkRange, NoAssembly, SharedAssembly, NoReference, NewerReference, NotPermitted, NotGranted,
        NotLoaded, AlreadyLoaded, NotServing, EndedTheProcess,
        NotConfigured, NotReady, NotDescribed, NotMigrated, NoListener, NotSubscribed,
        Taken, NotSwitched, NotRemoved,
    ];

    /// <summary>The exception that says so.</summary>
    /// <param name="plugin">The plugin's id, or what it is known by before its manifest was read.</param>
    /// <param name="reason">Which file or member, and what is wrong with it.</param>
    internal PluginLoadException Of(string plugin, string reason) => new(plugin, this, reason);
}
