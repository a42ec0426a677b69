namespace MiniDns.Plugins.Template.Engine;

/// <summary>Text that is being written, up to a limit.</summary>
/// <param name="limit">The most characters.</param>
internal sealed class TemplateText(int limit)
{
    private const int Kept = 4096;

    private char[] _text = [];

    /// <summary>The text so far.</summary>
    public ReadOnlySpan<char> Span => _text.AsSpan(0, Length);

    /// <summary>Its length in characters.</summary>
    public int Length { get; private set; }

    /// <summary>True when something did not fit and was left out.</summary>
    public bool IsOverflown { get; private set; }

    /// <summary>Appends characters; none of them when they do not fit.</summary>
    public void Append(ReadOnlySpan<char> text)
    {
        if (Length + text.Length > limit)
        {
            IsOverflown = true;
            return;
        }

        if (Length + text.Length > _text.Length)
        {
            Array.Resize(ref _text, Math.Min(limit, Math.Max(256, (Length + text.Length) * 2)));
        }

        text.CopyTo(_text.AsSpan(Length));
        Length += text.Length;
    }

    /// <summary>Appends a character some times.</summary>
    public void Append(char character, int count = 1)
    {
        if (count > limit - Length)
        {
            IsOverflown = true;
            return;
        }

        Span<char> one = [character];
        for (int i = 0; i < count; i++)
        {
            Append(one);
        }
    }

    /// <summary>Appends a value as it is written by default in a culture of no country.</summary>
    public void Append<T>(T value, ReadOnlySpan<char> format)
        where T : ISpanFormattable
    {
        Span<char> text = stackalloc char[400];
        if (value.TryFormat(text, out int written, format, System.Globalization.CultureInfo.InvariantCulture))
        {
            Append(text[..written]);
        }
        else
        {
            IsOverflown = true;
        }
    }

    /// <summary>Starts anew.</summary>
    public void Clear()
    {
        Length = 0;
        IsOverflown = false;
        if (_text.Length > Kept)
        {
            _text = [];
        }
    }
}
