using System.Diagnostics;
using System.Globalization;

namespace IspHost.EmbeddedPostgres;

/// <summary>A user of the system, other than root, that programs are started as when root starts them.</summary>
/// <param name="Name">None if the number is all there is of it.</param>
/// <param name="Id">Its number.</param>
/// <param name="Group">The number of its group.</param>
sealed record SystemUser(string? Name, uint Id, uint Group)
{
    const string Users = "/etc/passwd";

    static readonly string[] SetPrivPlaces = ["/usr/bin/setpriv", "/bin/setpriv"];

    /// <summary>Of util-linux: starts a program by the numbers of its user, who needs no name and no entry anywhere.</summary>
    public static string? SetPriv { get; } = SetPrivPlaces.FirstOrDefault(File.Exists);

    public static bool IsRoot => !OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess;

    /// <summary>The user of this name if the machine has one, else the one with this number, which nobody else has.</summary>
    /// <exception cref="InvalidOperationException">Somebody else has the number.</exception>
    public static SystemUser Of(string name, uint number)
    {
        if (Find(name) is { } named)
            return named;
        if (All().FirstOrDefault(user => user.Id == number) is { } taken)
            throw new InvalidOperationException(
                $"User id {number} is '{taken.Name}' here, and would be shared: add a system user '{name}'.");
        return new SystemUser(null, number, number);
    }

    public static SystemUser? Find(string name) => All().FirstOrDefault(user => user.Name == name);

    /// <summary>Has the program started as this user, without rights that it could get back.</summary>
    public ProcessStartInfo Start(string program, IEnumerable<string> arguments)
    {
        var id = Id.ToString(CultureInfo.InvariantCulture);
        var group = Group.ToString(CultureInfo.InvariantCulture);
        return new ProcessStartInfo(
            SetPriv ?? throw new InvalidOperationException("There is no setpriv to start programs as another user by: install util-linux."),
            [
                $"--reuid={id}", $"--regid={group}", "--clear-groups", "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all", "--",
                program, .. arguments,
            ]);
    }

    static IEnumerable<SystemUser> All()
        => File.Exists(Users)
            ? File.ReadLines(Users).Select(line => line.Split(':')).Where(fields => fields.Length > 3).Select(Read).OfType<SystemUser>()
            : [];

    static SystemUser? Read(string[] fields)
        => uint.TryParse(fields[2], CultureInfo.InvariantCulture, out var id)
            && uint.TryParse(fields[3], CultureInfo.InvariantCulture, out var group)
            ? new SystemUser(fields[0], id, group)
            : null;
}
