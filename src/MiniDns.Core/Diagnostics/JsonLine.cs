using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MiniDns.Diagnostics;

/// <summary>Puts one line of a structured log together: a JSON object in memory that each thread keeps, so that a line allocates nothing.</summary>
/// <remarks>Text that is no UTF-8 gets replacement characters, and control characters are escaped: whatever a client sends, a line stays a line.</remarks>
[SuppressMessage("Design", "CA1001", Justification = "It lives as long as its thread, and its writer holds nothing but memory.")]
public sealed class JsonLine
{
    private const int FirstSize = 1024;

    private static readonly JsonEncodedText Time = JsonEncodedText.Encode("time");
    private static readonly JsonEncodedText Level = JsonEncodedText.Encode("level");

    // Nobody puts these lines into a web page.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static JsonLine? t_line;

    private readonly ArrayBufferWriter<byte> _buffer = new(FirstSize);
    private readonly Utf8JsonWriter _json;

    private JsonLine() => _json = new Utf8JsonWriter(_buffer, Options);

    /// <summary>Writes the object's properties.</summary>
    public Utf8JsonWriter Json => _json;

    /// <summary>Begins the thread's line, with the properties <c>time</c> (UTC) and <c>level</c>.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="level">The level, <c>info</c>.</param>
    /// <returns>The line; one at a time on a thread.</returns>
    public static JsonLine Begin(TimeProvider time, JsonEncodedText level)
    {
        JsonLine line = t_line ??= new JsonLine();
        line._buffer.ResetWrittenCount();
        line._json.Reset();
        line._json.WriteStartObject();
        Span<byte> now = stackalloc byte[40];
        time.GetUtcNow().UtcDateTime.TryFormat(now, out int length, "O", CultureInfo.InvariantCulture);
        line._json.WriteString(Time, now[..length]);
        line._json.WriteString(Level, level);
        return line;
    }

    /// <summary>Ends the object.</summary>
    /// <returns>The line without its end; good until the thread begins another one.</returns>
    public ReadOnlySpan<byte> End()
    {
        _json.WriteEndObject();
        _json.Flush();
        return _buffer.WrittenSpan;
    }
}
