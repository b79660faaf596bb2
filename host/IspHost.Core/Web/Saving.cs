using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace IspHost.Core.Web;

/// <summary>Lets the database say whether something is there already.</summary>
static class Saving
{
    public static async Task<SaveOutcome> TrySaveAsync(this DbContext db, CancellationToken cancellationToken)
    {
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return SaveOutcome.Saved;
        }
        catch (DbUpdateConcurrencyException)
        {
            return SaveOutcome.Changed;
        }
        catch (DbUpdateException cause) when (cause.InnerException is PostgresException
        {
            SqlState: PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ExclusionViolation
        })
        {
            return SaveOutcome.Duplicate;
        }
        catch (DbUpdateException cause) when (
            cause.InnerException is PostgresException { SqlState: PostgresErrorCodes.ForeignKeyViolation })
        {
            return SaveOutcome.MissingReference;
        }
    }
}

enum SaveOutcome
{
    Saved,
    Duplicate,
    MissingReference,

    /// <summary>Somebody else changed or removed the row since it was read.</summary>
    Changed,
}
