using System.Text.Json;

namespace MiniDns.Cluster.Api;

/// <summary>Goes through JSON field by field. What is of another type than expected counts as absent, and is passed over.</summary>
internal static class JsonFields
{
    /// <summary>Goes to the next property of an object; false at the object's end.</summary>
    public static bool NextProperty(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    /// <summary>Goes to the next item of an array; false at the array's end.</summary>
    public static bool NextItem(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType != JsonTokenType.EndArray;

    /// <summary>Goes to the value of a property; one that is no object is passed over.</summary>
    public static bool EnterObject(ref Utf8JsonReader reader)
    {
        reader.Read();
        return IsObject(ref reader);
    }

    /// <summary>Goes to the value of a property; one that is no array is passed over.</summary>
    public static bool EnterArray(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            return true;
        }

        reader.Skip();
        return false;
    }

    /// <summary>True when the reader stands on an object; anything else is passed over.</summary>
    public static bool IsObject(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            return true;
        }

        reader.Skip();
        return false;
    }

    /// <summary>The text of the property that the reader stands on; empty when it is no text.</summary>
    public static ReadOnlySpan<byte> Text(ref Utf8JsonReader reader, Span<byte> scratch)
    {
        reader.Read();
        return Here(ref reader, scratch);
    }

    /// <summary>The text that the reader stands on; empty when it is no text.</summary>
    public static ReadOnlySpan<byte> Here(ref Utf8JsonReader reader, Span<byte> scratch)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return Unescaped(ref reader, scratch);
        }

        reader.Skip();
        return default;
    }

    /// <summary>The text or name that the reader stands on; empty when it has escapes and is longer than the room for it.</summary>
    public static ReadOnlySpan<byte> Unescaped(ref Utf8JsonReader reader, Span<byte> scratch)
    {
        if (!reader.ValueIsEscaped)
        {
            return reader.ValueSpan;
        }

        // Unescaping never makes a text longer.
        return reader.ValueSpan.Length <= scratch.Length ? scratch[..reader.CopyString(scratch)] : default;
    }

    /// <summary>Copies a text that must outlive the next one; one too long to be of use counts as empty.</summary>
    public static int Keep(ReadOnlySpan<byte> text, Span<byte> to) => text.TryCopyTo(to) ? text.Length : 0;
}
