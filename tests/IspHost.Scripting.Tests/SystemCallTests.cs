using System.Runtime.InteropServices;
using IspHost.ScriptWorker.Limits;

namespace IspHost.Scripting.Tests;

/// <summary>The kernel's filter is a program, and is run here: for both architectures, on any machine.</summary>
public sealed class SystemCallTests
{
    const uint Allow = 0x7fff0000, Refuse = 0x00050001, Kill = 0x80000000;
    const int Self = 4711, Other = 4712;

    [Theory]
    [InlineData(Architecture.X64, 200u, "tkill")]
    [InlineData(Architecture.Arm64, 130u, "tkill")]
    [InlineData(Architecture.X64, 144u, "sched_setscheduler")]
    [InlineData(Architecture.Arm64, 119u, "sched_setscheduler")]
    [InlineData(Architecture.X64, 142u, "sched_setparam")]
    [InlineData(Architecture.Arm64, 118u, "sched_setparam")]
    [InlineData(Architecture.X64, 314u, "sched_setattr")]
    [InlineData(Architecture.Arm64, 274u, "sched_setattr")]
    [InlineData(Architecture.X64, 141u, "setpriority")]
    [InlineData(Architecture.Arm64, 140u, "setpriority")]
    [InlineData(Architecture.X64, 29u, "shmget")]
    [InlineData(Architecture.Arm64, 194u, "shmget")]
    [InlineData(Architecture.X64, 30u, "shmat")]
    [InlineData(Architecture.Arm64, 196u, "shmat")]
    [InlineData(Architecture.X64, 68u, "msgget")]
    [InlineData(Architecture.Arm64, 186u, "msgget")]
    [InlineData(Architecture.X64, 64u, "semget")]
    [InlineData(Architecture.Arm64, 190u, "semget")]
    [InlineData(Architecture.X64, 240u, "mq_open")]
    [InlineData(Architecture.Arm64, 180u, "mq_open")]
    [InlineData(Architecture.X64, 62u, "kill")]
    [InlineData(Architecture.Arm64, 129u, "kill")]
    public void Other_processes_are_out_of_reach(Architecture architecture, uint call, string name)
        => Assert.True(Run(architecture, call, Self) == Refuse, name);

    [Theory]
    [InlineData(Architecture.X64, 234u)]
    [InlineData(Architecture.Arm64, 131u)]
    public void A_signal_goes_to_threads_of_the_worker_alone(Architecture architecture, uint tgkill)
    {
        Assert.Equal(Allow, Run(architecture, tgkill, Self));
        Assert.Equal(Refuse, Run(architecture, tgkill, Other));
    }

    [Theory]
    [InlineData(Architecture.X64, 302u, "prlimit64")]
    [InlineData(Architecture.Arm64, 261u, "prlimit64")]
    [InlineData(Architecture.X64, 203u, "sched_setaffinity")]
    [InlineData(Architecture.Arm64, 122u, "sched_setaffinity")]
    public void Limits_and_processors_are_set_for_the_worker_alone(Architecture architecture, uint call, string name)
    {
        Assert.True(Run(architecture, call, 0) == Allow, name);
        Assert.True(Run(architecture, call, Other) == Refuse, name);
    }

    [Theory]
    [InlineData(Architecture.X64, 0u)]
    [InlineData(Architecture.Arm64, 63u)]
    public void Reading_goes_on(Architecture architecture, uint read) => Assert.Equal(Allow, Run(architecture, read, 0));

    [Fact]
    public void Calls_of_another_architecture_end_the_worker()
    {
        var other = Numbers.Of(Architecture.X64)!.Architecture;

        Assert.Equal(Kill, Run(Seccomp.Program(Numbers.Of(Architecture.Arm64)!, Self), other, 0, 0));
    }

    static uint Run(Architecture architecture, uint call, int first)
    {
        var numbers = Numbers.Of(architecture)!;
        return Run(Seccomp.Program(numbers, Self), numbers.Architecture, call, first);
    }

    /// <summary>The five instructions of the kernel's machine that the filter uses.</summary>
    static uint Run(IEnumerable<Seccomp.Instruction> program, uint architecture, uint call, int first)
    {
        var code = program.ToArray();
        uint value = 0;
        for (var at = 0; ; at++)
        {
            var (operation, constant) = (code[at].Code, code[at].Value);
            if (operation == 0x06)
                return constant;
            if (operation == 0x20)
            {
                value = constant switch { 0 => call, 4 => architecture, 16 => (uint)first, _ => 0 };
                continue;
            }

            var isTrue = operation switch { 0x15 => value == constant, 0x35 => value >= constant, _ => (value & constant) != 0 };
            at += isTrue ? code[at].IfTrue : code[at].IfFalse;
        }
    }
}
