using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IspHost.Core.Database;

static class RowVersions
{
    /// <summary>
    /// A change is saved only to the row that was read: PostgreSQL's <c>xmin</c> is another after each change. Raw queries of such a table
    /// select <c>*, xmin</c>.
    /// </summary>
    public static void HasVersion<T>(this EntityTypeBuilder<T> entity) where T : class => entity.Property<uint>("xmin").IsRowVersion();
}
