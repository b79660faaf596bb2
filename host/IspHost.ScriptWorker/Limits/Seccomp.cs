using System.Runtime.InteropServices;

namespace IspHost.ScriptWorker.Limits;

/// <summary>A filter in the kernel, on every thread: no sockets, no programs, no other processes, no writing of files.</summary>
/// <remarks>
/// The worker keeps the one connection that it has; a new one could reach a database's Unix socket. The filter names what is
/// refused, because the runtime's own needs change from version to version: it is one layer, below those that refuse the script.
/// </remarks>
static class Seccomp
{
    const uint Allow = 0x7fff0000, Kill = 0x80000000, Errno = 0x00050000, Eperm = 1, Enosys = 38;
    const uint DataNumber = 0, DataArchitecture = 4, DataFirst = 16, DataSecond = 24, DataThird = 32;
    const uint CloneThread = 0x00010000, OpenWrites = 1 | 2 | 0x40 | 0x200;
    const uint X32Bit = 0x40000000;

    public static unsafe bool TryInstall(Architecture architecture)
    {
        if (Numbers.Of(architecture) is not { } numbers)
            return false;
        var program = Program(numbers, Environment.ProcessId).ToArray();
        fixed (Instruction* first = program)
        {
            var filter = new Filter { Length = (ushort)program.Length, First = first };
            const int setModeFilter = 1, allThreads = 1;
            return Libc.SystemCall(numbers.Seccomp, setModeFilter, allThreads, &filter) == 0;
        }
    }

    internal static IEnumerable<Instruction> Program(Numbers numbers, int process)
    {
        yield return Instruction.Load(DataArchitecture);
        yield return Instruction.SkipIfEqual(numbers.Architecture, 1);
        yield return Instruction.Return(Kill);
        yield return Instruction.Load(DataNumber);
        yield return Instruction.SkipIfLess(X32Bit, 1);
        yield return Instruction.Return(Kill);
        foreach (var refused in numbers.Refused)
        {
            yield return Instruction.SkipUnlessEqual(refused, 1);
            yield return Instruction.Return(Errno | Eperm);
        }

        // The flags of clone3 lie in memory, where a filter cannot look: without it the C library falls back to clone.
        yield return Instruction.SkipUnlessEqual(numbers.Clone3, 1);
        yield return Instruction.Return(Errno | Enosys);
        foreach (var instruction in OnFlags(numbers.Clone, DataFirst, CloneThread, refuseIfSet: false))
            yield return instruction;
        foreach (var instruction in OnlyFor(numbers.SignalThread, (uint)process))
            yield return instruction;
        foreach (var instruction in numbers.OfItself.SelectMany(call => OnlyFor(call, process: 0)))
            yield return instruction;
        foreach (var instruction in OnFlags(numbers.OpenAt, DataThird, OpenWrites, refuseIfSet: true))
            yield return instruction;
        if (numbers.Open is { } open)
            foreach (var instruction in OnFlags(open, DataSecond, OpenWrites, refuseIfSet: true))
                yield return instruction;
        yield return Instruction.Return(Allow);
    }

    static IEnumerable<Instruction> OnFlags(uint number, uint argument, uint flags, bool refuseIfSet)
    {
        yield return Instruction.SkipUnlessEqual(number, 4);
        yield return Instruction.Load(argument);
        yield return Instruction.SkipIfAnySet(flags, refuseIfSet ? (byte)0 : (byte)1, refuseIfSet ? (byte)1 : (byte)0);
        yield return Instruction.Return(Errno | Eperm);
        yield return Instruction.Return(Allow);
    }

    /// <summary>A call that names a process in its first argument, let through for this one alone.</summary>
    static IEnumerable<Instruction> OnlyFor(uint number, uint process)
    {
        yield return Instruction.SkipUnlessEqual(number, 4);
        yield return Instruction.Load(DataFirst);
        yield return Instruction.SkipUnlessEqual(process, 1);
        yield return Instruction.Return(Allow);
        yield return Instruction.Return(Errno | Eperm);
    }

    [StructLayout(LayoutKind.Sequential)]
    internal readonly struct Instruction(ushort code, byte ifTrue, byte ifFalse, uint value)
    {
        public readonly ushort Code = code;
        public readonly byte IfTrue = ifTrue, IfFalse = ifFalse;
        public readonly uint Value = value;

        public static Instruction Load(uint offset) => new(0x20, 0, 0, offset);

        public static Instruction SkipIfEqual(uint value, byte skip) => new(0x15, skip, 0, value);

        public static Instruction SkipUnlessEqual(uint value, byte skip) => new(0x15, 0, skip, value);

        public static Instruction SkipIfLess(uint value, byte skip) => new(0x35, 0, skip, value);

        public static Instruction SkipIfAnySet(uint bits, byte ifSet, byte ifNot) => new(0x45, ifSet, ifNot, bits);

        public static Instruction Return(uint action) => new(0x06, 0, 0, action);
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct Filter
    {
        public ushort Length;
        public Instruction* First;
    }
}
