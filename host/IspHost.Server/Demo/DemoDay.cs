using System.Text;
using IspHost.Simulator;
using NodaTime;

namespace IspHost.Server.Demo;

/// <summary>What a subscriber does on a day.</summary>
static class DemoDay
{
    /// <summary>
    /// The sessions of one subscriber on one day: a short one in the small hours, and a long one that may pass midnight. The same
    /// day always gives the same sessions.
    /// </summary>
    public static IEnumerable<SimulatedSession> Of(DemoCustomer customer, int number, LocalDate day, DateTimeZone zone)
    {
        var dice = new Dice($"{customer.UserName} {day:R}");
        var night = day.At(new LocalTime(1, 0)).PlusMinutes(dice.Roll(150));
        var evening = day.At(new LocalTime(16, 0)).PlusMinutes(dice.Roll(240));
        yield return Make(night, seconds: 1800 + dice.Roll(3600), gigabytes: 1 + dice.Roll(3), "n");
        yield return Make(evening, seconds: 7200 + dice.Roll(14_000), gigabytes: 4 + dice.Roll(12), "e");

        SimulatedSession Make(LocalDateTime start, int seconds, int gigabytes, string mark) => new(
            $"{day:yyyyMMdd}{mark}{number:X4}", customer.UserName, customer.Password, (uint)number, start.InZoneLeniently(zone).ToInstant(),
            seconds,
            Up: (gigabytes * 90_000_000L) + dice.Roll(50_000_000), Down: (gigabytes * 1_000_000_000L) + dice.Roll(900_000_000),
            Reports: 2 + dice.Roll(3));
    }
}

/// <summary>Numbers that look thrown and are the same each time, on any machine.</summary>
sealed class Dice
{
    uint state;

    /// <param name="seed">FNV-1a of it is the first state.</param>
    public Dice(string seed) => state = Encoding.UTF8.GetBytes(seed).Aggregate(2166136261u, (hash, octet) => (hash ^ octet) * 16777619u);

    /// <summary>From 0 up to, but not including, the limit.</summary>
    public int Roll(int limit)
    {
        // Xorshift, Marsaglia 2003: the state is never 0, since FNV-1a gives 0 for no seed used here.
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        return (int)(state % (uint)limit);
    }
}
