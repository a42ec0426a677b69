using System.Globalization;

namespace MiniDns.Protocol.Security;

/// <summary>The text of a private key as BIND's <c>dnssec-keygen</c> writes it (<c>K*.private</c>): lines of <c>Name: value</c>.</summary>
/// <remarks>No message holds a value.</remarks>
public sealed class PrivateKeyText
{
    private readonly Dictionary<string, (string Value, int Line, int Column)> _fields = new(StringComparer.Ordinal);

    private PrivateKeyText()
    {
    }

    /// <summary>Reads the text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="problems">What is wrong, with line and column from 1.</param>
    public static PrivateKeyText Read(string text, out IReadOnlyList<(int Line, int Column, string Message)> problems)
    {
        var read = new PrivateKeyText();
        List<(int, int, string)> wrong = [];
        int number = 0;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            number++;
            ReadOnlySpan<char> trimmed = line.Trim();
            if (trimmed.IsEmpty || trimmed[0] is ';' or '#')
            {
                continue;
            }

            int colon = line.IndexOf(':');
            int first = line.Length - line.TrimStart().Length;
            if (colon < 0)
            {
                wrong.Add((number, first + 1, "a line 'Name: value' is expected, as dnssec-keygen writes them"));
                continue;
            }

            ReadOnlySpan<char> value = line[(colon + 1)..];
            int column = colon + 2 + (value.Length - value.TrimStart().Length);
            if (!read._fields.TryAdd(line[..colon].Trim().ToString(), (value.Trim().ToString(), number, column)))
            {
                wrong.Add((number, first + 1, $"'{line[..colon].Trim()}' stands twice"));
            }
        }

        if (wrong.Count == 0 && !read._fields.ContainsKey("Private-key-format"))
        {
            wrong.Add((1, 1, "the line 'Private-key-format: v1.3' is missing; is this a private key of dnssec-keygen?"));
        }

        problems = wrong;
        return read;
    }

    /// <summary>Where a field's value stands, with line and column from 1; the text's start when there is no such field.</summary>
    public (int Line, int Column) PlaceOf(string field) => _fields.TryGetValue(field, out (string, int Line, int Column) found) ? (found.Line, found.Column) : (1, 1);

    /// <summary>The number of the algorithm; null when there is none.</summary>
    internal byte? Algorithm =>
        _fields.TryGetValue("Algorithm", out (string Value, int, int) found)
        && byte.TryParse(found.Value.Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out byte number) ? number : null;

    /// <summary>The octets of a field in base64; null when there is none, or it is something else.</summary>
    internal byte[]? Octets(string field)
    {
        if (!_fields.TryGetValue(field, out (string Value, int, int) found))
        {
            return null;
        }

        byte[] octets = new byte[((found.Value.Length / 4) + 1) * 3];
        return Convert.TryFromBase64String(found.Value, octets, out int length) && length > 0 ? octets[..length] : null;
    }
}
