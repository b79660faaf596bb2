using System.Globalization;
using System.Text;

namespace IspHost.ScriptWorker.Compile;

/// <summary>Looks through a source before any compiler does: some texts kill or stall a parser that reads them.</summary>
/// <remarks>
/// A scanner of its own, without recursion: it knows comments, texts of every kind and brackets, and counts what a parser or
/// binder would nest. A chain is what stands between separators on one level: operators, member accesses and opening brackets.
/// </remarks>
sealed class SourceScan(string source, CompileBounds bounds)
{
    const int LongestText = 8_000;

    readonly Stack<Level> levels = new([new Level('\0', 0)]);
    int position;
    int links;
    int textDepth;

    /// <summary>The first reason to refuse the source, if there is one.</summary>
    public Finding? Find()
    {
        if (Encoding.UTF8.GetByteCount(source) > bounds.SourceBytes)
            return new Finding(Codes.Size, 1, 1, $"The script is longer than {bounds.SourceBytes} bytes.");
        try
        {
            CheckCharacters();
            ScanCode();
            return null;
        }
        catch (Refused refused)
        {
            return refused.Finding;
        }
    }

    void CheckCharacters()
    {
        for (; position < source.Length; position++)
        {
            var c = source[position];
            var hidden = char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse;
            if (hidden || (char.IsControl(c) && c is not ('\n' or '\t') && !(c == '\r' && Next() == '\n')))
                throw Refuse(Codes.Characters, $"The character U+{(int)c:X4} cannot be seen, so it must not be in a script.");
        }

        position = 0;
    }

    void ScanCode()
    {
        while (position < source.Length)
            Step(source[position]);
    }

    void Step(char c)
    {
        if (c == '/' && Next() == '/')
            SkipTo("\n");
        else if (c == '/' && Next() == '*')
            SkipTo("*/");
        else if (c is '"' or '$' or '@' && TryText())
            return;
        else if (c == '\'')
            Character();
        else if (c == '#')
            throw Refuse(Codes.Directive, "Directives are not part of price scripts.");
        else if (c == '\\')
            throw Refuse(Codes.Characters, "An identifier is written with an escape.");
        else if (c > 127 && !char.IsWhiteSpace(c))
            throw Refuse(Codes.Characters, $"Outside of texts and comments a script is ASCII; this is U+{(int)c:X4}.");
        else
            Symbol(c);
    }

    void Symbol(char c)
    {
        if (c is '(' or '[' or '{')
            Open(c);
        else if (c is ')' or ']' or '}')
            Close(c);
        else if (c is ';' or ',')
            links = 0;
        else if (c == ':' && levels.Peek().IsHole)
            SkipFormat();
        else if (IsLink(c) && ++links > bounds.ChainLength)
            throw Refuse(Codes.Size, $"More than {bounds.ChainLength} operators or member accesses in one expression.");
        position++;
    }

    /// <summary>A word counts too: <c>not not not</c> nests as operators do.</summary>
    bool IsLink(char c) => c is '+' or '-' or '*' or '/' or '%' or '&' or '|' or '^' or '<' or '>' or '=' or '!' or '?' or ':' or '~' or '.'
        || (char.IsAsciiLetter(c) && (position == 0 || !IsWord(source[position - 1])));

    static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    void Open(char bracket)
    {
        if (++links > bounds.ChainLength)
            throw Refuse(Codes.Size, $"More than {bounds.ChainLength} operators or member accesses in one expression.");
        if (levels.Count > bounds.Nesting)
            throw Refuse(Codes.Size, $"Brackets are nested deeper than {bounds.Nesting}.");
        levels.Push(new Level(bracket, links));
        links = 0;
    }

    /// <summary>A closing bracket too many is the parser's to report. A hole's brace ends the hole, and its text goes on.</summary>
    void Close(char bracket)
    {
        if (levels.Count == 1)
            return;
        var level = levels.Pop();
        links = bracket == '}' && !level.IsHole ? 0 : level.Links;
        if (bracket != '}' || !level.IsHole)
            return;
        position++;
        textDepth--;
        ContinueText(level.Text);
        position--;
    }

