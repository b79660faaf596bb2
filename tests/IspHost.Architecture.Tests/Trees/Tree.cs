namespace IspHost.Architecture.Tests.Trees;

/// <summary>The files of a repository, by their paths from its root: from the disk, or made up to show that a rule bites.</summary>
sealed class Tree
{
    static readonly HashSet<string> Skipped = new(StringComparer.Ordinal)
    {
        "artifacts", "bin", "obj", "node_modules", "TestResults", ".git", ".isphost", ".vs", ".idea",
    };

    readonly SortedDictionary<string, Lazy<string>> files;
    readonly HashSet<string> folders;
    readonly Lazy<IReadOnlyList<Source>> sources;
    readonly Lazy<IReadOnlyList<Project>> projects;

    Tree(IEnumerable<KeyValuePair<string, Lazy<string>>> files)
    {
        this.files = new(new Dictionary<string, Lazy<string>>(files), StringComparer.Ordinal);
        folders = [.. this.files.Keys.SelectMany(Paths.Ancestors)];
        sources = new(() => [.. Files.Where(Source.IsWrittenByHand).Select(path => Source.Parse(path, Text(path)))]);
        projects = new(() => [.. FilesEndingIn(".csproj").Select(path => Project.Read(this, path))]);
    }

    /// <summary>In ordinal order.</summary>
    public IReadOnlyCollection<string> Files => files.Keys;

    public IReadOnlyList<Source> Sources => sources.Value;

    public IReadOnlyList<Project> Projects => projects.Value;

    public static Tree Read(string root) => new(
        Below(new DirectoryInfo(root)).Select(file => KeyValuePair.Create(
            Path.GetRelativePath(root, file.FullName).Replace('\\', '/'),
            new Lazy<string>(() => TextOf(file)))));

    public static Tree Of(params (string Path, string Text)[] files)
        => new(files.Select(file => KeyValuePair.Create(file.Path, new Lazy<string>(file.Text))));

    /// <summary>The same tree with one file more, or with another text in it.</summary>
    public Tree With(string path, string text)
        => new(files.Where(file => file.Key != path).Append(KeyValuePair.Create(path, new Lazy<string>(text))));

    /// <summary>The same tree with the text of one file edited.</summary>
    public Tree Edit(string path, string old, string text)
        => Text(path).Contains(old, StringComparison.Ordinal)
            ? With(path, Text(path).Replace(old, text, StringComparison.Ordinal))
            : throw new ArgumentException($"{path} does not contain '{old}'.", nameof(old));

    public Tree Without(string path) => files.ContainsKey(path)
        ? new(files.Where(file => file.Key != path))
        : throw new ArgumentException($"There is no {path}.", nameof(path));

    public IEnumerable<string> FilesEndingIn(params string[] ends)
        => Files.Where(path => ends.Any(end => path.EndsWith(end, StringComparison.Ordinal)));

    public bool HasFile(string path) => files.ContainsKey(path);

    public bool HasFolder(string path) => path.Length == 0 || folders.Contains(path);

    /// <summary>Empty for a file that is not text.</summary>
    public string Text(string path) => files[path].Value;

    public IReadOnlyList<string> Lines(string path) => Text(path).Split('\n');

    static IEnumerable<FileInfo> Below(DirectoryInfo folder)
        => folder.EnumerateFiles().Concat(folder.EnumerateDirectories().Where(below => !Skipped.Contains(below.Name)).SelectMany(Below));

    static string TextOf(FileInfo file)
    {
        var text = File.ReadAllText(file.FullName);
        return text.Contains('\0') ? "" : text.ReplaceLineEndings("\n");
    }
}
