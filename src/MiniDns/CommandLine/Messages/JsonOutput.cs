using System.Text.Encodings.Web;
using System.Text.Json;
using MiniDns.Configuration;

namespace MiniDns.CommandLine.Messages;

/// <summary>JSON on standard output.</summary>
internal static class JsonOutput
{
    /// <summary>For people and programs, not for web pages: quotes and arrows may stay as they are.</summary>
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Prints one object and a line's end.</summary>
    /// <param name="write">Writes the object's properties.</param>
    public static Task PrintAsync(Action<Utf8JsonWriter> write) => Console.Out.WriteLineAsync(Format(write));

    /// <summary>Makes the text of one object.</summary>
    /// <param name="write">Writes the object's properties.</param>
    public static string Format(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <summary>Writes an array of texts.</summary>
    public static void WriteStrings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    /// <summary>Writes what there is to say when the Corefile cannot be read: an error without a place in it.</summary>
    public static void WriteFailure(Utf8JsonWriter json, string message)
    {
        json.WriteNumber("errors", 1);
        json.WriteNumber("warnings", 0);
        json.WriteStartArray("findings");
        json.WriteStartObject();
        json.WriteString("severity", "error");
        json.WriteString("message", message);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    /// <summary>Writes errors and warnings.</summary>
    public static void WriteFindings(Utf8JsonWriter json, IReadOnlyList<ConfigDiagnostic> findings)
    {
        json.WriteStartArray("findings");
        foreach (ConfigDiagnostic finding in findings)
        {
            json.WriteStartObject();
            json.WriteString("severity", finding.Severity == DiagnosticSeverity.Error ? "error" : "warning");
            json.WriteString("file", finding.Span.File);
            json.WriteNumber("line", finding.Span.Line);
            json.WriteNumber("column", finding.Span.Column);
            json.WriteString("message", finding.Message);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