    void SkipTo(string end)
    {
        var found = source.IndexOf(end, position + 2, StringComparison.Ordinal);
        position = found < 0 ? source.Length : found + end.Length;
    }

    void Character()
    {
        position++;
        while (position < source.Length && source[position] is not ('\'' or '\n'))
            position += source[position] == '\\' ? 2 : 1;
        position++;
    }

    /// <summary>A text begins with quotes after any of <c>$</c> and <c>@</c>; else the <c>@</c> belongs to an identifier.</summary>
    bool TryText()
    {
        var start = position;
        var (dollars, verbatim) = (0, false);
        while (position < source.Length && source[position] is '$' or '@')
        {
            dollars += source[position] == '$' ? 1 : 0;
            verbatim |= source[position++] == '@';
        }

        var quotes = Run('"');
        if (quotes == 0)
        {
            position = start;
            Symbol(source[position]);
            return true;
        }

        // Two quotes are an empty text and three begin a raw one; but after @ they stand for quotes in the text.
        var form = new TextForm(verbatim || quotes < 3 ? 1 : quotes, dollars, verbatim);
        position += form.Quotes;
        ContinueText(form);
        return true;
    }

    void ContinueText(TextForm form)
    {
        var start = position;
        while (position < source.Length)
        {
            if (position - start > LongestText)
                throw Refuse(Codes.Constant, $"A text is longer than {LongestText} characters.");
            if (TryEndText(form) || TryHole(form))
                return;
        }
    }

    bool TryEndText(TextForm form)
    {
        var c = source[position];
        if (c == '\n' && form is { Quotes: 1, Verbatim: false })
            return true; // The parser reports that the text has no end.
        if (c == '\\' && form is { Quotes: 1, Verbatim: false })
            position += 2;
        else if (c == '"')
            return EndQuotes(form);
        else if (c != '{' || form.Dollars == 0)
            position++;
        return false;
    }

    bool EndQuotes(TextForm form)
    {
        var quotes = Run('"');
        if (form.Quotes == 1 && form.Verbatim && quotes > 1)
        {
            position += 2;
            return false;
        }

        position += form.Quotes == 1 ? 1 : quotes;
        return quotes >= form.Quotes;
    }

    bool TryHole(TextForm form)
    {
        if (form.Dollars == 0 || position >= source.Length || source[position] != '{')
            return false;
        var braces = Run('{');
        if (form.Quotes == 1 && braces >= 2)
        {
            position += 2;
            return false;
        }

        position += braces;
        if (form.Quotes > 1 && braces < form.Dollars)
            return false;
        if (++textDepth > 4)
            throw Refuse(Codes.Size, "Texts are nested in texts too deep.");
        if (levels.Count > bounds.Nesting)
            throw Refuse(Codes.Size, $"Brackets are nested deeper than {bounds.Nesting}.");
        levels.Push(new Level('{', links, form));
        links = 0;
        return true;
    }

    /// <summary>What follows a colon in a hole is a format, not code; a hole's conditional must be in brackets anyway.</summary>
    void SkipFormat()
    {
        while (position + 1 < source.Length && source[position + 1] is not ('}' or '"' or '\n'))
            if (source[++position] is '(' or '[' or '{')
                throw Refuse(Codes.Format, "A format has no brackets.");
    }

    char Next() => position + 1 < source.Length ? source[position + 1] : '\0';

    int Run(char c)
    {
        var end = position;
        while (end < source.Length && source[end] == c)
            end++;
        return end - position;
    }

    Refused Refuse(string code, string text)
    {
        var before = source.AsSpan(0, Math.Min(position, source.Length));
        return new Refused(new Finding(code, before.Count('\n') + 1, before.Length - before.LastIndexOf('\n'), text));
    }

    readonly record struct TextForm(int Quotes, int Dollars, bool Verbatim);

    readonly record struct Level(char Bracket, int Links, TextForm Text = default)
    {
        public bool IsHole => Text.Quotes > 0;
    }

    sealed class Refused(Finding finding) : Exception
    {
        public Finding Finding => finding;
    }
}
