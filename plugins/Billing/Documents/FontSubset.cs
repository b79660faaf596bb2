using System.Runtime.InteropServices;
using HarfBuzzSharp;

namespace IspHost.Plugins.Billing;

/// <summary>Cuts a font down to the characters of one document.</summary>
/// <remarks>
/// Skia embeds a font whole, which makes a page of text half a megabyte and ten times slower. HarfBuzz can cut fonts down, but its
/// binding for .NET does not have that part, so the few functions are called here.
/// </remarks>
static unsafe partial class FontSubset
{
    const string Library = "libHarfBuzzSharp";

    public static byte[] Of(byte[] font, IEnumerable<int> codePoints)
    {
        fixed (byte* data = font)
        {
            using var blob = new Blob((nint)data, font.Length, MemoryMode.ReadOnly);
            using var face = new Face(blob, 0);
            var input = hb_subset_input_create_or_fail();
            if (input == 0)
                throw new InvalidOperationException("HarfBuzz has no memory to cut a font down.");
            try
            {
                var set = hb_subset_input_unicode_set(input);
                foreach (var codePoint in codePoints)
                    hb_set_add(set, (uint)codePoint);
                return Bytes(hb_subset_or_fail(face.Handle, input));
            }
            finally
            {
                hb_subset_input_destroy(input);
            }
        }
    }

    static byte[] Bytes(nint face)
    {
        if (face == 0)
            throw new InvalidOperationException("HarfBuzz could not cut the font down.");
        var blob = hb_face_reference_blob(face);
        try
        {
            var data = hb_blob_get_data(blob, out var length);
            return new ReadOnlySpan<byte>((void*)data, checked((int)length)).ToArray();
        }
        finally
        {
            hb_blob_destroy(blob);
            hb_face_destroy(face);
        }
    }

    [LibraryImport(Library)]
    private static partial nint hb_subset_input_create_or_fail();

    [LibraryImport(Library)]
    private static partial void hb_subset_input_destroy(nint input);

    [LibraryImport(Library)]
    private static partial nint hb_subset_input_unicode_set(nint input);

    [LibraryImport(Library)]
    private static partial void hb_set_add(nint set, uint codePoint);

    [LibraryImport(Library)]
    private static partial nint hb_subset_or_fail(nint face, nint input);

    [LibraryImport(Library)]
    private static partial nint hb_face_reference_blob(nint face);

    [LibraryImport(Library)]
    private static partial void hb_face_destroy(nint face);

    [LibraryImport(Library)]
    private static partial nint hb_blob_get_data(nint blob, out uint length);

    [LibraryImport(Library)]
    private static partial void hb_blob_destroy(nint blob);
}
