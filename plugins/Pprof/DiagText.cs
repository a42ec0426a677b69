using System.Globalization;
using System.Text;
using System.Text.Json;

namespace MiniDns.Plugins.Pprof;

/// <summary>Writes sections for people, or for programs.</summary>
internal static class DiagText
{
    private const string Octets = "octets";

    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    /// <summary>Lines with the figures in a column.</summary>
    public static string Write(IEnumerable<DiagSection> sections)
    {
        var text = new StringBuilder();
        foreach (DiagSection section in sections)
        {
            text.Append(section.Title).Append('\n');
            foreach (DiagRow row in section.Rows)
            {
                text.Append(CultureInfo.InvariantCulture, $"  {Figure(row),14}  {row.Name}");
                if (row.Note.Length > 0)
                {
                    text.Append("  ").Append(row.Note);
                }

                text.Append('\n');
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    /// <summary>An object with a list for each section.</summary>
    public static string WriteJson(IEnumerable<DiagSection> sections)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Indented))
        {
            writer.WriteStartObject();
            foreach (DiagSection section in sections)
            {
                writer.WriteStartArray(section.Title);
                foreach (DiagRow row in section.Rows)
                {
                    writer.WriteStartObject();
                    writer.WriteString("name", row.Name);
                    writer.WriteNumber("value", double.IsFinite(row.Value) ? row.Value : 0);
                    if (row.Unit.Length > 0)
                    {
                        writer.WriteString("unit", row.Unit);
                    }

                    if (row.Note.Length > 0)
                    {
                        writer.WriteString("note", row.Note);
                    }

                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static string Figure(DiagRow row)
    {
        if (row.Unit == Octets)
        {
            return Math.Abs(row.Value) switch
            {
                >= 1L << 30 => string.Create(CultureInfo.InvariantCulture, $"{row.Value / (1L << 30):0.00} GiB"),
                >= 1L << 20 => string.Create(CultureInfo.InvariantCulture, $"{row.Value / (1L << 20):0.0} MiB"),
                >= 1L << 10 => string.Create(CultureInfo.InvariantCulture, $"{row.Value / (1L << 10):0.0} KiB"),
                _ => string.Create(CultureInfo.InvariantCulture, $"{row.Value:0} B"),
            };
        }

        string number = row.Value.ToString(Math.Abs(row.Value) >= 100 || row.Value == Math.Floor(row.Value) ? "0" : "0.###", CultureInfo.InvariantCulture);
        return row.Unit.Length == 0 ? number : number + " " + row.Unit;
    }
}
