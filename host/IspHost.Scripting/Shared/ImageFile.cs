namespace IspHost.Scripting.Shared;

/// <summary>A compiled script as bytes: four letters, the members it names, and the assembly.</summary>
static class ImageFile
{
    const int Header = 6;

    public static byte[] Write(ItemMembers members, ReadOnlySpan<byte> assembly)
    {
        var image = new byte[Header + assembly.Length];
        "ISPS"u8.CopyTo(image);
        image[4] = (byte)members;
        image[5] = (byte)((ushort)members >> 8);
        assembly.CopyTo(image.AsSpan(Header));
        return image;
    }

    public static bool TryRead(ReadOnlySpan<byte> image, out ItemMembers members, out ReadOnlySpan<byte> assembly)
    {
        members = ItemMembers.None;
        assembly = default;
        if (image.Length <= Header || !image.StartsWith("ISPS"u8))
            return false;
        members = (ItemMembers)(image[4] | image[5] << 8);
        assembly = image[Header..];
        return (members & ~ItemMembers.All) == 0;
    }
}
