namespace IspHost.Core.Web;

/// <summary>Text without control characters, of which PostgreSQL stores no NUL.</summary>
static class PlainText
{
    public static bool IsPlain(string text)
    {
        foreach (var character in text)
        {
            if (char.IsControl(character) && character is not ('\t' or '\n' or '\r'))
                return false;
        }
        return true;
    }
}
